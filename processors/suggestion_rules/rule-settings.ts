import * as z from 'zod'
import type { SuggestionRule } from '#src/suggestion/rule.ts'

const condition = z.string().min(1)

/** A rule as it is written: one with a known name changes that rule, and only has what it changes. */
export const ruleSchema = z.strictObject({
  name: z
    .string()
    .regex(/^[a-z][a-z0-9]*(-[a-z0-9]+)*$/)
    .max(64)
    .describe('Name of the rule: lower-case words with hyphens. That of a built-in rule changes it.'),
  enabled: z.boolean().default(true).describe('Whether the rule is asked.'),
  when: z
    .union([condition, z.strictObject({ standard: condition, seed: condition })])
    .exactOptional()
    .describe('CEL condition over the ledger line, for both policies or for each.'),
  priority: z.enum(['CRITICAL', 'HIGH', 'MEDIUM', 'LOW']).exactOptional().describe('How urgent the suggestion is.'),
  rank: z
    .number()
    .exactOptional()
    .describe('Decides between equally urgent ones, the lowest first; 100 when left out.'),
  category: z.string().min(1).exactOptional().describe('Kind of change: architecture, tooling, workflow.'),
  title: z.string().min(1).exactOptional().describe('The suggestion in one line.'),
  description: z.string().min(1).exactOptional().describe('Why it is made.'),
  implementation: z.string().min(1).exactOptional().describe('What to do.'),
  kpi: z.string().min(1).exactOptional().describe('The KPI that the condition is about.'),
  evidence: z.record(z.string(), z.string()).exactOptional().describe('Numbers that speak for it: name to CEL.'),
  impact: z
    .strictObject({
      kpi: z.string().min(1),
      direction: z.enum(['increase', 'decrease']),
      magnitude: z.string().min(1),
      summary: z.string().min(1),
    })
    .exactOptional()
    .describe('What is expected to change, in which direction, by how much, and in one sentence.'),
})

export type RuleSettings = z.infer<typeof ruleSchema>

/** What a rule of one's own must say. */
export const REQUIRED_KEYS = [
  'when',
  'priority',
  'category',
  'title',
  'description',
  'implementation',
  'impact',
] as const satisfies readonly (keyof RuleSettings)[]

const DEFAULT_RANK = 100

/** @returns `undefined` for settings that lack a required key */
export function completeRule(settings: RuleSettings): SuggestionRule | undefined {
  const { enabled: _enabled, rank = DEFAULT_RANK, evidence = {}, ...rest } = settings
  const { priority, category, title, description, implementation, impact } = rest
  const when = conditionsOf(rest.when)
  if (when === undefined || priority === undefined || category === undefined || title === undefined) return undefined
  if (description === undefined || implementation === undefined || impact === undefined) return undefined
  return { ...rest, rank, evidence, when, priority, category, title, description, implementation, impact }
}

/** @returns the rule with what the settings change */
export function changedRule(rule: SuggestionRule, { enabled: _enabled, when, ...rest }: RuleSettings): SuggestionRule {
  return { ...rule, ...rest, when: conditionsOf(when) ?? rule.when }
}

function conditionsOf(when: RuleSettings['when']): SuggestionRule['when'] | undefined {
  return typeof when === 'string' ? { standard: when, seed: when } : when
}
