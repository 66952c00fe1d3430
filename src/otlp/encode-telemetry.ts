import type { OtlpRequest, OtlpSignal } from '#src/model/otlp-request.ts'
import type {
  Attributes,
  AttributeValue,
  LogRecord,
  MetricPoint,
  Resource,
  Scope,
  Span,
  Telemetry,
} from '#src/model/telemetry.ts'

/** What OTLP/JSON is made of here. */
type Node = string | number | boolean | readonly Node[] | { readonly [name: string]: Node | undefined }

const SIGNAL_OF = { span: 'traces', log: 'logs', metric: 'metrics' } as const satisfies Record<
  Telemetry['kind'],
  OtlpSignal
>

const LISTS = {
  traces: { resources: 'resourceSpans', scopes: 'scopeSpans', items: 'spans' },
  logs: { resources: 'resourceLogs', scopes: 'scopeLogs', items: 'logRecords' },
  metrics: { resources: 'resourceMetrics', scopes: 'scopeMetrics', items: 'metrics' },
} as const satisfies Record<OtlpSignal, unknown>

const STATUS_CODES = { unset: 0, ok: 1, error: 2 } as const
const TEMPORALITIES = { unspecified: 0, delta: 1, cumulative: 2 } as const
const POINT_FIELDS = {
  gauge: 'gauge',
  sum: 'sum',
  histogram: 'histogram',
  exponential_histogram: 'exponentialHistogram',
  summary: 'summary',
} as const

/** Writes telemetry that did not come as OTLP, as requests in OTLP/JSON: at most one for each signal, in their order. */
export function encodeTelemetry(items: readonly Telemetry[]): readonly OtlpRequest[] {
  return [...Map.groupBy(items, ({ kind }) => SIGNAL_OF[kind])].map(([signal, ofSignal]) => {
    const names = LISTS[signal]
    const resources = runsOf(ofSignal, ({ resource }) => resource).map(([resource, ofResource]) => ({
      resource: resourceNode(resource),
      [names.scopes]: runsOf(ofResource, ({ scope }) => scope).map(([scope, ofScope]) => ({
        scope: scopeNode(scope),
        [names.items]: ofScope.map(itemNode),
      })),
    }))
    const body = Buffer.from(JSON.stringify({ [names.resources]: resources }))
    return { signal, encoding: 'json', body, items: ofSignal.length }
  })
}

/** Neighbours with the same origin. */
function runsOf<O>(items: readonly Telemetry[], originOf: (item: Telemetry) => O): [origin: O, Telemetry[]][] {
  const runs: [O, Telemetry[]][] = []
  for (const item of items) {
    const origin = originOf(item)
    const last = runs.at(-1)
    if (last !== undefined && last[0] === origin) last[1].push(item)
    else runs.push([origin, [item]])
  }
  return runs
}

function resourceNode({ attributes }: Resource): Node {
  return { attributes: keyValues(attributes) }
}

function scopeNode({ name, version }: Scope): Node {
  return { name, version }
}

function itemNode(item: Telemetry): Node {
  if (item.kind === 'span') return spanNode(item)
  return item.kind === 'log' ? logNode(item) : metricNode(item)
}

function spanNode(span: Span): Node {
  const { traceId, spanId, parentSpanId, name, startMs, endMs, status, attributes } = span
  return {
    traceId,
    spanId,
    parentSpanId,
    name,
    startTimeUnixNano: nanoseconds(startMs),
    endTimeUnixNano: nanoseconds(endMs),
    attributes: keyValues(attributes),
    status: { code: STATUS_CODES[status] },
  }
}

function logNode(record: LogRecord): Node {
  const { timeMs, eventName, severity, body, traceId, spanId, attributes } = record
  return {
    timeUnixNano: nanoseconds(timeMs),
    severityText: severity,
    body: body === undefined ? undefined : valueNode(body),
    attributes: keyValues(attributes),
    traceId,
    spanId,
    eventName,
  }
}

function metricNode(point: MetricPoint): Node {
  const { name, unit, type, temporality, monotonic, startMs, timeMs, value, count, attributes } = point
  const counted = type !== 'gauge' && type !== 'sum'
  const dataPoint = {
    attributes: keyValues(attributes),
    startTimeUnixNano: startMs === undefined ? undefined : nanoseconds(startMs),
    timeUnixNano: nanoseconds(timeMs),
    ...(counted ? { count: String(count ?? 0), sum: doubleNode(value) } : { asDouble: doubleNode(value) }),
  }
  const hasTemporality = type !== 'gauge' && type !== 'summary'
  const data = {
    dataPoints: [dataPoint],
    aggregationTemporality: hasTemporality ? TEMPORALITIES[temporality] : undefined,
    isMonotonic: type === 'sum' ? monotonic : undefined,
  }
  return { name, unit, [POINT_FIELDS[type]]: data }
}

function keyValues(attributes: Attributes): readonly Node[] {
  return Object.entries(attributes).flatMap(([key, value]) =>
    value === undefined ? [] : [{ key, value: valueNode(value) }],
  )
}

function valueNode(value: AttributeValue): Node {
  if (value === null) return {}
  if (typeof value === 'string') return { stringValue: value }
  if (typeof value === 'boolean') return { boolValue: value }
  if (typeof value === 'bigint' || Number.isSafeInteger(value)) return { intValue: String(value) }
  if (typeof value === 'number') return { doubleValue: doubleNode(value) }
  if (value instanceof Uint8Array) return { bytesValue: Buffer.from(value).toString('base64') }
  if (isList(value)) return { arrayValue: { values: value.map(valueNode) } }
  return { kvlistValue: { values: keyValues(value) } }
}

function isList(value: AttributeValue): value is readonly AttributeValue[] {
  return Array.isArray(value)
}

/** JSON has no number that is none or endless: OTLP writes them as text. */
function doubleNode(value: number): Node {
  return Number.isFinite(value) ? value : String(value)
}

/** Telemetry's times are exact to the microsecond. */
function nanoseconds(timeMs: number): string {
  return `${Math.round(timeMs * 1000)}000`
}
