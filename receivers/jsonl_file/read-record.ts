import type { LogRecord, Span } from '#src/model/telemetry.ts'
import { isHookLine, readHookLine } from './hook-line.ts'
import type { JsonObject } from './json.ts'
import type { LineContext, LineFault } from './line-context.ts'
import { isEvaluationLine, isLogLine, readEvaluationLine, readLogLine } from './log-lines.ts'

/**
 * Recognises a line by its keys: a hook span, an evaluation or a log record of the mission's files.
 *
 * @returns `undefined` when it is none of these
 */
export function readRecord(line: JsonObject, context: LineContext): Span | LogRecord | LineFault | undefined {
  if (isHookLine(line)) return readHookLine(line, context)
  if (isEvaluationLine(line)) return readEvaluationLine(line, context)
  return isLogLine(line) ? readLogLine(line, context) : undefined
}

/** Whether a line is an OTLP/JSON request, as the Collector's file exporter writes them. */
export function isOtlpLine(line: JsonObject): boolean {
  return line.resourceSpans !== undefined || line.resourceLogs !== undefined || line.resourceMetrics !== undefined
}
