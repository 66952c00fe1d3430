import type { Telemetry } from '#src/model/telemetry.ts'
import type { DecodedRequest } from './decode-json.ts'

/** A decoded request whose items are plain objects with all their attributes, to be compared with others. */
export function withWholeItems(decoded: DecodedRequest): DecodedRequest {
  return decoded.ok ? { ...decoded, items: decoded.items.map(wholeItem) } : decoded
}

export function wholeItem<T extends Telemetry>(item: T): T {
  return { ...item, attributes: item.attributes }
}
