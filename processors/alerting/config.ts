import * as z from 'zod'

export const configSchema = z.strictObject({
  policy: z
    .enum(['standard', 'seed'])
    .default('standard')
    .describe("Rules: this project's, with stated false-alarm rates, or the mission's literal matrix."),
  block: z
    .enum(['off', 'confirm'])
    .default('off')
    .describe(
      '`confirm`: after a session that was far outside, prompts to sessions of its agent type that begin then wait for `agentperf ack`.',
    ),
})

export type Config = z.infer<typeof configSchema>
