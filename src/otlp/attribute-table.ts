import type { Attributes, AttributeValue } from '#src/model/telemetry.ts'

/** Attributes while they are read. */
export type Table = Record<string, AttributeValue>

/** What has no attributes shares these. */
export const NO_ATTRIBUTES: Attributes = Object.freeze({})

/** Adds an attribute; one with the same key is replaced. */
export function setAttribute(table: Table, key: string, value: AttributeValue): void {
  // Assigning to it would set the prototype.
  if (key === '__proto__') {
    Object.defineProperty(table, key, { value, enumerable: true, configurable: true, writable: true })
  } else table[key] = value
}
