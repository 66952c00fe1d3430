import { parse } from 'yaml'
import { z } from 'zod'
import type { SuggestionRule } from '#src/suggestion/rule.ts'
import { completeRule, ruleSchema } from './rule-settings.ts'
import { RULES_YAML } from './rules-yaml.ts'

let rules: readonly SuggestionRule[] | undefined

/** The rules that come with agentperf. */
export function builtInRules(): readonly SuggestionRule[] {
  rules ??= z
    .array(ruleSchema)
    .parse(parse(RULES_YAML))
    .map((settings) => {
      const rule = completeRule(settings)
      if (rule === undefined) throw new Error(`expected a complete rule, found ${settings.name} without some keys`)
      return rule
    })
  return rules
}
