import type { Attributes, LogRecord } from '#src/model/telemetry.ts'
import { isPlausible } from '#src/otlp/plausible-time.ts'
import { isObject, type JsonObject, textOf } from './json.ts'
import type { LineContext, LineFault } from './line-context.ts'
import { readTimeMs } from './line-time.ts'

const EVALUATION_EVENT = 'gen_ai.evaluation.result'

/** Keys of a line that have a place of their own in a log record; all others are kept as attributes. */
const EVALUATION_KEYS: ReadonlySet<string> = new Set([
  'timestamp',
  'name',
  'attributes',
  'traceId',
  'spanId',
  'resource',
  'instrumentationScope',
  'schemaUrl',
])
const LOG_KEYS: ReadonlySet<string> = new Set([...EVALUATION_KEYS, 'body', 'severity', 'severityText', 'eventName'])

/** Whether a line is an evaluation: by its name, or by keys that only older ones have. */
export function isEvaluationLine(line: JsonObject): boolean {
  return line.name === EVALUATION_EVENT || line.evaluationName !== undefined || line['evaluation.name'] !== undefined
}

export function isLogLine(line: JsonObject): boolean {
  return (
    line.timestamp !== undefined &&
    (line.body !== undefined || line.severityText !== undefined || line.severity !== undefined)
  )
}

export function readEvaluationLine(line: JsonObject, context: LineContext): LogRecord | LineFault {
  const record = readRecord(line, EVALUATION_KEYS, context)
  return typeof record === 'string' ? record : { ...record, eventName: EVALUATION_EVENT }
}

export function readLogLine(line: JsonObject, context: LineContext): LogRecord | LineFault {
  const record = readRecord(line, LOG_KEYS, context)
  if (typeof record === 'string') return record
  const eventName = line.eventName ?? record.attributes['event.name']
  const severity = textOf(line.severityText) ?? textOf(line.severity)
  return {
    ...record,
    ...(typeof eventName === 'string' && eventName !== '' ? { eventName } : undefined),
    ...(severity === undefined ? undefined : { severity }),
    ...(line.body === undefined ? undefined : { body: line.body }),
  }
}

function readRecord(
  line: JsonObject,
  placed: ReadonlySet<string>,
  { origins, latestMs }: LineContext,
): LogRecord | LineFault {
  const timeMs = readTimeMs(line.timestamp)
  if (timeMs === undefined) return 'invalid_time'
  if (!isPlausible(timeMs, latestMs)) return 'implausible_time'
  const traceId = textOf(line.traceId)
  const spanId = textOf(line.spanId)
  return {
    kind: 'log',
    timeMs,
    ...(traceId === undefined ? undefined : { traceId }),
    ...(spanId === undefined ? undefined : { spanId }),
    attributes: attributesOf(line, placed),
    resource: origins.resourceOf(line),
    scope: origins.scopeOf(line),
  }
}

function attributesOf(line: JsonObject, placed: ReadonlySet<string>): Attributes {
  const own = isObject(line.attributes) ? line.attributes : {}
  const others = Object.entries(line).filter(([key]) => !placed.has(key))
  return others.length === 0 ? own : { ...Object.fromEntries(others), ...own }
}
