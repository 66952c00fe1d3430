import type { CompositePart, LogQuery, MetricAggregation, MetricQuery } from './query-schema.ts'

/** Of all panels: what the variables of the dashboard choose. */
export const CHOSEN = 'agent.type IN $agent_type AND gen_ai.request.model IN $model'

export interface MetricQueryOptions {
  readonly time: NonNullable<MetricAggregation['timeAggregation']>
  readonly space: MetricAggregation['spaceAggregation']
  /** How the steps of the range become one number, where one is wanted. */
  readonly reduceTo?: NonNullable<MetricAggregation['reduceTo']>
  readonly filter?: string
  /** Attributes. */
  readonly by?: readonly string[]
  readonly legend?: string
  /** Only for formulas. */
  readonly hidden?: boolean
}

export function metricQuery(name: string, metricName: string, options: MetricQueryOptions): CompositePart {
  const { time, space, reduceTo = 'avg', filter = CHOSEN, by = [], legend = '', hidden = false } = options
  const spec: MetricQuery = {
    name,
    signal: 'metrics',
    source: '',
    disabled: hidden,
    aggregations: [{ metricName, temporality: '', timeAggregation: time, spaceAggregation: space, reduceTo }],
    filter: { expression: filter },
    groupBy: by.map(attribute),
    having: { expression: '' },
    legend,
  }
  return { type: 'builder_query', spec }
}

/** What was counted in the range or in each step. */
export function countQuery(
  name: string,
  metricName: string,
  options: Pick<MetricQueryOptions, 'filter' | 'by' | 'legend' | 'hidden'> = {},
): CompositePart {
  return metricQuery(name, metricName, { time: 'increase', space: 'sum', reduceTo: 'sum', ...options })
}

/**
 * The exact mean of a gauge over sessions: the sum of all values by their number. An average of averages would weigh
 * sessions that ended in the same step less.
 */
export function meanOverSessions(
  names: readonly [sum: string, count: string, mean: string],
  metricName: string,
  { by, legend }: { readonly by: readonly string[]; readonly legend: string },
): readonly CompositePart[] {
  const [sum, count, mean] = names
  const common = { space: 'sum', reduceTo: 'sum', by, hidden: true } as const
  return [
    metricQuery(sum, metricName, { time: 'sum', ...common }),
    metricQuery(count, metricName, { time: 'count', ...common }),
    formula(mean, `${sum} / ${count}`, legend),
  ]
}

export function formula(name: string, expression: string, legend: string): CompositePart {
  return {
    type: 'builder_formula',
    spec: { name, expression, disabled: false, having: { expression: '' }, legend },
  }
}

export interface LogQueryOptions {
  /** Expressions by the names of their columns. */
  readonly columns?: Readonly<Record<string, string>>
  readonly by?: readonly string[]
  readonly legend?: string
  readonly order?: readonly [name: string, direction: 'asc' | 'desc']
  readonly limit?: number
}

/** Over the records of sessions. */
export function sessionRecordQuery(name: string, options: LogQueryOptions): LogQuery {
  const { columns = {}, by = [], legend = '', order, limit } = options
  const aggregations = Object.entries(columns).map(([alias, expression]) => ({ expression, alias }))
  return {
    name,
    signal: 'logs',
    source: '',
    disabled: false,
    ...(aggregations.length > 0 && { aggregations }),
    filter: { expression: `body = 'agent.session' AND ${CHOSEN}` },
    groupBy: by.map(attribute),
    having: { expression: '' },
    ...(order !== undefined && { order: [{ key: { name: order[0] }, direction: order[1] }] }),
    ...(limit !== undefined && { limit }),
    legend,
  }
}

export function logPart(query: LogQuery): CompositePart {
  return { type: 'builder_query', spec: query }
}

function attribute(name: string): NonNullable<MetricQuery['groupBy']>[number] {
  return { name, fieldContext: 'attribute', fieldDataType: 'string' }
}
