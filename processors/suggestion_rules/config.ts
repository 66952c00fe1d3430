import { z } from 'zod'
import { checkSettings } from './check-rules.ts'
import { vocabularyOf } from './effective-rules.ts'
import { ruleSchema } from './rule-settings.ts'

export const configSchema = z
  .strictObject({
    policy: z
      .enum(['standard', 'seed'])
      .default('standard')
      .describe(
        "Conditions: against the agent type's own baseline, or the fixed thresholds that the rules began with.",
      ),
    rules: z.array(ruleSchema).default([]).describe('Changes of the built-in rules, and rules of your own.'),
    custom_kpis: z
      .array(z.string().min(1))
      .default([])
      .describe('Names of your own KPIs (of kpi_aggregation) that rules may use.'),
    directory: z
      .string()
      .min(1)
      .optional()
      .describe('Where the suggestions of each session lie; optimizations/ in the storage directory when left out.'),
  })
  // Also where other keys are wrong, so that all problems are reported at once.
  .superRefine(addRuleProblems, { when: () => true })

export type Config = z.infer<typeof configSchema>

interface Issues {
  addIssue(issue: { readonly code: 'custom'; readonly path: PropertyKey[]; readonly message: string }): void
}

/** @param config may hold anything in the places that the schema found wrong */
function addRuleProblems(config: { readonly rules: unknown; readonly custom_kpis: unknown }, issues: Issues): void {
  const vocabulary = vocabularyOf({ custom_kpis: z.array(z.string()).catch([]).parse(config.custom_kpis) })
  const above = new Set<string>()
  for (const [index, value] of z.array(z.unknown()).catch([]).parse(config.rules).entries()) {
    const { data: settings } = ruleSchema.safeParse(value)
    if (settings === undefined) continue
    for (const { path, message } of checkSettings(settings, above, vocabulary)) {
      issues.addIssue({ code: 'custom', path: ['rules', index, ...path], message })
    }
    above.add(settings.name)
  }
}
