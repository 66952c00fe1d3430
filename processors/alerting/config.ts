import * as z from 'zod'

export const configSchema = z.strictObject({
  policy: z
    .enum(['standard', 'seed'])
    .default('standard')
    .describe("Rules: this project's, with stated false-alarm rates, or the mission's literal matrix."),
  block: z.enum(['off']).default('off').describe('Whether an alert stops an agent: it never does.'),
})

export type Config = z.infer<typeof configSchema>
