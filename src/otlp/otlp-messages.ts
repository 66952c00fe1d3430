/** How a field's value is written. `id`: bytes that JSON has in hex. */
export type Scalar =
  | 'text'
  | 'id'
  | 'bytes'
  | 'bool'
  | 'int32'
  | 'sint32'
  | 'uint32'
  | 'int64'
  | 'uint64'
  | 'fixed32'
  | 'fixed64'
  | 'sfixed64'
  | 'double'
  | 'severity'
  | 'span_kind'
  | 'status_code'
  | 'temporality'

export interface Field {
  readonly number: number
  /** As OTLP/JSON has it. */
  readonly name: string
  /** What it holds; a message by its name in {@link MESSAGES}. */
  readonly type: Scalar | MessageName
  readonly repeated: boolean
}

export interface Message {
  readonly byNumber: ReadonlyMap<number, Field>
  /** Also by the names of the protobuf files, which some senders write. */
  readonly byName: ReadonlyMap<string, Field>
}

type Line = readonly [number: number, name: string, type: string, repeated?: 'repeated']

const ATTRIBUTES = 'attributes'

/** What the three signals have in common around their items. */
const RESOURCE = [1, 'resource', 'Resource'] as const
const SCOPE = [1, 'scope', 'Scope'] as const
const SCHEMA_URL = [3, 'schemaUrl', 'text'] as const
const START = [2, 'startTimeUnixNano', 'fixed64'] as const
const TIME = [3, 'timeUnixNano', 'fixed64'] as const

