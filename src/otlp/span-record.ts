import type { Span } from '#src/model/telemetry.ts'

/** What a span holds as it was read: ids are '' and times 0 when they are absent. */
export type SpanParts = Required<Omit<Span, 'kind' | 'excerpt'>>

/** The span of these parts. One whose end is not known ends where it starts. */
export function spanOf(parts: SpanParts): Span {
  const { traceId, spanId, parentSpanId, name, startMs, status, attributes, resource, scope } = parts
  const endMs = parts.endMs === 0 ? startMs : parts.endMs
  return parentSpanId === ''
    ? { kind: 'span', traceId, spanId, name, startMs, endMs, status, attributes, resource, scope }
    : { kind: 'span', traceId, spanId, parentSpanId, name, startMs, endMs, status, attributes, resource, scope }
}
