import * as z from 'zod'
import { batchSize, followConfig } from '#src/config/follow-config.ts'

export const configSchema = z.strictObject({
  ...followConfig({
    include: [
      '~/.claude/telemetry/{traces,evaluations,logs}-*.jsonl',
      '~/.claude-history/telemetry/{traces,evaluations,logs}-*.jsonl',
    ],
    maxLineSize: '16MiB',
  }),
  // A batch of more than a young generation's first megabyte outlives it: V8 then takes spans for long-lived, and every
  // one of them has to be collected the hard way.
  batch_lines: batchSize(128, 'items'),
})

export type Config = z.infer<typeof configSchema>
