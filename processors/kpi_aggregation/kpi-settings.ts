import { closestName } from '#src/kpi/closest-name.ts'
import { compileNumber } from '#src/kpi/expression.ts'
import {
  type Definitions,
  type Direction,
  isKpiName,
  KPI_NAMES,
  KPI_TABLE,
  type KpiName,
  type Thresholds,
} from '#src/kpi/table.ts'
import { misordered } from '#src/kpi/thresholds.ts'

/** What the configuration says of one KPI. */
export interface KpiSettings {
  readonly enabled: boolean
  readonly expr?: string | undefined
  readonly direction?: Direction | undefined
  readonly unit?: string | undefined
  readonly label?: string | undefined
  readonly target?: number | null | undefined
  readonly warning?: number | null | undefined
  readonly critical?: number | null | undefined
}

/** The part of the configuration that says which KPIs there are. */
export interface KpiChoice {
  readonly definitions: Definitions
  readonly kpis: Readonly<Record<string, KpiSettings>>
}

/** A problem of the configuration, at a path below the processor's. */
export interface Problem {
  readonly path: readonly string[]
  readonly message: string
}

/** A KPI's own name becomes part of metric names, file names and expressions. */
const NAME = /^[a-z][a-z0-9_]{0,62}$/

/** Keys that only a KPI of one's own has. */
const OWN_KEYS = ['expr', 'direction', 'unit', 'label'] as const satisfies readonly (keyof KpiSettings)[]

/** Finds everything that is wrong with the KPIs of a configuration. */
export function checkKpis(choice: KpiChoice): readonly Problem[] {
  return Object.entries(choice.kpis).flatMap(([name, settings]) =>
    isKpiName(name) ? checkBuiltIn(name, settings, choice.definitions) : checkOwn(name, settings, choice),
  )
}

/** @returns the built-in KPIs that are not switched off, in the table's order */
export function enabledBuiltIns({ kpis }: KpiChoice): readonly KpiName[] {
  return KPI_NAMES.filter((name) => kpis[name]?.enabled !== false)
}

/** @returns names that the expression of a KPI may use: the built-in KPIs and those of one's own that stand above it */
export function namesBefore(name: string, choice: KpiChoice): readonly string[] {
  const above: string[] = []
  for (const [other, { enabled }] of Object.entries(choice.kpis)) {
    if (other === name) break
    if (enabled && !isKpiName(other)) above.push(other)
  }
  return [...enabledBuiltIns(choice), ...above]
}

/** A KPI's thresholds: what is configured replaces the default, and `null` removes it. */
export function effectiveThresholds(settings: KpiSettings | undefined, defaults: Thresholds): Thresholds {
  const target = choose(settings?.target, defaults.target)
  const warning = choose(settings?.warning, defaults.warning)
  const critical = choose(settings?.critical, defaults.critical)
  return {
    ...(target === undefined ? {} : { target }),
    ...(warning === undefined ? {} : { warning }),
    ...(critical === undefined ? {} : { critical }),
  }
}

function choose(configured: number | null | undefined, fallback: number | undefined): number | undefined {
  return configured === undefined ? fallback : (configured ?? undefined)
}

function checkBuiltIn(name: KpiName, settings: KpiSettings, definitions: Definitions): readonly Problem[] {
  const fixed = OWN_KEYS.filter((key) => settings[key] !== undefined).map((key) => ({
    path: ['kpis', name, key],
    message: `expected enabled, target, warning or critical for the built-in KPI ${name}, found ${key}; give a KPI of your own another name`,
  }))
  const { direction, thresholds } = KPI_TABLE[name]
  return [...fixed, ...checkOrder(name, direction, effectiveThresholds(settings, thresholds[definitions]))]
}

function checkOwn(name: string, settings: KpiSettings, choice: KpiChoice): readonly Problem[] {
  const { expr, direction } = settings
  if (expr === undefined && direction === undefined) return [unknownKpi(name)]
  const problems: Problem[] = []
  if (!NAME.test(name) || name in Object.prototype) {
    const message = 'expected a name of lower-case letters, digits and _, at most 63, that starts with a letter'
    problems.push({ path: ['kpis', name], message })
  }
  if (expr === undefined) problems.push({ path: ['kpis', name], message: 'expected expr, found none' })
  else problems.push(...checkExpression(name, expr, choice))
  if (direction === undefined) {
    problems.push({ path: ['kpis', name], message: 'expected direction: higher or direction: lower, found none' })
    return problems
  }
  return [...problems, ...checkOrder(name, direction, effectiveThresholds(settings, {}))]
}

function unknownKpi(name: string): Problem {
  const closest = closestName(name, KPI_NAMES)
  const suggestion = closest === undefined ? '' : ` (did you mean ${closest}?)`
  const message = `expected a built-in KPI, or expr and direction for one of your own, found neither${suggestion}`
  return { path: ['kpis', name], message }
}

/** Finds what is wrong with the expression of a KPI of one's own. */
export function checkExpression(name: string, expr: string, choice: KpiChoice): readonly Problem[] {
  const compiled = compileNumber(expr, { kpis: namesBefore(name, choice), compared: false })
  return 'problem' in compiled ? [{ path: ['kpis', name, 'expr'], message: compiled.problem }] : []
}

function checkOrder(name: string, direction: Direction, thresholds: Thresholds): readonly Problem[] {
  const pair = misordered(thresholds, direction)
  if (pair === undefined) return []
  const [first, second] = pair
  const relation = direction === 'higher' ? 'at most' : 'at least'
  const message = `expected ${second} ${relation} ${first} (${thresholds[first]}), found ${thresholds[second]}`
  return [{ path: ['kpis', name, second], message }]
}
