import type { Attributes, MetricPoint, Resource, Scope, Telemetry } from '#src/model/telemetry.ts'
import { addItem } from './item-limit.ts'
import {
  each,
  enumOf,
  type JsonRecord,
  nested,
  optionalCount,
  optionalDouble,
  optionalFlag,
  optionalFlags,
  optionalInt64,
  optionalText,
  optionalTimeMs,
} from './json-fields.ts'
import { readAttributes } from './json-values.ts'

type PointType = MetricPoint['type']

/** The fields of OTLP's `Metric` that hold its points, and what they mean. */
export const POINT_TYPES: readonly (readonly [field: string, type: PointType])[] = [
  ['gauge', 'gauge'],
  ['sum', 'sum'],
  ['histogram', 'histogram'],
  ['exponentialHistogram', 'exponential_histogram'],
  ['summary', 'summary'],
]

export const TEMPORALITIES = new Map<unknown, MetricPoint['temporality']>([
  [1, 'delta'],
  [2, 'cumulative'],
  ['AGGREGATION_TEMPORALITY_DELTA', 'delta'],
  ['AGGREGATION_TEMPORALITY_CUMULATIVE', 'cumulative'],
])

/** Bit of a point's flags: nothing was measured. */
const NO_RECORDED_VALUE = 1

/** What all points of one metric share. */
export interface Series {
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
        else addItem(items, point)
      })
    })
  }
  return skipped
}

/** What is read of one point, whatever its type is. */
interface PointParts {
  readonly attributes: Attributes
  readonly startMs: number | undefined
  readonly timeMs: number
  readonly flags: number
  /** 0 where points of the type have none. */
  readonly count: number
  readonly value: number | undefined
}

function readPoint(point: JsonRecord, series: Series): MetricPoint | undefined {
  const counted = isCounted(series)
  return pointOf(series, {
    value: counted ? optionalDouble(point, 'sum') : numberValue(point),
    count: counted ? (optionalCount(point, 'count') ?? 0) : 0,
    flags: optionalFlags(point, 'flags') ?? 0,
    attributes: readAttributes(point, 'attributes'),
    startMs: optionalTimeMs(point, 'startTimeUnixNano'),
    timeMs: optionalTimeMs(point, 'timeUnixNano') ?? 0,
  })
}

/** Whether points have a count and a sum instead of one number. */
export function isCounted({ type }: Series): boolean {
  return type !== 'gauge' && type !== 'sum'
}

/** @returns `undefined` when nothing was measured */
export function pointOf(series: Series, { flags, count, value, ...parts }: PointParts): MetricPoint | undefined {
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
    startMs: parts.startMs,
    timeMs: parts.timeMs,
    value: measured,
    ...(isCounted(series) ? { count } : undefined),
    attributes: parts.attributes,
    resource,
    scope,
  }
}

function numberValue(point: JsonRecord): number | undefined {
  const integer = optionalInt64(point, 'asInt')
  return integer === undefined ? optionalDouble(point, 'asDouble') : Number(integer)
}
