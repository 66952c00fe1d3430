import fc from 'fast-check'
import type { OtlpSignal } from './decode-protobuf.ts'

const key = fc.oneof(
  fc.constantFrom('session.id', 'gen_ai.tool.name', '', '__proto__', '0'),
  fc.string({ unit: 'binary' }),
)
const int64 = fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }).map(String)
const time = fc.oneof(
  fc.constant('0'),
  fc.bigInt({ min: 1_770_000_000_000_000_000n, max: 1_771_000_000_000_000_000n }).map(String),
  fc.bigInt({ min: 0n, max: 2n ** 64n - 1n }).map(String),
)
const double = fc.double({ noNaN: true }).map((value) => (Number.isFinite(value) ? value + 0 : String(value)))
const hex = (bytes: number) =>
  fc.uint8Array({ minLength: bytes, maxLength: bytes }).map((id) => Buffer.from(id).toString('hex'))
const id = (bytes: number) => fc.oneof(fc.constant(''), hex(bytes))

/** A value as OTLP/JSON has it. */
const { value } = fc.letrec<{ value: object }>((tie) => ({
  value: fc.oneof(
    { maxDepth: 4, withCrossShrink: true },
    fc.constant({}),
    fc.record({ stringValue: fc.oneof(fc.string({ unit: 'grapheme' }), fc.string({ minLength: 35, maxLength: 50 })) }),
    fc.record({ boolValue: fc.boolean() }),
    fc.record({ intValue: fc.oneof(fc.integer().map(String), int64) }),
    fc.record({ doubleValue: double }),
    fc.record({ bytesValue: fc.uint8Array().map((bytes) => Buffer.from(bytes).toString('base64')) }),
    fc.record({ arrayValue: fc.record({ values: fc.array(tie('value'), { maxLength: 4 }) }) }),
    fc.record({
      kvlistValue: fc.record({ values: fc.array(fc.record({ key, value: tie('value') }), { maxLength: 4 }) }),
    }),
  ),
}))

const attributes = fc.array(fc.record({ key, value }, { requiredKeys: ['key'] }), { maxLength: 6 })
const optional: { requiredKeys: [] } = { requiredKeys: [] }
const texts = fc.string()

const span = fc.record(
  {
    traceId: id(16),
    spanId: id(8),
    parentSpanId: id(8),
    name: texts,
    kind: fc.integer({ min: 0, max: 5 }),
    startTimeUnixNano: time,
    endTimeUnixNano: time,
    attributes,
    events: fc.array(fc.record({ timeUnixNano: time, name: texts, attributes }), { maxLength: 2 }),
    links: fc.array(fc.record({ traceId: hex(16), spanId: hex(8), attributes }), { maxLength: 2 }),
    status: fc.record({ code: fc.integer({ min: -1, max: 3 }), message: texts }, optional),
    flags: fc.nat(),
  },
  optional,
)

const logRecord = fc.record(
  {
    timeUnixNano: time,
    observedTimeUnixNano: time,
    severityNumber: fc.integer({ min: -1, max: 25 }),
    severityText: texts,
    body: value,
    attributes,
    traceId: id(16),
    spanId: id(8),
    eventName: texts,
    flags: fc.nat(),
  },
  optional,
)

const times = { startTimeUnixNano: time, timeUnixNano: time, attributes, flags: fc.constantFrom(0, 1, 2) }
const numberPoint = fc.oneof(
  fc.record(times, optional),
  fc.record({ ...times, asInt: int64 }),
  fc.record({ ...times, asDouble: double }),
)
const counted = { ...times, count: fc.bigInt({ min: 0n, max: 2n ** 64n - 1n }).map(String) }
const histogramPoint = fc.record(
  {
    ...counted,
    sum: double,
    bucketCounts: fc.array(fc.nat().map(String)),
    explicitBounds: fc.array(double),
    min: double,
  },
  optional,
)
const exponentialPoint = fc.record(
  { ...counted, sum: double, scale: fc.integer(), positive: fc.record({ offset: fc.integer() }) },
  optional,
)
const summaryPoint = fc.record({ ...counted, sum: double }, optional)

const aggregationTemporality = fc.integer({ min: 0, max: 3 })
const isMonotonic = fc.boolean()
const pointsOf = <T>(point: fc.Arbitrary<T>) => fc.array(point, { maxLength: 3 })
const metric = fc.record({ name: texts, unit: texts, description: texts }, optional).chain((named) =>
  fc
    .oneof(
      fc.record({}),
      fc.record({ gauge: fc.record({ dataPoints: pointsOf(numberPoint) }) }),
      fc.record({ sum: fc.record({ dataPoints: pointsOf(numberPoint), aggregationTemporality, isMonotonic }) }),
      fc.record({ histogram: fc.record({ dataPoints: pointsOf(histogramPoint), aggregationTemporality }) }),
      fc.record({
        exponentialHistogram: fc.record({ dataPoints: pointsOf(exponentialPoint), aggregationTemporality }),
      }),
      fc.record({ summary: fc.record({ dataPoints: pointsOf(summaryPoint) }) }),
    )
    .map((data) => ({ ...named, ...data })),
)

const resource = fc.record({ attributes, droppedAttributesCount: fc.nat() }, optional)
const scope = fc.record({ name: texts, version: texts, attributes }, optional)

// Mostly whole ones: in a part that lacks its list there is nothing to compare.
function mostlyWhole<T>(model: { [K in keyof T]: fc.Arbitrary<T[K]> }): fc.Arbitrary<object> {
  return fc.oneof({ weight: 9, arbitrary: fc.record(model) }, { weight: 1, arbitrary: fc.record(model, optional) })
}

function requestOf(resources: string, scopes: string, items: string, item: fc.Arbitrary<object>): fc.Arbitrary<object> {
  const some = { minLength: 1, maxLength: 3, size: 'max' } as const
  const scoped = mostlyWhole({ scope, [items]: fc.array(item, some), schemaUrl: texts })
  const part = mostlyWhole({ resource, [scopes]: fc.array(scoped, { ...some, maxLength: 2 }), schemaUrl: texts })
  return fc.record({ [resources]: fc.array(part, { ...some, maxLength: 2 }) })
}

/** Requests of every shape, as OTLP/JSON has them. */
export const REQUESTS = {
  traces: requestOf('resourceSpans', 'scopeSpans', 'spans', span),
  logs: requestOf('resourceLogs', 'scopeLogs', 'logRecords', logRecord),
  metrics: requestOf('resourceMetrics', 'scopeMetrics', 'metrics', metric),
} as const satisfies Record<OtlpSignal, unknown>
