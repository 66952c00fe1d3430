import type { Telemetry } from '#src/model/telemetry.ts'
import { DecodeFailure } from './json-fields.ts'

/** A request may hold this many items: an empty one takes a hundred times the memory of its bytes. */
export const MAX_ITEMS = 2 ** 18

/** Adds an item of a request, as far as it may hold more. @returns how many were skipped: none */
export function addItem(items: Telemetry[], item: Telemetry): 0 {
  if (items.push(item) > MAX_ITEMS) throw new DecodeFailure('', `at most ${MAX_ITEMS} items in a request`, 'more')
  return 0
}
