import * as z from 'zod'
import { durationMs, sizeBytes } from './units.ts'

/** What the configurations of receivers of files have in common. */
export function followConfig({
  include,
  maxLineSize,
}: {
  readonly include: readonly string[]
  readonly maxLineSize: string
}) {
  return {
    include: z
      .array(z.string().min(1))
      .min(1)
      .default([...include])
      .describe('Files to read: paths or globs with `*`, `?`, `[…]`, `**` and `{a,b}`; `~` is the home directory.'),
    exclude: z.array(z.string().min(1)).default([]).describe('Paths or globs of files that are left out.'),
    follow: z
      .boolean()
      .default(true)
      .describe('Whether to wait for new lines and files; if not, what is there is read once, up to its last byte.'),
    max_line_size: sizeBytes({ default: maxLineSize }).describe('Longer lines are skipped and counted.'),
    poll_interval: durationMs({ default: '1s' })
      .refine((ms) => ms >= 10, { error: 'expected at least 10ms' })
      .describe('How often to look at the files even when the system reports no change.'),
  }
}

/** How many are handed on at once, at most. */
export function batchSize(size: number, unit: 'lines' | 'items') {
  return z.int().positive().max(100_000).default(size).describe(`Most ${unit} that are handed on at once.`)
}
