import type { MetricQuery } from '../../scripts/signoz/query-schema.ts'
import { type Choices, filterSql, quoted } from './filter-sql.ts'

/** From when until when, and how long a step is. */
export interface Range {
  readonly startMs: number
  readonly endMs: number
  readonly stepSeconds: number
}

const OVER_TIME: Readonly<Record<string, string>> = {
  latest: 'anyLast(value)',
  sum: 'sum(value)',
  avg: 'avg(value)',
  min: 'min(value)',
  max: 'max(value)',
  count: 'count(value)',
  // Of delta sums, which is what agentperf sends.
  increase: 'sum(value)',
}

const OVER_SERIES: Readonly<Record<string, string>> = {
  sum: 'sum(per_series)',
  avg: 'avg(per_series)',
  min: 'min(per_series)',
  max: 'max(per_series)',
  count: 'count(per_series)',
}

/** The names of the columns that groups are in. */
export function groupColumn(i: number): string {
  return `group_${i}`
}

/**
 * A metric's query as SigNoz asks ClickHouse: first over time in each series, then over series. Percentiles ask for the
 * buckets, of which they are made.
 */
export function metricSql(query: MetricQuery, choices: Choices, { startMs, endMs, stepSeconds }: Range): string {
  const [aggregation] = query.aggregations
  if (aggregation === undefined) throw new Error('a query without aggregation')
  const { metricName, timeAggregation = '', spaceAggregation } = aggregation
  const isPercentile = spaceAggregation.startsWith('p')
  const groups = [...(query.groupBy ?? []).map(({ name }) => name), ...(isPercentile ? ['le'] : [])]
  const columns = groups.map((name, i) => `${labelSql(name)} AS ${groupColumn(i)}`)
  const names = groups.map((_, i) => groupColumn(i))
  const rate = `sum(value) / ${stepSeconds}`
  const overTime = isPercentile ? 'sum(value)' : timeAggregation === 'rate' ? rate : OVER_TIME[timeAggregation]
  const overSeries = isPercentile ? 'sum(per_series)' : OVER_SERIES[spaceAggregation]
  if (overTime === undefined || overSeries === undefined)
    throw new Error(`an aggregation that is not understood: ${timeAggregation}, ${spaceAggregation}`)
  const condition = filterSql(query.filter?.expression ?? '', choices, (field) => ({
    value: labelSql(field),
    exists: `JSONHas(labels, ${quoted(field)})`,
  }))
  return `
    WITH per_series AS (
      SELECT ${['fingerprint', `intDiv(unix_milli, ${stepSeconds * 1000}) * ${stepSeconds * 1000} AS step_ms`, ...names, `${overTime} AS per_series`].join(', ')}
      FROM signoz_metrics.samples_v4 AS points
      INNER JOIN (
        SELECT DISTINCT ${['fingerprint', ...columns].join(', ')} FROM signoz_metrics.time_series_v4
        WHERE metric_name = ${quoted(metricName)} AND ${condition}
      ) AS series ON points.fingerprint = series.fingerprint
      WHERE metric_name = ${quoted(metricName)} AND unix_milli >= ${startMs} AND unix_milli < ${endMs}
      GROUP BY ${['fingerprint', 'step_ms', ...names].join(', ')}
    )
    SELECT ${['step_ms', ...names, `${overSeries} AS value`].join(', ')} FROM per_series
    GROUP BY ${['step_ms', ...names].join(', ')} ORDER BY ${['step_ms', ...names].join(', ')}`
}

function labelSql(name: string): string {
  return `JSONExtractString(labels, ${quoted(name)})`
}
