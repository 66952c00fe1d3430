import * as z from 'zod'
import { batchSize, followConfig } from '#src/config/follow-config.ts'

export const configSchema = z.strictObject({
  ...followConfig({
    include: ['~/.claude/projects/**/*.jsonl', '~/.codex/sessions/**/rollout-*.jsonl'],
    maxLineSize: '64MiB',
  }),
  batch_lines: batchSize(256, 'lines'),
})

export type Config = z.infer<typeof configSchema>
