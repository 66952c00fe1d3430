import { type Attributes, type HrTime, ValueType } from '@opentelemetry/api'
import {
  AggregationTemporality,
  type DataPoint,
  DataPointType,
  type Histogram,
  type MetricData,
  type MetricDescriptor,
} from '@opentelemetry/sdk-metrics'
import { kpiDefinition } from '#src/kpi/table.ts'
import type { Alert, LedgerLine, Totals } from '#src/model/assessment.ts'
import { hrTime } from './hr-time.ts'

const PREFIX = 'agent.performance'

/** Upper bounds in seconds, from half a minute to a day. */
const DURATION_BOUNDS_S = [30, 60, 120, 300, 600, 1200, 1800, 3600, 7200, 14_400, 28_800, 86_400]

const TOKEN_TYPES = {
  fresh_input: 'fresh_input_tokens',
  cache_read: 'cache_read_tokens',
  cache_creation: 'cache_creation_tokens',
  output: 'output_tokens',
  reasoning: 'reasoning_tokens',
} as const satisfies Record<string, keyof Totals>

/** Names that custom KPIs cannot have here: these metrics are no gauges. */
const TAKEN = new Set(['sessions', 'tokens', 'cost', 'alerts', 'suggestions', 'deviation'])

/** A revision of a session, and those of its other revisions that were counted already. */
export interface SessionRevision {
  readonly line: LedgerLine
  readonly counted: readonly LedgerLine[]
}

/**
 * What SigNoz gets as metrics about some sessions: a point for each at the session's end. Each revision gives gauges; to
 * sums it adds what is new in it, so that a session is in them once.
 *
 * @returns one metric for each name; empty when there is nothing to tell
 */
export function sessionMetrics(revisions: readonly SessionRevision[]): MetricData[] {
  const metrics = new Metrics()
  for (const revision of revisions) {
    const origin = originOf(revision.line)
    addGauges(metrics, revision.line, origin)
    addCounts(metrics, revision, origin)
  }
  return metrics.all()
}

/** What all points of one session have in common. Never the session's id: each would be a series of its own. */
interface Origin {
  readonly start: HrTime
  readonly end: HrTime
  readonly attributes: Attributes
}

function originOf({ started_at, ended_at, agent_type, model }: LedgerLine): Origin {
  return {
    start: hrTime(started_at),
    end: hrTime(ended_at),
    attributes: { 'agent.type': agent_type, ...(model !== null && { 'gen_ai.request.model': model }) },
  }
}

function addGauges(metrics: Metrics, line: LedgerLine, origin: Origin): void {
  const { kpis, baselines, std_devs, deviations } = line
  for (const [kpi, value] of Object.entries(kpis)) {
    if (TAKEN.has(kpi)) continue
    const unit = unitOf(line, kpi)
    metrics.gauge(`${PREFIX}.${kpi}`, unit, origin, value)
    metrics.gauge(`${PREFIX}.${kpi}.baseline.mean`, unit, origin, baselines[kpi])
    metrics.gauge(`${PREFIX}.${kpi}.baseline.std_dev`, unit, origin, std_devs[kpi])
    metrics.gauge(`${PREFIX}.deviation`, '{sigma}', withMore(origin, { kpi }), deviations[kpi])
  }
}

function addCounts(metrics: Metrics, revision: SessionRevision, origin: Origin): void {
  const { line, counted } = revision
  if (counted.length === 0) {
    metrics.sum(`${PREFIX}.sessions`, '{session}', origin, 1)
    metrics.duration(`${PREFIX}.session.duration`, origin, line.duration_seconds)
  }
  for (const [type, field] of Object.entries(TOKEN_TYPES)) {
    const ofType = withMore(origin, { 'gen_ai.token.type': type })
    metrics.sum(`${PREFIX}.tokens`, '{token}', ofType, increase(revision, field))
  }
  metrics.sum(`${PREFIX}.cost`, 'USD', origin, increase(revision, 'cost_usd'))
  const raised = new Set(counted.flatMap(({ alerts }) => alerts.map(nameOf)))
  for (const alert of line.alerts.filter((one) => !raised.has(nameOf(one)))) {
    const { severity, metric: kpi } = alert
    metrics.sum(`${PREFIX}.alerts`, '{alert}', withMore(origin, { severity, kpi }), 1)
  }
  const proposed = new Set(counted.flatMap(({ suggestions }) => suggestions.map(({ id }) => id)))
  const suggestions = line.suggestions.filter(({ id }) => !proposed.has(id)).length
  if (suggestions > 0) {
    metrics.sum(`${PREFIX}.suggestions`, '{suggestion}', withMore(origin, { state: 'proposed' }), suggestions)
  }
}

