import type { AttributeValue, LogRecord } from '#src/model/telemetry.ts'

/** What a log record holds as it was read: ids and names are '' when they are absent. */
export interface LogRecordParts
  extends Pick<LogRecord, 'timeMs' | 'attributes' | 'resource' | 'scope'>,
    Required<Pick<LogRecord, 'eventName'>> {
  readonly traceId: string
  readonly spanId: string
  readonly severity: string | undefined
  readonly body: AttributeValue | undefined
}

/** The log record of these parts, without those that are absent. Its event name may be an attribute. */
export function logRecordOf(parts: LogRecordParts): LogRecord {
  const { timeMs, attributes, resource, scope, severity, body, traceId, spanId } = parts
  const record: { -readonly [K in keyof LogRecord]: LogRecord[K] } = {
    kind: 'log',
    timeMs,
    attributes,
    resource,
    scope,
  }
  const eventName = parts.eventName || attributes['event.name']
  if (typeof eventName === 'string' && eventName !== '') record.eventName = eventName
  if (severity !== undefined) record.severity = severity
  if (body !== undefined) record.body = body
  if (traceId !== '') record.traceId = traceId
  if (spanId !== '') record.spanId = spanId
  return record
}
