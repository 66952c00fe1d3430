import * as z from 'zod'

export const configSchema = z.strictObject({
  directory: z
    .string()
    .min(1)
    .optional()
    .describe('Folder below which `reports/` and `incidents/` are written. Default: `service.storage.directory`.'),
  weekly: z.boolean().default(true).describe('Whether a summary of each week is written once it is over.'),
})

export type Config = z.infer<typeof configSchema>
