import type { Attributes, Span, SpanStatus } from '#src/model/telemetry.ts'
import { isPlausible } from '#src/otlp/plausible-time.ts'
import type { Json } from '#src/store/store.ts'
import { isObject, type JsonObject, textOf } from './json.ts'
import type { LineContext, LineFault } from './line-context.ts'
import { readDurationMs, readTimeMs } from './line-time.ts'

const NO_ATTRIBUTES: Attributes = Object.freeze({})

/** Whether a line is a span of the mission's hooks: one object with a start time, whatever else it lacks. */
export function isHookLine(line: JsonObject): boolean {
  const started =
    line.startTime !== undefined || line.startTimeUnixNano !== undefined || line.start_time_unix_nano !== undefined
  return started && (line.traceId !== undefined || line.name !== undefined)
}

/**
 * Reads a hook span of any era. Its attributes are the line's own object.
 *
 * A missing or unusable end is start + duration; the end is never before the start.
 */
export function readHookLine(line: JsonObject, { origins, latestMs }: LineContext): Span | LineFault {
  const traceId = textOf(line.traceId)
  if (traceId === undefined) return 'missing_trace_id'
  const name = textOf(line.name)
  if (name === undefined) return 'missing_name'
  const startMs = readTimeMs(line.startTime ?? line.startTimeUnixNano ?? line.start_time_unix_nano)
  if (startMs === undefined) return 'invalid_time'
  const endMs = endOf(line, startMs)
  if (!isPlausible(startMs, latestMs) || !isPlausible(endMs, latestMs)) return 'implausible_time'
  const parentSpanId = textOf(line.parentSpanId)
  const span: Span = {
    kind: 'span',
    traceId,
    spanId: textOf(line.spanId) ?? '',
    name,
    startMs,
    endMs: Math.max(endMs, startMs),
    status: statusOf(line.status),
    attributes: isObject(line.attributes) ? line.attributes : NO_ATTRIBUTES,
    resource: origins.resourceOf(line),
    scope: origins.scopeOf(line),
  }
  return parentSpanId === undefined ? span : { ...span, parentSpanId }
}

function endOf(line: JsonObject, startMs: number): number {
  const endMs = readTimeMs(line.endTime ?? line.endTimeUnixNano ?? line.end_time_unix_nano)
  // Spans that were written before they ended have an end of 0.
  if (endMs !== undefined && endMs > 0) return endMs
  return startMs + (readDurationMs(line.duration ?? line.durationMs) ?? 0)
}

function statusOf(status: Json | undefined): SpanStatus {
  switch (isObject(status) ? status.code : undefined) {
    case 1:
    case 'OK':
    case 'STATUS_CODE_OK':
      return 'ok'
    case 2:
    case 'ERROR':
    case 'STATUS_CODE_ERROR':
      return 'error'
    default:
      return 'unset'
  }
}
