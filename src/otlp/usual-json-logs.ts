import type { Attributes, AttributeValue, LogRecord, Resource, Scope } from '#src/model/telemetry.ts'
import { NO_ATTRIBUTES } from './attribute-table.ts'
import { SEVERITIES } from './decode-json.ts'
import { JsonNames } from './json-names.ts'
import { readEnumValue, readTimeMs } from './json-numbers.ts'
import { END, type JsonReader } from './json-reader.ts'
import { once } from './json-unusual.ts'
import { logRecordOf } from './log-record.ts'
import { readAttributes, readValue } from './usual-json-values.ts'

const LOG_RECORD = {
  timeUnixNano: 0,
  observedTimeUnixNano: 1,
  severityNumber: 2,
  severityText: 3,
  body: 4,
  attributes: 5,
  traceId: 6,
  spanId: 7,
  eventName: 8,
} as const
const LOG_RECORD_NAMES = new JsonNames(Object.keys(LOG_RECORD))

/** Reads the log record that comes next. */
export function readLogRecord(reader: JsonReader, resource: Resource, scope: Scope): LogRecord {
  let timeMs = 0
  let observedTimeMs = 0
  let numbered: string | undefined
  let severityText = ''
  let eventName = ''
  let traceId = ''
  let spanId = ''
  let body: AttributeValue | undefined
  let attributes: Attributes = NO_ATTRIBUTES
  let seen = 0
  for (let field = reader.open(LOG_RECORD_NAMES); field !== END; field = reader.field(LOG_RECORD_NAMES, field)) {
    seen = once(seen, field)
    if (reader.isNull()) continue
    switch (field) {
      case LOG_RECORD.timeUnixNano:
        timeMs = readTimeMs(reader)
        break
      case LOG_RECORD.observedTimeUnixNano:
        observedTimeMs = readTimeMs(reader)
        break
      case LOG_RECORD.severityNumber:
        numbered = SEVERITIES.get(readEnumValue(reader))
        break
      case LOG_RECORD.severityText:
        severityText = reader.text()
        break
      case LOG_RECORD.body:
        body = readValue(reader)
        break
      case LOG_RECORD.attributes:
        attributes = readAttributes(reader)
        break
      case LOG_RECORD.traceId:
        traceId = reader.traceId()
        break
      case LOG_RECORD.spanId:
        spanId = reader.spanId()
        break
      case LOG_RECORD.eventName:
        eventName = reader.text()
    }
  }
  return logRecordOf({
    timeMs: timeMs || observedTimeMs,
    severity: severityText || numbered,
    eventName,
    body,
    attributes,
    traceId,
    spanId,
    resource,
    scope,
  })
}
