import type { Telemetry } from '#src/model/telemetry.ts'
import type { DecodedRequest } from './decode-json.ts'

/** A decoded request whose items are plain objects with all their attributes, to be compared with others. */
export function withWholeItems(decoded: DecodedRequest): DecodedRequest {
  return decoded.ok ? { ...decoded, items: decoded.items.map(wholeItem) } : decoded
}

export function wholeItem(item: Telemetry): Telemetry {
  const { attributes } = item
  if (item.kind === 'metric') return { ...item, attributes }
  const { traceId, spanId } = item
  if (item.kind === 'span') return { ...item, traceId: item.traceId, spanId: item.spanId, attributes }
  return { ...item, ...(traceId !== undefined && { traceId }), ...(spanId !== undefined && { spanId }), attributes }
}
