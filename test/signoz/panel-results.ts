import type { Panel } from '../../scripts/signoz/dashboard-schema.ts'
import type { CompositePart, Formula, MetricQuery } from '../../scripts/signoz/query-schema.ts'
import type { ClickHouse } from './clickhouse.ts'
import type { Choices } from './filter-sql.ts'
import { histogramQuantile } from './histogram-quantile.ts'
import { listSql, logSql } from './log-sql.ts'
import { groupColumn, metricSql, type Range } from './metric-sql.ts'

/** One number that a panel shows. */
export interface Shown {
  /** The query or formula, and the column where it has several. */
  readonly series: string
  /** Values of what it is grouped by. */
  readonly group: readonly string[]
  /** Absent where a panel shows one number for the whole range. */
  readonly stepMs?: number
  readonly value: number
}

export interface PanelResult {
  readonly shown: readonly Shown[]
  /** Of a list. */
  readonly records: readonly Readonly<Record<string, unknown>>[]
}

/** Runs the query of a panel as SigNoz would, down to what is shown: hidden queries are left out. */
export function panelResult({ spec }: Panel, store: ClickHouse, choices: Choices, range: Range): PanelResult {
  const [query] = spec.queries
  const plugin = query?.spec.plugin
  if (
    spec.plugin.kind === 'signoz/ListPanel' &&
    plugin?.kind === 'signoz/BuilderQuery' &&
    plugin.spec.signal === 'logs'
  ) {
    const fields = (spec.plugin.spec.selectFields ?? []).map(({ name }) => name)
    return { shown: [], records: store.rows(listSql(plugin.spec, fields, choices, range)) }
  }
  if (plugin?.kind !== 'signoz/CompositeQuery') throw new Error(`a query that is not understood: ${plugin?.kind}`)
  const scalar = query?.kind === 'scalar'
  const byName = new Map<string, readonly Shown[]>()
  const shown: Shown[] = []
  for (const part of plugin.spec.queries) {
    const result = partResult(part, byName, { store, choices, range, scalar })
    byName.set(part.spec.name, result)
    if (part.spec.disabled !== true) shown.push(...result)
  }
  return { shown, records: [] }
}

interface Surroundings {
  readonly store: ClickHouse
  readonly choices: Choices
  readonly range: Range
  readonly scalar: boolean
}

function partResult(
  part: CompositePart,
  byName: ReadonlyMap<string, readonly Shown[]>,
  around: Surroundings,
): readonly Shown[] {
  if (part.type === 'builder_formula') return formulaResult(part.spec, byName)
  if (part.type !== 'builder_query') throw new Error(`a query that is not understood: ${part.type}`)
  const { spec } = part
  if (spec.signal === 'metrics') {
    const steps = metricResult(spec, around)
    return around.scalar ? reduced(spec, steps) : steps
  }
  const groups = (spec.groupBy ?? []).length
  const columns = (spec.aggregations ?? []).map(({ expression, alias }) => alias ?? expression)
  return around.store.rows(logSql(spec, around.choices, around.range, !around.scalar)).flatMap((row) =>
    columns.flatMap((column) => {
      const value = row[column]
      // Nothing was measured: there is no point.
      if (typeof value !== 'number') return []
      return [{ series: `${spec.name}.${column}`, group: groupOf(row, groups), ...stepOf(row), value }]
    }),
  )
}

function metricResult(query: MetricQuery, { store, choices, range }: Surroundings): readonly Shown[] {
  const groups = (query.groupBy ?? []).length
  const rows = store.rows(metricSql(query, choices, range))
  const percentile = /^p(\d+)$/.exec(query.aggregations[0]?.spaceAggregation ?? '')?.[1]
  if (percentile === undefined) {
    return rows.map((row) => ({
      series: query.name,
      group: groupOf(row, groups),
      ...stepOf(row),
      value: Number(row.value),
    }))
  }
  const buckets = Map.groupBy(rows, (row) => JSON.stringify([row.step_ms, groupOf(row, groups)]))
  return [...buckets.values()].map((ofOne) => {
    const [first = {}] = ofOne
    const bounds = ofOne.map(
      (row) =>
        [Number(row[groupColumn(groups)] === '+Inf' ? Infinity : row[groupColumn(groups)]), Number(row.value)] as const,
    )
    const value = histogramQuantile(Number(percentile) / 100, bounds)
    return { series: query.name, group: groupOf(first, groups), ...stepOf(first), value }
  })
}

const REDUCTIONS: Readonly<Record<string, (values: readonly number[]) => number>> = {
  sum: sumOf,
  avg: (values) => sumOf(values) / values.length,
  max: (values) => Math.max(...values),
  last: (values) => values.at(-1) ?? Number.NaN,
}

function reduced(query: MetricQuery, steps: readonly Shown[]): readonly Shown[] {
  const reduction = REDUCTIONS[query.aggregations[0]?.reduceTo ?? '']
  if (reduction === undefined) throw new Error(`a reduction that is not understood: ${query.name}`)
  return [...Map.groupBy(steps, ({ group }) => JSON.stringify(group)).values()].map((all) => {
    return { series: query.name, group: all[0]?.group ?? [], value: reduction(all.map(({ value }) => value)) }
  })
}

function sumOf(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0)
}

/** A value where both sides have one. */
function formulaResult({ name, expression }: Formula, byName: ReadonlyMap<string, readonly Shown[]>): readonly Shown[] {
  const [, left = '', operator = '', right = ''] = /^(\w+) ([-+/]) (\w+)$/.exec(expression) ?? []
  const keyOf = ({ group, stepMs }: Shown): string => JSON.stringify([group, stepMs])
  const others = new Map((byName.get(right) ?? []).map((one) => [keyOf(one), one.value]))
  return (byName.get(left) ?? []).flatMap((one) => {
    const other = others.get(keyOf(one))
    if (other === undefined) return []
    const value = operator === '/' ? one.value / other : operator === '+' ? one.value + other : one.value - other
    return [{ ...one, series: name, value }]
  })
}

function groupOf(row: Readonly<Record<string, unknown>>, groups: number): readonly string[] {
  return Array.from({ length: groups }, (_, i) => String(row[groupColumn(i)]))
}

function stepOf({ step_ms }: Readonly<Record<string, unknown>>): { readonly stepMs?: number } {
  return step_ms === undefined ? {} : { stepMs: Number(step_ms) }
}
