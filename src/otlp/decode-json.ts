import type { LogRecord, Resource, Scope, Span, SpanStatus, Telemetry } from '#src/model/telemetry.ts'
import { addItem, type MAX_ITEMS } from './item-limit.ts'
import {
  type DecodeError,
  DecodeFailure,
  each,
  enumOf,
  hexId,
  isRecord,
  type JsonRecord,
  nested,
  optionalText,
  optionalTimeMs,
} from './json-fields.ts'
import { readMetric } from './json-metrics.ts'
import { readAttributes, readValue } from './json-values.ts'
import { logRecordOf } from './log-record.ts'
import { spanOf } from './span-record.ts'

/** What a request holds, or what is wrong with it. */
export type DecodedRequest =
  /** @property skipped data points that have no value (flag «no recorded value», or none given) */
  | { readonly ok: true; readonly items: readonly Telemetry[]; readonly skipped: number }
  | { readonly ok: false; readonly error: DecodeError }

export const STATUSES = new Map<unknown, SpanStatus>([
  [1, 'ok'],
  [2, 'error'],
  ['STATUS_CODE_OK', 'ok'],
  ['STATUS_CODE_ERROR', 'error'],
])

/** Severity numbers by their short names, as the OTLP specification displays them: 9 and 12 are `INFO` and `INFO4`. */
export const SEVERITIES: ReadonlyMap<unknown, string | undefined> = new Map(
  ['TRACE', 'DEBUG', 'INFO', 'WARN', 'ERROR', 'FATAL'].flatMap((level, range) =>
    ['', '2', '3', '4'].flatMap((step, index): [unknown, string][] => [
      [range * 4 + index + 1, level + step],
      [`SEVERITY_NUMBER_${level}${step}`, level + step],
    ]),
  ),
)

export const NO_RESOURCE: Resource = { attributes: {} }
export const NO_SCOPE: Scope = { name: '' }

/**
 * Decodes one OTLP/JSON export request: spans, log records, metric points, or several of them.
 *
 * Mapping: proto3 JSON with OTLP's exceptions (hex ids, enums as numbers; their names are read too). `null` is a
 * field's default, unknown fields are ignored, snake_case is unknown. A time that is absent or 0 is 0 («unknown»); a log
 * record then has its observed time, a span's end its start. Everything or nothing: one wrong field refuses the request,
 * and so do more than {@link MAX_ITEMS} items.
 *
 * @param request the parsed body. Its integers beyond 2^53 are exact only where the sender wrote them as text.
 */
export function decodeJsonRequest(request: unknown): DecodedRequest {
  try {
    if (!isRecord(request)) return notAnObject()
    const items: Telemetry[] = []
    each(request, 'resourceSpans', (part) =>
      eachScope(part, 'scopeSpans', (scoped, resource, scope) =>
        each(scoped, 'spans', (span) => addItem(items, readSpan(span, resource, scope))),
      ),
    )
    each(request, 'resourceLogs', (part) =>
      eachScope(part, 'scopeLogs', (scoped, resource, scope) =>
        each(scoped, 'logRecords', (record) => addItem(items, readLogRecord(record, resource, scope))),
      ),
    )
    let skipped = 0
    each(request, 'resourceMetrics', (part) =>
      eachScope(part, 'scopeMetrics', (scoped, resource, scope) =>
        each(scoped, 'metrics', (metric) => {
          skipped += readMetric(metric, resource, scope, items)
        }),
      ),
    )
    return { ok: true, items, skipped }
  } catch (error) {
    if (!(error instanceof DecodeFailure)) throw error
    return { ok: false, error: { path: error.path, expected: error.expected, got: error.got } }
  }
}

function notAnObject(): DecodedRequest {
  return { ok: false, error: { path: '', expected: 'an object', got: 'something else' } }
}

function eachScope(
  part: JsonRecord,
  name: string,
  visit: (scoped: JsonRecord, resource: Resource, scope: Scope) => void,
): void {
  const resource = nested(part, 'resource', readResource) ?? NO_RESOURCE
  each(part, name, (scoped) => visit(scoped, resource, nested(scoped, 'scope', readScope) ?? NO_SCOPE))
}

function readResource(record: JsonRecord): Resource {
  return { attributes: readAttributes(record, 'attributes') }
}

function readScope(record: JsonRecord): Scope {
  const name = optionalText(record, 'name') ?? ''
  const version = optionalText(record, 'version')
  return version === undefined || version === '' ? { name } : { name, version }
}

function readSpan(span: JsonRecord, resource: Resource, scope: Scope): Span {
  return spanOf({
    traceId: hexId(span, 'traceId', 16),
    spanId: hexId(span, 'spanId', 8),
    parentSpanId: hexId(span, 'parentSpanId', 8),
    name: optionalText(span, 'name') ?? '',
    startMs: optionalTimeMs(span, 'startTimeUnixNano') ?? 0,
    endMs: optionalTimeMs(span, 'endTimeUnixNano') ?? 0,
    status: nested(span, 'status', readStatus) ?? 'unset',
    attributes: readAttributes(span, 'attributes'),
    resource,
    scope,
  })
}

function readStatus(status: JsonRecord): SpanStatus {
  return enumOf(status, 'code', STATUSES, 'unset')
}

function readLogRecord(record: JsonRecord, resource: Resource, scope: Scope): LogRecord {
  const attributes = readAttributes(record, 'attributes')
  const timeMs = optionalTimeMs(record, 'timeUnixNano')
  const observedTimeMs = optionalTimeMs(record, 'observedTimeUnixNano')
  return logRecordOf({
    timeMs: timeMs ?? observedTimeMs ?? 0,
    severity: optionalText(record, 'severityText') || enumOf(record, 'severityNumber', SEVERITIES, undefined),
    eventName: optionalText(record, 'eventName') ?? '',
    body: readValue(record, 'body'),
    attributes,
    traceId: hexId(record, 'traceId', 16),
    spanId: hexId(record, 'spanId', 8),
    resource,
    scope,
  })
}
