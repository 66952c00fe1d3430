import type { Attributes, AttributeValue } from '#src/model/telemetry.ts'

/** Attributes while they are read. */
export type Table = Record<string, AttributeValue>

/** What has no attributes shares these. */
export const NO_ATTRIBUTES: Attributes = Object.freeze({})

// What it makes has room for a dozen attributes: `{}` has it for four, and is copied again and again for more.
function RoomyObject(): void {}
RoomyObject.prototype = Object.prototype

/** An empty table: an object like any other. */
export function newTable(): Table {
  return Reflect.construct(RoomyObject, [])
}

/** Adds an attribute; one with the same key is replaced. */
export function setAttribute(table: Table, key: string, value: AttributeValue): void {
  // Assigning to it would set the prototype.
  if (key === '__proto__') {
    Object.defineProperty(table, key, { value, enumerable: true, configurable: true, writable: true })
  } else table[key] = value
}
