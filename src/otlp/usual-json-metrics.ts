import type { Attributes, MetricPoint, Resource, Scope, Telemetry } from '#src/model/telemetry.ts'
import { NO_ATTRIBUTES } from './attribute-table.ts'
import { addItem } from './item-limit.ts'
import { isCounted, POINT_TYPES, pointOf, type Series, TEMPORALITIES } from './json-metrics.ts'
import { JsonNames } from './json-names.ts'
import { readCount, readDouble, readEnumValue, readInt64, readTimeMs } from './json-numbers.ts'
import { END, type JsonReader } from './json-reader.ts'
import { once, unusual } from './json-unusual.ts'
import { readAttributes } from './usual-json-values.ts'

const METRIC = { name: 0, unit: 1, data: 2 } as const
const METRIC_NAMES = new JsonNames(['name', 'unit', ...POINT_TYPES.map(([field]) => field)])

const DATA = { dataPoints: 0, aggregationTemporality: 1, isMonotonic: 2 } as const
const DATA_NAMES = new JsonNames(Object.keys(DATA))

const POINT = { attributes: 0, startTimeUnixNano: 1, timeUnixNano: 2, flags: 3 } as const
const NUMBER_POINT = { ...POINT, asInt: 4, asDouble: 5 } as const
const COUNTED_POINT = { ...POINT, count: 4, sum: 5 } as const
const NUMBER_POINT_NAMES = new JsonNames(Object.keys(NUMBER_POINT))
const COUNTED_POINT_NAMES = new JsonNames(Object.keys(COUNTED_POINT))

/** Adds the points of the metric that comes next. @returns how many points were skipped because they have no value */
export function readMetric(reader: JsonReader, resource: Resource, scope: Scope, items: Telemetry[]): number {
  let name = ''
  let unit = ''
  const dataAt: number[] = []
  let seen = 0
  for (let field = reader.open(METRIC_NAMES); field !== END; field = reader.field(METRIC_NAMES, field)) {
    seen = once(seen, field)
    if (reader.isNull()) continue
    if (field === METRIC.name) name = reader.text()
    else if (field === METRIC.unit) unit = reader.text()
    else {
      dataAt[field - METRIC.data] = reader.position
      reader.skip()
    }
  }
  const end = reader.position
  let skipped = 0
  for (const [index, [, type]] of POINT_TYPES.entries()) {
    const at = dataAt[index]
    if (at === undefined) continue
    reader.position = at
    skipped += readData(reader, { name, unit, type, resource, scope }, items)
  }
  reader.position = end
  return skipped
}

// What says how the points are meant may stand behind them.
function readData(reader: JsonReader, metric: Omit<Series, 'temporality' | 'monotonic'>, items: Telemetry[]): number {
  let temporality: MetricPoint['temporality'] = 'unspecified'
  let monotonic = false
  let pointsAt: number | undefined
  let seen = 0
  for (let field = reader.open(DATA_NAMES); field !== END; field = reader.field(DATA_NAMES, field)) {
    seen = once(seen, field)
    if (reader.isNull()) continue
    if (field === DATA.aggregationTemporality) {
      temporality = TEMPORALITIES.get(readEnumValue(reader)) ?? 'unspecified'
    } else if (field === DATA.isMonotonic) monotonic = reader.flag()
    else {
      pointsAt = reader.position
      reader.skip()
    }
  }
  if (pointsAt === undefined) return 0
  reader.position = pointsAt
  const series: Series = { ...metric, temporality, monotonic }
  let skipped = 0
  for (let more = reader.openList(); more; more = reader.item()) {
    const point = readPoint(reader, series)
    if (point === undefined) skipped++
    else addItem(items, point)
  }
  return skipped
}

function readPoint(reader: JsonReader, series: Series): MetricPoint | undefined {
  const counted = isCounted(series)
  const names = counted ? COUNTED_POINT_NAMES : NUMBER_POINT_NAMES
  let attributes: Attributes = NO_ATTRIBUTES
  let startMs = 0
  let timeMs = 0
  let flags = 0
  let count = 0
  let value: number | undefined
  let seen = 0
  for (let field = reader.open(names); field !== END; field = reader.field(names, field)) {
    seen = once(seen, field)
    if (reader.isNull()) continue
    switch (field) {
      case POINT.attributes:
        attributes = readAttributes(reader)
        break
      case POINT.startTimeUnixNano:
        startMs = readTimeMs(reader)
        break
      case POINT.timeUnixNano:
        timeMs = readTimeMs(reader)
        break
      case POINT.flags:
        flags = readCount(reader)
        if (flags >= 2 ** 32) throw unusual()
        break
      default:
        if (counted && field === COUNTED_POINT.count) count = readCount(reader)
        else if (value !== undefined) throw unusual()
        else value = field === NUMBER_POINT.asInt ? Number(readInt64(reader)) : readDouble(reader)
    }
  }
  return pointOf(series, { attributes, startMs: startMs || undefined, timeMs, flags, count, value })
}
