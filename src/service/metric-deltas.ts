import { type Attributes, type HrTime, ValueType } from '@opentelemetry/api'
import { AggregationTemporality, DataPointType, type MetricData } from '@opentelemetry/sdk-metrics'
import type { MetricLabels, OwnMetric } from './own-metrics.ts'

/** Makes OpenTelemetry's metrics of what agentperf tells of itself: of counters what was added since the last time. */
export class MetricDeltas {
  readonly #counted = new Map<string, number>()
  #sinceMs: number

  /** @param startMs since when counters count, in epoch milliseconds */
  constructor(startMs: number) {
    this.#sinceMs = startMs
  }

  /** @returns metrics without points left out, and without those that stay on this machine */
  next(metrics: readonly OwnMetric[], nowMs: number): MetricData[] {
    const startTime = hrTime(this.#sinceMs)
    const endTime = hrTime(nowMs)
    this.#sinceMs = nowMs
    return metrics
      .filter(({ points, local }) => points.length > 0 && local !== true)
      .map((metric): MetricData => {
        const { name, unit, description, type } = metric
        const descriptor = { name, unit, description, valueType: ValueType.DOUBLE }
        const isCounter = type === 'counter'
        const dataPoints = metric.points.map(({ labels, value }) => {
          return { startTime, endTime, attributes: labels, value: isCounter ? this.#added(name, labels, value) : value }
        })
        if (!isCounter) {
          // Gauges have no temporality; the type wants one.
          return {
            descriptor,
            dataPoints,
            dataPointType: DataPointType.GAUGE,
            aggregationTemporality: AggregationTemporality.DELTA,
          }
        }
        return {
          descriptor,
          dataPoints,
          dataPointType: DataPointType.SUM,
          aggregationTemporality: AggregationTemporality.DELTA,
          isMonotonic: true,
        }
      })
  }

  /** Of metrics that nobody took: what was added is in the next ones. */
  giveBack(metrics: readonly MetricData[]): void {
    for (const metric of metrics) {
      if (metric.dataPointType !== DataPointType.SUM) continue
      for (const { attributes, value, startTime } of metric.dataPoints) {
        const key = keyOf(metric.descriptor.name, attributes)
        this.#counted.set(key, (this.#counted.get(key) ?? 0) - value)
        this.#sinceMs = Math.min(this.#sinceMs, startTime[0] * 1000 + startTime[1] / 1e6)
      }
    }
  }

  #added(name: string, labels: MetricLabels, value: number): number {
    const key = keyOf(name, labels)
    const added = value - (this.#counted.get(key) ?? 0)
    this.#counted.set(key, value)
    return added
  }
}

function keyOf(name: string, labels: Attributes): string {
  return JSON.stringify([name, labels])
}

function hrTime(ms: number): HrTime {
  const seconds = Math.floor(ms / 1000)
  return [seconds, Math.round((ms - seconds * 1000) * 1e6)]
}
