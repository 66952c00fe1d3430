import { KPI_NAMES } from '#src/kpi/table.ts'
import type { Vocabulary } from '#src/kpi/vocabulary.ts'
import type { SuggestionRule } from '#src/suggestion/rule.ts'
import { BUILT_IN_RULES } from './built-in-rules.ts'
import { changedRule, completeRule, type RuleSettings } from './rule-settings.ts'

/** The part of the configuration that says which rules there are. */
export interface RuleChoice {
  readonly rules: readonly RuleSettings[]
  readonly custom_kpis: readonly string[]
}

/** Names that conditions may use. */
export function vocabularyOf({ custom_kpis }: Pick<RuleChoice, 'custom_kpis'>): Vocabulary {
  return { kpis: [...KPI_NAMES, ...custom_kpis], compared: true }
}

/** The built-in rules with what the configuration changes, then those of one's own; those switched off are left out. */
export function effectiveRules({ rules }: Pick<RuleChoice, 'rules'>): readonly SuggestionRule[] {
  const settings = new Map(rules.map((rule) => [rule.name, rule]))
  const builtIn = BUILT_IN_RULES.map((rule) => {
    const changes = settings.get(rule.name)
    return changes === undefined ? rule : changedRule(rule, changes)
  })
  const known = new Set(builtIn.map(({ name }) => name))
  const own = rules.filter(({ name }) => !known.has(name)).flatMap((rule) => completeRule(rule) ?? [])
  return [...builtIn, ...own].filter(({ name }) => settings.get(name)?.enabled !== false)
}
