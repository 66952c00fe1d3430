import type { Attributes, AttributeValue, LogRecord, Resource, Scope } from '#src/model/telemetry.ts'
import { BytePattern } from './byte-pattern.ts'
import { SEVERITIES } from './decode-json.ts'
import { EncodedAttributes } from './encoded-attributes.ts'
import type { LogRecordParts } from './log-record.ts'
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

const EVENT_NAME = 'event.name'
/** How an attribute begins whose key says that it is the event's name. */
const EVENT_NAME_KEY = new BytePattern(Buffer.from(`\n\n${EVENT_NAME}`))
const EVENT_NAMES: ReadonlySet<string> = new Set([EVENT_NAME])

/** A log record whose attributes are read when somebody asks for them. */
class EncodedLogRecord implements LogRecord {
  readonly kind = 'log'
  readonly timeMs: number
  declare readonly eventName?: string
  declare readonly severity?: string
  declare readonly body?: AttributeValue
  declare readonly traceId?: string
  declare readonly spanId?: string
  readonly resource: Resource
  readonly scope: Scope
  readonly #attributes: EncodedAttributes

  constructor(parts: Omit<LogRecordParts, 'attributes'>, attributes: EncodedAttributes) {
    const { eventName, severity, body, traceId, spanId } = parts
    this.timeMs = parts.timeMs
    if (eventName !== '') this.eventName = eventName
    if (severity !== undefined) this.severity = severity
    if (body !== undefined) this.body = body
    if (traceId !== '') this.traceId = traceId
    if (spanId !== '') this.spanId = spanId
    this.resource = parts.resource
    this.scope = parts.scope
    this.#attributes = attributes
  }

  get attributes(): Attributes {
    return this.#attributes.whole()
  }

  excerpt(names: ReadonlySet<string>): Attributes {
    return this.#attributes.excerpt(names)
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
  let traceId = ''
  let spanId = ''
  let body: AttributeValue | undefined
  let attributesAt: number | undefined
  let nameAt: number | undefined
  while (wire.more()) {
    const fieldAt = wire.position
    const tag = wire.tag()
    switch (tag) {
      case LOG_RECORD.attributes:
        attributesAt ??= fieldAt
        // Its length takes one byte or two.
        if (EVENT_NAME_KEY.isAt(wire.position + 1, wire.view) || EVENT_NAME_KEY.isAt(wire.position + 2, wire.view)) {
          nameAt = fieldAt
        }
        if (!reader.passAttribute()) nameAt = attributesAt
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
        traceId = reader.traceId()
        break
      case LOG_RECORD.spanId:
        spanId = reader.spanId()
        break
      case LOG_RECORD.eventName:
        eventName = reader.text()
        break
      default:
        wire.skip(tag, LOG_RECORD.fields)
    }
  }
  const attributes = new EncodedAttributes(reader, LOG_RECORD.attributes, attributesAt, wire.position)
  if (eventName === '' && nameAt !== undefined) {
    const { end, tag } = attributes
    eventName = nameIn(reader.attributesOf({ start: nameAt, end, tag }, EVENT_NAMES))
  }
  wire.leave(outer)
  const severity = severityText || SEVERITIES.get(severityNumber)
  return new EncodedLogRecord(
    { timeMs: timeMs || observedTimeMs, severity, eventName, body, traceId, spanId, resource, scope },
    attributes,
  )
}

function nameIn(attributes: Attributes): string {
  const name = attributes[EVENT_NAME]
  return typeof name === 'string' ? name : ''
}
