import type { MetricPoint, Resource, Scope, Telemetry } from '#src/model/telemetry.ts'
import { NO_ATTRIBUTES, type Table } from './attribute-table.ts'
import { addItem } from './item-limit.ts'
import type { ValueReader } from './protobuf-values.ts'

const METRIC = { name: 0x0a, unit: 0x1a, fields: 0b1110_1010_1010 } as const

/** Gauge, Sum, Histogram, ExponentialHistogram and Summary by their tags in `Metric`. */
const TYPES: ReadonlyMap<number, MetricPoint['type']> = new Map([
  [0x2a, 'gauge'],
  [0x3a, 'sum'],
  [0x4a, 'histogram'],
  [0x52, 'exponential_histogram'],
  [0x5a, 'summary'],
])

const DATA = { points: 0x0a, temporality: 0x10, monotonic: 0x18, fields: 0b1110 } as const

// NumberDataPoint, and what the others have in common.
const POINT = { start: 0x11, time: 0x19 } as const
const NUMBER_POINT = { double: 0x21, attributes: 0x3a, int: 0x31, flags: 0x40, fields: 0b1_1101_1100 } as const
const COUNTED_POINT = { count: 0x21, sum: 0x29 } as const
const COUNTED_POINTS = {
  histogram: { attributes: 0x4a, flags: 0x50, fields: 0b110_0011_1100 },
  exponential_histogram: { attributes: 0x0a, flags: 0x50, fields: 0b100_0011_1110 },
  summary: { attributes: 0x3a, flags: 0x40, fields: 0b1_1011_1100 },
} as const

/** Bit of a point's flags: nothing was measured. */
const NO_RECORDED_VALUE = 1

/** What all points of one metric share. */
interface Series {
  readonly name: string
  readonly unit: string
  readonly type: MetricPoint['type']
  readonly temporality: MetricPoint['temporality']
  readonly monotonic: boolean
  readonly resource: Resource
  readonly scope: Scope
}

/** Adds the points of the metric under the last tag. @returns how many were skipped because they have no value */
export function readMetric(reader: ValueReader, resource: Resource, scope: Scope, items: Telemetry[]): number {
  const { wire } = reader
  const outer = wire.enter()
  const start = wire.position
  let name = ''
  let unit = ''
  while (wire.more()) {
    const tag = wire.tag()
    if (tag === METRIC.name) name = reader.text()
    else if (tag === METRIC.unit) unit = reader.text()
    else wire.skip(tag, 0)
  }
  wire.position = start
  let skipped = 0
  while (wire.more()) {
    const tag = wire.tag()
    const type = TYPES.get(tag)
    if (type !== undefined) skipped += readPoints(reader, { name, unit, type, resource, scope }, items)
    else wire.skip(tag, tag === METRIC.name || tag === METRIC.unit ? 0 : METRIC.fields)
  }
  wire.leave(outer)
  return skipped
}

// Temporality and monotony stand behind the points.
function readPoints(
  reader: ValueReader,
  metric: Omit<Series, 'temporality' | 'monotonic'>,
  items: Telemetry[],
): number {
  const { wire } = reader
  const outer = wire.enter()
  const start = wire.position
  let temporality = 0
  let monotonic = false
  while (wire.more()) {
    const tag = wire.tag()
    if (tag === DATA.temporality) temporality = wire.number()
    else if (tag === DATA.monotonic) monotonic = wire.flag()
    else wire.skip(tag, tag === DATA.points ? 0 : DATA.fields)
  }
  wire.position = start
  const series = { ...metric, temporality: temporalityOf(temporality), monotonic }
  let skipped = 0
  while (wire.more()) {
    const tag = wire.tag()
    if (tag !== DATA.points) {
      wire.skip(tag, 0)
      continue
    }
    const point = readPoint(reader, series)
    if (point === undefined) skipped++
    else addItem(items, point)
  }
  wire.leave(outer)
  return skipped
}

function temporalityOf(code: number): MetricPoint['temporality'] {
  if (code === 1) return 'delta'
  return code === 2 ? 'cumulative' : 'unspecified'
}

function readPoint(reader: ValueReader, series: Series): MetricPoint | undefined {
  const { type } = series
  return type === 'gauge' || type === 'sum'
    ? readNumberPoint(reader, series)
    : readCountedPoint(reader, series, COUNTED_POINTS[type])
}

function readNumberPoint(reader: ValueReader, series: Series): MetricPoint | undefined {
  const { wire } = reader
  const outer = wire.enter()
  let startMs = 0
  let timeMs = 0
  let flags = 0
  let value: number | undefined
  let table: Table | undefined
  while (wire.more()) {
    const tag = wire.tag()
    if (tag === NUMBER_POINT.attributes) table = reader.attribute(table)
    else if (tag === NUMBER_POINT.double) value = wire.double()
    else if (tag === NUMBER_POINT.int) value = wire.sfixed64()
    else if (tag === POINT.start) startMs = wire.timeMs()
    else if (tag === POINT.time) timeMs = wire.timeMs()
    else if (tag === NUMBER_POINT.flags) flags = wire.number()
    else wire.skip(tag, NUMBER_POINT.fields)
  }
  wire.leave(outer)
  if (value === undefined || flags % 2 === NO_RECORDED_VALUE) return undefined
  return pointOf(series, startMs, timeMs, value, table ?? NO_ATTRIBUTES)
}

function readCountedPoint(
  reader: ValueReader,
  series: Series,
  layout: (typeof COUNTED_POINTS)[keyof typeof COUNTED_POINTS],
): MetricPoint | undefined {
  const { wire } = reader
  const outer = wire.enter()
  let startMs = 0
  let timeMs = 0
  let flags = 0
  let count = 0
  // A summary's sum has protobuf's default; those of histograms may be absent.
  let sum: number | undefined = series.type === 'summary' ? 0 : undefined
  let table: Table | undefined
  while (wire.more()) {
    const tag = wire.tag()
    if (tag === layout.attributes) table = reader.attribute(table)
    else if (tag === POINT.start) startMs = wire.timeMs()
    else if (tag === POINT.time) timeMs = wire.timeMs()
    else if (tag === COUNTED_POINT.count) count = wire.fixed64()
    else if (tag === COUNTED_POINT.sum) sum = wire.double()
    else if (tag === layout.flags) flags = wire.number()
    else wire.skip(tag, layout.fields)
  }
  wire.leave(outer)
  if (sum === undefined || flags % 2 === NO_RECORDED_VALUE) return undefined
  return { ...pointOf(series, startMs, timeMs, sum, table ?? NO_ATTRIBUTES), count }
}

function pointOf(
  { name, unit, type, temporality, monotonic, resource, scope }: Series,
  startMs: number,
  timeMs: number,
  value: number,
  attributes: MetricPoint['attributes'],
): MetricPoint {
  return {
    kind: 'metric',
    name,
    unit,
    type,
    temporality,
    monotonic,
    startMs: startMs === 0 ? undefined : startMs,
    timeMs,
    value,
    attributes,
    resource,
    scope,
  }
}
