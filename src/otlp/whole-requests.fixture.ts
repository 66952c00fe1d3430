import type { OtlpSignal } from '#src/model/otlp-request.ts'

/** Unsafe as a double: the last digits tell. */
const NANOS = '1770920884123456789'
const UINT64 = '18446744073709551615'
const INT64 = '-9223372036854775808'

const TRACE_ID = '0af7651916cd43dd8448eb211c80319c'
const SPAN_ID = 'b7ad6b7169203331'

const attributes = [
  { key: 'text', value: { stringValue: 'schöner Text \u{1f642}' } },
  { key: 'empty', value: { stringValue: '' } },
  { key: 'yes', value: { boolValue: true } },
  { key: 'no', value: { boolValue: false } },
  { key: 'zero', value: { intValue: '0' } },
  { key: 'least', value: { intValue: INT64 } },
  { key: 'one', value: { doubleValue: 1 } },
  { key: 'third', value: { doubleValue: 0.333_333_333_333_333_3 } },
  { key: 'bytes', value: { bytesValue: 'AAEC/w==' } },
  { key: 'nothing', value: {} },
  { key: 'text', value: { stringValue: 'the same key again' } },
  {
    key: 'nested',
    value: {
      arrayValue: {
        values: [
          { intValue: '9007199254740993' },
          { kvlistValue: { values: [{ key: 'inner', value: { doubleValue: 2 } }] } },
        ],
      },
    },
  },
]

const resource = { attributes, droppedAttributesCount: 3 }
const scope = { name: 'scope', version: '1.2.3', attributes, droppedAttributesCount: 4 }

const exemplars = [
  { timeUnixNano: NANOS, asInt: INT64, spanId: SPAN_ID, traceId: TRACE_ID, filteredAttributes: attributes },
  { timeUnixNano: NANOS, asDouble: 0.1 },
]

const spans = [
  {
    traceId: TRACE_ID,
    spanId: SPAN_ID,
    traceState: 'vendor=1',
    parentSpanId: '00f067aa0ba902b7',
    name: 'claude_code.tool',
    kind: 3,
    startTimeUnixNano: NANOS,
    endTimeUnixNano: UINT64,
    attributes,
    droppedAttributesCount: 4_294_967_295,
    events: [{ timeUnixNano: NANOS, name: 'event', attributes, droppedAttributesCount: 1 }],
    droppedEventsCount: 2,
    links: [{ traceId: TRACE_ID, spanId: SPAN_ID, traceState: 'a=b', attributes, flags: 257 }],
    droppedLinksCount: 3,
    status: { message: 'failed', code: 2 },
    flags: 769,
  },
  { traceId: TRACE_ID, spanId: SPAN_ID, name: 'second', startTimeUnixNano: '1', endTimeUnixNano: '2' },
]

const logRecords = [
  {
    timeUnixNano: NANOS,
    severityNumber: 17,
    severityText: 'ERROR',
    body: { kvlistValue: { values: attributes } },
    attributes,
    droppedAttributesCount: 5,
    flags: 1,
    traceId: TRACE_ID,
    spanId: SPAN_ID,
    observedTimeUnixNano: UINT64,
    eventName: 'api_request',
  },
  { timeUnixNano: NANOS },
]

const point = { startTimeUnixNano: NANOS, timeUnixNano: NANOS }

const metrics = [
  {
    name: 'gauge',
    description: 'of doubles',
    unit: '1',
    gauge: { dataPoints: [{ ...point, asDouble: 1.5, exemplars, attributes, flags: 2 }] },
  },
  {
    name: 'sum',
    sum: { dataPoints: [{ ...point, asInt: INT64, attributes }], aggregationTemporality: 1, isMonotonic: true },
    metadata: attributes,
  },
  {
    name: 'histogram',
    histogram: {
      dataPoints: [
        {
          ...point,
          count: UINT64,
          sum: -3.25,
          bucketCounts: ['1', '0', UINT64],
          explicitBounds: [0.5, 1e300],
          exemplars,
          attributes,
          flags: 1,
          min: -0.5,
          max: 8,
        },
      ],
      aggregationTemporality: 2,
    },
  },
  {
    name: 'exponential',
    exponentialHistogram: {
      dataPoints: [
        {
          attributes,
          ...point,
          count: '4',
          sum: 2,
          scale: -3,
          zeroCount: '1',
          positive: { offset: -7, bucketCounts: ['1', '2', UINT64] },
          negative: { offset: 5, bucketCounts: ['0'] },
          flags: 2,
          exemplars,
          min: 0.25,
          max: 4,
          zeroThreshold: 1e-9,
        },
      ],
      aggregationTemporality: 1,
    },
  },
  {
    name: 'summary',
    summary: {
      dataPoints: [
        { ...point, count: '2', sum: 5, quantileValues: [{ quantile: 0.99, value: 4 }], attributes, flags: 2 },
      ],
    },
  },
  // Without a value: nothing was measured.
  { name: 'unmeasured', gauge: { dataPoints: [{ ...point, attributes, flags: 1 }] } },
]

const schemaUrl = 'https://opentelemetry.io/schemas/1.30.0'

/** For each signal a request with every field of OTLP, in OTLP/JSON as agentperf writes it. */
export const WHOLE_REQUESTS: Readonly<Record<OtlpSignal, object>> = {
  traces: { resourceSpans: [{ resource, scopeSpans: [{ scope, spans, schemaUrl }], schemaUrl }] },
  logs: { resourceLogs: [{ resource, scopeLogs: [{ scope, logRecords, schemaUrl }], schemaUrl }] },
  metrics: { resourceMetrics: [{ resource, scopeMetrics: [{ scope, metrics, schemaUrl }], schemaUrl }] },
}
