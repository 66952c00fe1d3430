import type { Attributes, AttributeValue, LogRecord, Resource, Scope } from '#src/model/telemetry.ts'
import { SEVERITIES } from './decode-json.ts'
import { EncodedItem } from './encoded-item.ts'
import type { LogRecordParts } from './log-record.ts'
import { AttributeKey } from './protobuf-attributes.ts'
import type { ValueReader } from './protobuf-values.ts'

const LOG_RECORD = {
  time: 0x09,
  severityNumber: 0x10,
  severityText: 0x1a,
  body: 0x2a,
  attributes: 0x32,
  traceId: 0x4a,
  spanId: 0x52,
  observedTime: 0x59,
  eventName: 0x62,
  fields: 0b1_1110_0110_1110,
} as const

const EVENT_NAME = new AttributeKey('event.name')

type Parts = Pick<LogRecordParts, 'timeMs' | 'severity' | 'eventName' | 'body' | 'resource' | 'scope'>

/** A log record whose ids and attributes are read when somebody asks for them. */
class EncodedLogRecord implements LogRecord {
  readonly kind = 'log'
  readonly timeMs: number
  declare readonly eventName?: string
  declare readonly severity?: string
  declare readonly body?: AttributeValue
  readonly resource: Resource
  readonly scope: Scope
  readonly #encoded: EncodedItem

  constructor({ timeMs, severity, eventName, body, resource, scope }: Parts, encoded: EncodedItem) {
    this.timeMs = timeMs
    if (eventName !== '') this.eventName = eventName
    if (severity !== undefined) this.severity = severity
    if (body !== undefined) this.body = body
    this.resource = resource
    this.scope = scope
    this.#encoded = encoded
  }

  get traceId(): string | undefined {
    return this.#encoded.traceId() || undefined
  }

  get spanId(): string | undefined {
    return this.#encoded.spanId() || undefined
  }

  get attributes(): Attributes {
    return this.#encoded.attributes()
  }

  excerpt(names: ReadonlySet<string>): Attributes {
    return this.#encoded.excerpt(names)
  }
}

/** Reads the log record under the last tag. */
export function readLogRecord(reader: ValueReader, resource: Resource, scope: Scope): LogRecord {
  const { wire } = reader
  const outer = wire.enter()
  let timeMs = 0
  let observedTimeMs = 0
  let severityNumber = 0
  let severityText = ''
  let eventName = ''
  let traceIdAt = -1
  let spanIdAt = -1
  let body: AttributeValue | undefined
  let attributesAt = -1
  let attributesEnd = -1
  let nameAt: number | undefined
  while (wire.more()) {
    const fieldAt = wire.position
    const tag = wire.tag()
    switch (tag) {
      case LOG_RECORD.attributes:
        if (attributesAt < 0) attributesAt = fieldAt
        nameAt = reader.passAttributes(LOG_RECORD.attributes, EVENT_NAME) ?? nameAt
        attributesEnd = wire.position
        break
      case LOG_RECORD.time:
        timeMs = wire.timeMs()
        break
      case LOG_RECORD.observedTime:
        observedTimeMs = wire.timeMs()
        break
      case LOG_RECORD.severityNumber:
        severityNumber = wire.number()
        break
      case LOG_RECORD.severityText:
        severityText = reader.text()
        break
      case LOG_RECORD.body:
        body = reader.value()
        break
      case LOG_RECORD.traceId:
        traceIdAt = reader.passTraceId()
        break
      case LOG_RECORD.spanId:
        spanIdAt = reader.passSpanId()
        break
      case LOG_RECORD.eventName:
        eventName = reader.text()
        break
      default:
        wire.skip(tag, LOG_RECORD.fields)
    }
  }
  if (eventName === '' && nameAt !== undefined) eventName = nameIn(reader.attributeAt(nameAt))
  const places = { tag: LOG_RECORD.attributes, attributesAt, attributesEnd, traceIdAt, spanIdAt }
  wire.leave(outer)
  const severity = severityText || SEVERITIES.get(severityNumber)
  return new EncodedLogRecord(
    { timeMs: timeMs || observedTimeMs, severity, eventName, body, resource, scope },
    new EncodedItem(reader, places),
  )
}

function nameIn(attributes: Attributes): string {
  const name = attributes[EVENT_NAME.name]
  return typeof name === 'string' ? name : ''
}
