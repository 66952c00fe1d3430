import * as z from 'zod'
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
    max_active: z
      .int()
      .min(0)
      .max(3)
      .default(3)
      .describe('Suggestions of an agent type that are on trial or proven at a time, 0 to 3; 0 tries none.'),
    decision: z
      .enum(['trial', 'strict', 'seed'])
      .default('trial')
      .describe(
        'How trials are decided: by chance and comparison, by stricter evidence, or as first planned, 20 % better in 2 of 3.',
      ),
    promote: z
      .enum(['propose', 'apply'])
      .default('propose')
      .describe('What is proven: written down under proposals/, or put into the file of the agent.'),
    agents_directory: z
      .string()
      .min(1)
      .optional()
      .describe('Where the files of agents lie, {agent-type}.md; without it nothing is put into them.'),
    directory: z
      .string()
      .min(1)
      .optional()
      .describe(
        'Where active.json and the suggestions of each session lie; optimizations/ in the storage directory when left out.',
      ),
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