/** By how much a total is above all that was counted of it: a monotonic sum cannot take back what it counted too much. */
function increase({ line, counted }: SessionRevision, field: keyof Totals): number | undefined {
  const total = line.totals[field]
  const known = counted.flatMap(({ totals }) => totals[field] ?? [])
  if (total === undefined || known.length === 0) return total
  const most = Math.max(...known)
  return total > most ? total - most : undefined
}

function nameOf({ severity, metric }: Alert): string {
  return `${severity} ${metric}`
}

function withMore(origin: Origin, attributes: Attributes): Origin {
  return { ...origin, attributes: { ...origin.attributes, ...attributes } }
}

function unitOf({ custom_kpis }: LedgerLine, kpi: string): string {
  return kpiDefinition(kpi)?.unit ?? custom_kpis?.[kpi]?.unit ?? '1'
}

/** Metrics by name, as the data points come. */
class Metrics {
  readonly #gauges = new Map<string, { unit: string; points: DataPoint<number>[] }>()
  readonly #sums = new Map<string, { unit: string; points: DataPoint<number>[] }>()
  readonly #durations = new Map<string, DataPoint<Histogram>[]>()

  gauge(name: string, unit: string, { end, attributes }: Origin, value: number | undefined): void {
    if (value === undefined || !Number.isFinite(value)) return
    pointsOf(this.#gauges, name, unit).push({ startTime: end, endTime: end, attributes, value })
  }

  sum(name: string, unit: string, { start, end, attributes }: Origin, value: number | undefined): void {
    if (value === undefined || !Number.isFinite(value)) return
    pointsOf(this.#sums, name, unit).push({ startTime: start, endTime: end, attributes, value })
  }

  duration(name: string, { start, end, attributes }: Origin, seconds: number): void {
    if (!Number.isFinite(seconds)) return
    const points = this.#durations.get(name) ?? []
    this.#durations.set(name, points)
    points.push({ startTime: start, endTime: end, attributes, value: histogramOf(seconds) })
  }

  all(): MetricData[] {
    return [
      ...[...this.#gauges].map(
        ([name, { unit, points }]): MetricData => ({
          descriptor: descriptor(name, unit),
          aggregationTemporality: AggregationTemporality.DELTA,
          dataPointType: DataPointType.GAUGE,
          dataPoints: points,
        }),
      ),
      ...[...this.#sums].map(
        ([name, { unit, points }]): MetricData => ({
          descriptor: descriptor(name, unit),
          aggregationTemporality: AggregationTemporality.DELTA,
          dataPointType: DataPointType.SUM,
          isMonotonic: true,
          dataPoints: points,
        }),
      ),
      ...[...this.#durations].map(
        ([name, points]): MetricData => ({
          descriptor: descriptor(name, 's'),
          aggregationTemporality: AggregationTemporality.DELTA,
          dataPointType: DataPointType.HISTOGRAM,
          dataPoints: points,
        }),
      ),
    ]
  }
}

function pointsOf(
  metrics: Map<string, { unit: string; points: DataPoint<number>[] }>,
  name: string,
  unit: string,
): DataPoint<number>[] {
  const known = metrics.get(name)
  if (known !== undefined) return known.points
  const points: DataPoint<number>[] = []
  metrics.set(name, { unit, points })
  return points
}

function histogramOf(seconds: number): Histogram {
  const bucket = DURATION_BOUNDS_S.findIndex((bound) => seconds <= bound)
  const counts = Array.from({ length: DURATION_BOUNDS_S.length + 1 }, () => 0)
  counts[bucket < 0 ? DURATION_BOUNDS_S.length : bucket] = 1
  return { buckets: { boundaries: [...DURATION_BOUNDS_S], counts }, sum: seconds, count: 1, min: seconds, max: seconds }
}

function descriptor(name: string, unit: string): MetricDescriptor {
  return { name, description: '', unit, valueType: ValueType.DOUBLE }
}
