import * as z from 'zod'
import type { SuggestionRule } from '#src/suggestion/rule.ts'

const condition = z.string().min(1)
/** Sessions are told these three: what cannot be seen would be put on trial as nothing. */
const visible = z.string().regex(/[^\p{C}\p{Z}\s]/u, 'expected a text that can be seen')
const MAX_TITLE_CHARACTERS = 120
const MAX_MAGNITUDE_CHARACTERS = 60

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
  title: visible.max(MAX_TITLE_CHARACTERS).exactOptional().describe('The suggestion in one line.'),
  description: z.string().min(1).exactOptional().describe('Why it is made.'),
  implementation: visible
    .exactOptional()
    .describe('What to do. Sessions are told its beginning: about 100 tokens, some 15 beside two other suggestions.'),
  kpi: z.string().min(1).exactOptional().describe('The KPI that the condition is about.'),
  evidence: z.record(z.string(), z.string()).exactOptional().describe('Numbers that speak for it: name to CEL.'),
  impact: z
    .strictObject({
      kpi: z.string().min(1),
      direction: z.enum(['increase', 'decrease']),
      magnitude: visible.max(MAX_MAGNITUDE_CHARACTERS),
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
