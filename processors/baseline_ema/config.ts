import * as z from 'zod'

export const configSchema = z.strictObject({
  alpha: z
    .number()
    .min(0.1)
    .max(1)
    .default(0.2)
    .describe('Weight of the newest session in mean and standard deviation, 0.1 to 1.'),
  bootstrap_sessions: z
    .int()
    .min(1)
    .max(200)
    .default(5)
    .describe('A KPI is compared with its baseline from this many sessions on.'),
  on_model_change: z
    .enum(['keep', 'reset'])
    .default('keep')
    .describe('`reset`: learn anew what is normal when three sessions in a row had another model than those before.'),
  directory: z
    .string()
    .min(1)
    .optional()
    .describe('Where the baseline files lie; baselines/ in the storage directory when left out.'),
})

export type Config = z.infer<typeof configSchema>