/** The messages of opentelemetry-proto 1.11, field by field. */
const LINES = {
  TracesRequest: [[1, 'resourceSpans', 'ResourceSpans', 'repeated']],
  ResourceSpans: [RESOURCE, [2, 'scopeSpans', 'ScopeSpans', 'repeated'], SCHEMA_URL],
  ScopeSpans: [SCOPE, [2, 'spans', 'Span', 'repeated'], SCHEMA_URL],
  LogsRequest: [[1, 'resourceLogs', 'ResourceLogs', 'repeated']],
  ResourceLogs: [RESOURCE, [2, 'scopeLogs', 'ScopeLogs', 'repeated'], SCHEMA_URL],
  ScopeLogs: [SCOPE, [2, 'logRecords', 'LogRecord', 'repeated'], SCHEMA_URL],
  MetricsRequest: [[1, 'resourceMetrics', 'ResourceMetrics', 'repeated']],
  ResourceMetrics: [RESOURCE, [2, 'scopeMetrics', 'ScopeMetrics', 'repeated'], SCHEMA_URL],
  ScopeMetrics: [SCOPE, [2, 'metrics', 'Metric', 'repeated'], SCHEMA_URL],
  /** A request in JSON says by its fields what it holds, whatever path it came to. */
  AnyRequest: [
    [1, 'resourceSpans', 'ResourceSpans', 'repeated'],
    [2, 'resourceLogs', 'ResourceLogs', 'repeated'],
    [3, 'resourceMetrics', 'ResourceMetrics', 'repeated'],
  ],
  Resource: [
    [1, ATTRIBUTES, 'KeyValue', 'repeated'],
    [2, 'droppedAttributesCount', 'uint32'],
    [3, 'entityRefs', 'EntityRef', 'repeated'],
  ],
  EntityRef: [
    [1, 'schemaUrl', 'text'],
    [2, 'type', 'text'],
    [3, 'idKeys', 'text', 'repeated'],
    [4, 'descriptionKeys', 'text', 'repeated'],
  ],
  Scope: [
    [1, 'name', 'text'],
    [2, 'version', 'text'],
    [3, ATTRIBUTES, 'KeyValue', 'repeated'],
    [4, 'droppedAttributesCount', 'uint32'],
  ],
  KeyValue: [
    [1, 'key', 'text'],
    [2, 'value', 'AnyValue'],
  ],
  AnyValue: [
    [1, 'stringValue', 'text'],
    [2, 'boolValue', 'bool'],
    [3, 'intValue', 'int64'],
    [4, 'doubleValue', 'double'],
    [5, 'arrayValue', 'ArrayValue'],
    [6, 'kvlistValue', 'KeyValueList'],
    [7, 'bytesValue', 'bytes'],
  ],
  ArrayValue: [[1, 'values', 'AnyValue', 'repeated']],
  KeyValueList: [[1, 'values', 'KeyValue', 'repeated']],
  Span: [
    [1, 'traceId', 'id'],
    [2, 'spanId', 'id'],
    [3, 'traceState', 'text'],
    [4, 'parentSpanId', 'id'],
    [5, 'name', 'text'],
    [6, 'kind', 'span_kind'],
    [7, 'startTimeUnixNano', 'fixed64'],
    [8, 'endTimeUnixNano', 'fixed64'],
    [9, ATTRIBUTES, 'KeyValue', 'repeated'],
    [10, 'droppedAttributesCount', 'uint32'],
    [11, 'events', 'Event', 'repeated'],
    [12, 'droppedEventsCount', 'uint32'],
    [13, 'links', 'Link', 'repeated'],
    [14, 'droppedLinksCount', 'uint32'],
    [15, 'status', 'Status'],
    [16, 'flags', 'fixed32'],
  ],
  Event: [
    [1, 'timeUnixNano', 'fixed64'],
    [2, 'name', 'text'],
    [3, ATTRIBUTES, 'KeyValue', 'repeated'],
    [4, 'droppedAttributesCount', 'uint32'],
  ],
  Link: [
    [1, 'traceId', 'id'],
    [2, 'spanId', 'id'],
    [3, 'traceState', 'text'],
    [4, ATTRIBUTES, 'KeyValue', 'repeated'],
    [5, 'droppedAttributesCount', 'uint32'],
    [6, 'flags', 'fixed32'],
  ],
  Status: [
    [2, 'message', 'text'],
    [3, 'code', 'status_code'],
  ],
  LogRecord: [
    [1, 'timeUnixNano', 'fixed64'],
    [2, 'severityNumber', 'severity'],
    [3, 'severityText', 'text'],
    [5, 'body', 'AnyValue'],
    [6, ATTRIBUTES, 'KeyValue', 'repeated'],
    [7, 'droppedAttributesCount', 'uint32'],
    [8, 'flags', 'fixed32'],
    [9, 'traceId', 'id'],
    [10, 'spanId', 'id'],
    [11, 'observedTimeUnixNano', 'fixed64'],
    [12, 'eventName', 'text'],
  ],
  Metric: [
    [1, 'name', 'text'],
    [2, 'description', 'text'],
    [3, 'unit', 'text'],
    [5, 'gauge', 'Gauge'],
    [7, 'sum', 'Sum'],
    [9, 'histogram', 'Histogram'],
    [10, 'exponentialHistogram', 'ExponentialHistogram'],
    [11, 'summary', 'Summary'],
    [12, 'metadata', 'KeyValue', 'repeated'],
  ],
  Gauge: [[1, 'dataPoints', 'NumberPoint', 'repeated']],
  Sum: [
    [1, 'dataPoints', 'NumberPoint', 'repeated'],
    [2, 'aggregationTemporality', 'temporality'],
    [3, 'isMonotonic', 'bool'],
  ],
  Histogram: [
    [1, 'dataPoints', 'HistogramPoint', 'repeated'],
    [2, 'aggregationTemporality', 'temporality'],
  ],
  ExponentialHistogram: [
    [1, 'dataPoints', 'ExponentialPoint', 'repeated'],
    [2, 'aggregationTemporality', 'temporality'],
  ],
  Summary: [[1, 'dataPoints', 'SummaryPoint', 'repeated']],
  NumberPoint: [
    START,
    TIME,
    [4, 'asDouble', 'double'],
    [5, 'exemplars', 'Exemplar', 'repeated'],
    [6, 'asInt', 'sfixed64'],
    [7, ATTRIBUTES, 'KeyValue', 'repeated'],
    [8, 'flags', 'uint32'],
  ],
  HistogramPoint: [
    START,
    TIME,
    [4, 'count', 'fixed64'],
    [5, 'sum', 'double'],
    [6, 'bucketCounts', 'fixed64', 'repeated'],
    [7, 'explicitBounds', 'double', 'repeated'],
    [8, 'exemplars', 'Exemplar', 'repeated'],
    [9, ATTRIBUTES, 'KeyValue', 'repeated'],
    [10, 'flags', 'uint32'],
    [11, 'min', 'double'],
    [12, 'max', 'double'],
  ],
  ExponentialPoint: [
    [1, ATTRIBUTES, 'KeyValue', 'repeated'],
    START,
    TIME,
    [4, 'count', 'fixed64'],
    [5, 'sum', 'double'],
    [6, 'scale', 'sint32'],
    [7, 'zeroCount', 'fixed64'],
    [8, 'positive', 'Buckets'],
    [9, 'negative', 'Buckets'],
    [10, 'flags', 'uint32'],
    [11, 'exemplars', 'Exemplar', 'repeated'],
    [12, 'min', 'double'],
    [13, 'max', 'double'],
    [14, 'zeroThreshold', 'double'],
  ],
  Buckets: [
    [1, 'offset', 'sint32'],
    [2, 'bucketCounts', 'uint64', 'repeated'],
  ],
  SummaryPoint: [
    START,
    TIME,
    [4, 'count', 'fixed64'],
    [5, 'sum', 'double'],
    [6, 'quantileValues', 'ValueAtQuantile', 'repeated'],
    [7, ATTRIBUTES, 'KeyValue', 'repeated'],
    [8, 'flags', 'uint32'],
  ],
  ValueAtQuantile: [
    [1, 'quantile', 'double'],
    [2, 'value', 'double'],
  ],
  Exemplar: [
    [2, 'timeUnixNano', 'fixed64'],
    [3, 'asDouble', 'double'],
    [4, 'spanId', 'id'],
    [5, 'traceId', 'id'],
    [6, 'asInt', 'sfixed64'],
    [7, 'filteredAttributes', 'KeyValue', 'repeated'],
  ],
} as const satisfies Record<string, readonly Line[]>

export type MessageName = keyof typeof LINES

export const REQUESTS = { traces: 'TracesRequest', logs: 'LogsRequest', metrics: 'MetricsRequest' } as const

const messages = new Map<MessageName, Message>()

/** A message's fields; put together when they are first needed. */
export function messageOf(name: MessageName): Message {
  const known = messages.get(name)
  if (known !== undefined) return known
  const lines: readonly (readonly [number, string, Field['type'], 'repeated'?])[] = LINES[name]
  const fields = lines.map(([number, fieldName, type, repeated]): Field => {
    return { number, name: fieldName, type, repeated: repeated !== undefined }
  })
  const message: Message = {
    byNumber: new Map(fields.map((field) => [field.number, field])),
    byName: new Map(
      fields.flatMap((field) => [
        [field.name, field],
        [snakeCase(field.name), field],
      ]),
    ),
  }
  messages.set(name, message)
  return message
}

export function isMessage(type: Field['type']): type is MessageName {
  return type in LINES
}

function snakeCase(name: string): string {
  return name.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`)
}
