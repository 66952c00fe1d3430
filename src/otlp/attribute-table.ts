import type { Attributes, AttributeValue } from '#src/model/telemetry.ts'

/** Attributes while they are read. */
export type Table = Record<string, AttributeValue>

/**
 * An empty table with room. V8 makes a slow hash table of an object that gets over 12 properties more than it has room
 * for, which log records do. It gives the objects of a class as much room as those that were made first take.
 */
class RoomyTable {
  [key: string]: AttributeValue

  constructor(full: boolean) {
    if (!full) return
    this.a = this.b = this.c = this.d = this.e = this.f = this.g = this.h = null
    this.i = this.j = this.k = this.l = this.m = this.n = this.o = this.p = null
    this.q = this.r = this.s = this.t = this.u = this.v = this.w = this.x = null
  }
}
for (let made = 0; made < 8; made++) new RoomyTable(true)

/** A table for the attributes of an item, of which there may be many. */
export function roomyTable(): Table {
  return new RoomyTable(false)
}

/** What has no attributes shares these. */
export const NO_ATTRIBUTES: Attributes = Object.freeze({})

/** Adds an attribute; one with the same key is replaced. */
export function setAttribute(table: Table, key: string, value: AttributeValue): void {
  // Assigning to it would set the prototype.
  if (key === '__proto__') {
    Object.defineProperty(table, key, { value, enumerable: true, configurable: true, writable: true })
  } else table[key] = value
}
