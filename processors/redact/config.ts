import * as z from 'zod'
import { customDetector } from './custom-patterns.ts'
import { KINDS } from './detectors.ts'

const MAX_PATTERN_LENGTH = 1000

const key = z.string().min(1)

const pattern = z
  .string()
  .min(1)
  .max(MAX_PATTERN_LENGTH)
  .superRefine((source, context) => {
    try {
      customDetector('custom', source)
    } catch (error) {
      context.addIssue({ code: 'custom', message: error instanceof Error ? error.message : String(error) })
    }
  })

export const configSchema = z.strictObject({
  kinds: z
    .array(z.enum(KINDS))
    .default([...KINDS])
    .describe('Kinds of secrets that are looked for in all texts.'),
  block: z
    .array(key)
    .default(['user.email', 'user.account_*', 'workspace.host_paths'])
    .describe('Attributes whose values are masked whatever they are; `*` stands for any characters.'),
  allow: z.array(key).default([]).describe('Attributes that are left as they are; `*` stands for any characters.'),
  patterns: z
    .record(z.string().regex(/^[a-z][a-z0-9_]{0,30}$/, 'expected a name of small letters, digits and _'), pattern)
    .default({})
    .describe('More patterns by name, in the syntax of RE2; what matches is masked.'),
})

export type Config = z.infer<typeof configSchema>
