import { compileNumber, type Expression } from '#src/kpi/expression.ts'
import { CUSTOM_DISPLAY } from '#src/kpi/format.ts'
import { FORMULAS, type FormulaSettings } from '#src/kpi/formulas.ts'
import { labelFromName } from '#src/kpi/label-from-name.ts'
import { type ModelPrice, ownPricesAsOf, priceTable } from '#src/kpi/model-prices.ts'
import type { KpiPlan, PlannedKpi } from '#src/kpi/plan.ts'
import type { KpiResult } from '#src/kpi/result.ts'
import { isKpiName, KPI_TABLE, type KpiDefinition, type KpiName } from '#src/kpi/table.ts'
import type { Config } from './config.ts'
import { effectiveThresholds, enabledBuiltIns, type KpiSettings, namesBefore } from './kpi-settings.ts'

/** Turns a checked configuration into what is computed: the built-in KPIs, then those of one's own, as written. */
export function planKpis(config: Config): KpiPlan {
  const { models, as_of: asOf } = config.prices
  const prices = priceTable({ models: mapPrices(models), asOf: ownPricesAsOf(asOf) })
  const settings: FormulaSettings = {
    prices,
    managementTools: config.management_tools,
    ...(config.productive_tools === undefined ? {} : { productiveTools: config.productive_tools }),
  }
  const builtIn = enabledBuiltIns(config).map((name) => planBuiltIn(name, config, settings))
  const own = Object.entries(config.kpis).flatMap(([name, settings]) =>
    isKpiName(name) || !settings.enabled ? [] : planOwn(name, settings, config),
  )
  return { kpis: [...builtIn, ...own], prices, timeoutMs: config.kpi_timeout }
}

function mapPrices(models: Config['prices']['models']): Readonly<Record<string, ModelPrice>> {
  return Object.fromEntries(
    Object.entries(models).map(([model, { input, cache_write, cache_read, output }]) => [
      model,
      { input, cacheWrite: cache_write, cacheRead: cache_read, output },
    ]),
  )
}

function planBuiltIn(name: KpiName, { definitions, kpis }: Config, settings: FormulaSettings): PlannedKpi {
  const definition: KpiDefinition = KPI_TABLE[name]
  const { label, direction, unit, display, decimals, thresholds } = definition
  const formula = FORMULAS[definitions][name]
  return {
    name,
    label,
    direction,
    unit,
    display,
    decimals,
    custom: false,
    expected: definition.occasional !== true,
    thresholds: effectiveThresholds(kpis[name], thresholds[definitions]),
    compute: (session) => formula(session, settings),
  }
}

function planOwn(name: string, settings: KpiSettings, config: Config): readonly PlannedKpi[] {
  const { expr, direction, unit = '1', label = labelFromName(name) } = settings
  if (expr === undefined || direction === undefined) return []
  const compiled = compileNumber(expr, { kpis: namesBefore(name, config), compared: false })
  if ('problem' in compiled) throw new Error(`expected a checked expression for ${name}: ${compiled.problem}`)
  return [
    {
      name,
      label,
      direction,
      unit,
      ...CUSTOM_DISPLAY,
      custom: true,
      expected: true,
      thresholds: effectiveThresholds(settings, {}),
      compute: (session, facts, kpis) => fromExpression(compiled.expression, { ...facts, kpis }, session.sources),
    },
  ]
}

function fromExpression(
  expression: Expression<number>,
  line: Parameters<Expression<number>['evaluate']>[0],
  sources: readonly string[],
): KpiResult {
  const result = expression.evaluate(line)
  return 'absent' in result ? result : { value: result.value, n: 1, sources, estimated: false }
}
