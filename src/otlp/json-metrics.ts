import type { MetricPoint, Resource, Scope, Telemetry } from '#src/model/telemetry.ts'
import {
  each,
  enumOf,
  type JsonRecord,
  nested,
  optionalCount,
  optionalDouble,
  optionalFlag,
  optionalInt64,
  optionalText,
  optionalTimeMs,
} from './json-fields.ts'
import { readAttributes } from './json-values.ts'

type PointType = MetricPoint['type']

/** The fields of OTLP's `Metric` that hold its points, and what they mean. */
const POINT_TYPES: readonly (readonly [field: string, type: PointType])[] = [
  ['gauge', 'gauge'],
  ['sum', 'sum'],
  ['histogram', 'histogram'],
  ['exponentialHistogram', 'exponential_histogram'],
  ['summary', 'summary'],
]

const TEMPORALITIES = new Map<unknown, MetricPoint['temporality']>([
  [1, 'delta'],
  [2, 'cumulative'],
  ['AGGREGATION_TEMPORALITY_DELTA', 'delta'],
  ['AGGREGATION_TEMPORALITY_CUMULATIVE', 'cumulative'],
])

/** Bit of a point's flags: nothing was measured. */
const NO_RECORDED_VALUE = 1

/** What all points of one metric share. */
interface Series {
  readonly name: string
  readonly unit: string
  readonly type: PointType
  readonly temporality: MetricPoint['temporality']
  readonly monotonic: boolean
  readonly resource: Resource
  readonly scope: Scope
}

/** Adds a metric's points. @returns how many points were skipped because they have no value */
export function readMetric(metric: JsonRecord, resource: Resource, scope: Scope, items: Telemetry[]): number {
  const name = optionalText(metric, 'name') ?? ''
  const unit = optionalText(metric, 'unit') ?? ''
  let skipped = 0
  for (const [field, type] of POINT_TYPES) {
    nested(metric, field, (data) => {
      const temporality = enumOf(data, 'aggregationTemporality', TEMPORALITIES, 'unspecified')
      const monotonic = optionalFlag(data, 'isMonotonic') ?? false
      const series: Series = { name, unit, type, temporality, monotonic, resource, scope }
      each(data, 'dataPoints', (record) => {
        const point = readPoint(record, series)
        if (point === undefined) skipped++
        else items.push(point)
      })
    })
  }
  return skipped
}

function readPoint(point: JsonRecord, series: Series): MetricPoint | undefined {
  const counted = series.type !== 'gauge' && series.type !== 'sum'
  const value = counted ? optionalDouble(point, 'sum') : numberValue(point)
  const count = counted ? (optionalCount(point, 'count') ?? 0) : undefined
  const flags = optionalCount(point, 'flags') ?? 0
  const attributes = readAttributes(point, 'attributes')
  const startMs = optionalTimeMs(point, 'startTimeUnixNano')
  const timeMs = optionalTimeMs(point, 'timeUnixNano') ?? 0
  const { name, unit, type, temporality, monotonic, resource, scope } = series
  // A summary's sum has protobuf's default; those of histograms may be absent.
  const measured = value ?? (type === 'summary' ? 0 : undefined)
  if (measured === undefined || flags % 2 === NO_RECORDED_VALUE) return undefined
  return {
    kind: 'metric',
    name,
    unit,
    type,
    temporality,
    monotonic,
    startMs,
    timeMs,
    value: measured,
    ...(count === undefined ? undefined : { count }),
    attributes,
    resource,
    scope,
  }
}

function numberValue(point: JsonRecord): number | undefined {
  const integer = optionalInt64(point, 'asInt')
  return integer === undefined ? optionalDouble(point, 'asDouble') : Number(integer)
}
