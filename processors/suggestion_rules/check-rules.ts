import { closestName } from '#src/kpi/closest-name.ts'
import type { Vocabulary } from '#src/kpi/vocabulary.ts'
import { checkExpressions } from '#src/suggestion/rule.ts'
import { BUILT_IN_RULES } from './built-in-rules.ts'
import { REQUIRED_KEYS, type RuleSettings } from './rule-settings.ts'

/** A problem of a rule, at a path below it. */
export interface RuleProblem {
  readonly path: readonly string[]
  readonly message: string
}

/**
 * Finds everything that is wrong with a rule of the configuration.
 *
 * @param above names of the rules above it
 */
export function checkSettings(
  settings: RuleSettings,
  above: ReadonlySet<string>,
  vocabulary: Vocabulary,
): readonly RuleProblem[] {
  const { name, when, evidence } = settings
  if (above.has(name)) return [{ path: ['name'], message: `expected each rule once, found ${name} again` }]
  return [
    ...missingKeys(settings),
    ...checkExpressions(
      { ...(when !== undefined && { when }), ...(evidence !== undefined && { evidence }) },
      vocabulary,
    ),
    ...unknownKpis(settings, vocabulary),
  ]
}

function missingKeys(settings: RuleSettings): readonly RuleProblem[] {
  const names = BUILT_IN_RULES.map((rule) => rule.name)
  if (names.includes(settings.name)) return []
  const missing = REQUIRED_KEYS.filter((key) => settings[key] === undefined)
  if (missing.length === 0) return []
  const closest = closestName(settings.name, names)
  const suggestion = closest === undefined ? '' : ` (did you mean the built-in rule ${closest}?)`
  const message = `expected ${missing.join(', ')} for the rule ${settings.name}, found none${suggestion}`
  return [{ path: [], message }]
}

function unknownKpis({ kpi, impact }: RuleSettings, { kpis }: Vocabulary): readonly RuleProblem[] {
  const named = [
    { path: ['kpi'], name: kpi },
    { path: ['impact', 'kpi'], name: impact?.kpi },
  ]
  return named.flatMap(({ path, name }) => {
    if (name === undefined || kpis.includes(name)) return []
    const closest = closestName(name, kpis)
    const hint = closest === undefined ? 'list your own under custom_kpis' : `did you mean ${closest}?`
    return [{ path, message: `expected the name of a KPI, found ${name} (${hint})` }]
  })
}
