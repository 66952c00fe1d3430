import type { AttributeValue, LogRecord, Resource, Scope } from '#src/model/telemetry.ts'
import { NO_ATTRIBUTES, type Table } from './attribute-table.ts'
import { SEVERITIES } from './decode-json.ts'
import { logRecordOf } from './log-record.ts'
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
  let table: Table | undefined
  while (wire.more()) {
    const tag = wire.tag()
    switch (tag) {
      case LOG_RECORD.attributes:
        table = reader.attribute(table)
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
  wire.leave(outer)
  return logRecordOf({
    timeMs: timeMs || observedTimeMs,
    severity: severityText || SEVERITIES.get(severityNumber),
    eventName,
    body,
    attributes: table ?? NO_ATTRIBUTES,
    traceId,
    spanId,
    resource,
    scope,
  })
}
