import * as z from 'zod'
import { durationMs, sizeBytes } from '#src/config/units.ts'

const DEFAULT_INCLUDE = [
  '~/.claude/telemetry/{traces,evaluations,logs}-*.jsonl',
  '~/.claude-history/telemetry/{traces,evaluations,logs}-*.jsonl',
]

export const configSchema = z.strictObject({
  include: z
    .array(z.string().min(1))
    .min(1)
    .default(DEFAULT_INCLUDE)
    .describe('Files to read: paths or globs with `*`, `?`, `[…]`, `**` and `{a,b}`; `~` is the home directory.'),
  exclude: z.array(z.string().min(1)).default([]).describe('Paths or globs of files that are left out.'),
  follow: z
    .boolean()
    .default(true)
    .describe('Whether to wait for new lines and files; if not, what is there is read once, up to its last byte.'),
  max_line_size: sizeBytes({ default: '16MiB' }).describe('Longer lines are skipped and counted.'),
  poll_interval: durationMs({ default: '1s' })
    .refine((ms) => ms >= 10, { error: 'expected at least 10ms' })
    .describe('How often to look at the files even when the system reports no change.'),
  // A batch of more than a young generation's first megabyte outlives it: V8 then takes spans for long-lived, and every
  // one of them has to be collected the hard way.
  batch_lines: z.int().positive().max(100_000).default(128).describe('Most items that are handed on at once.'),
})

export type Config = z.infer<typeof configSchema>
