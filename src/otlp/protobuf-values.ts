import type { Attributes, AttributeValue } from '#src/model/telemetry.ts'
import { NO_ATTRIBUTES, setAttribute, type Table } from './attribute-table.ts'
import { hasSlot } from './key-filter.ts'
import { lengthAt, passUsualAttribute, valueAfterKey } from './protobuf-attributes.ts'
import type { SharedTexts } from './shared-texts.ts'
import { MAX_SHARED_BYTES, type TextTable } from './text-table.ts'
import { WireReader } from './wire-reader.ts'

declare global {
  interface Buffer<TArrayBuffer extends ArrayBufferLike = ArrayBufferLike> extends Uint8Array<TArrayBuffer> {
    /** As `toString('hex', start, end)` without its checks: there are two ids in each span. */
    hexSlice(start: number, end: number): string
  }
}

/** Values that contain values are followed this deep, as protobuf's own parsers do. */
const MAX_DEPTH = 100

/** A request may hold this many attributes and list elements: each takes more memory than the bytes that it came in. */
const MAX_VALUES = 2 ** 21

/** And this many different keys: each takes half a kilobyte, and real telemetry has some hundreds. */
const MAX_KEYS = 2 ** 16

/** Keys are not counted before there are so many attributes. */
const MAX_UNCOUNTED_KEYS = 2 ** 15

const KEY_VALUE = { key: 0x0a, value: 0x12, fields: 0b110 } as const
const LIST = { values: 0x0a, fields: 0b10 } as const
const ANY_VALUE = {
  string: 0x0a,
  bool: 0x10,
  int: 0x18,
  double: 0x21,
  array: 0x2a,
  kvlist: 0x32,
  bytes: 0x3a,
  fields: 0b1111_1110,
} as const

/** Where the attributes of an item are: fields with this tag among its others. */
export interface AttributeRange {
  readonly start: number
  readonly end: number
  readonly tag: number
}

/** Reads the texts, ids, values and attributes of one request. */
export class ValueReader {
  readonly wire: WireReader
  readonly #texts: SharedTexts
  #values = 0
  #newKeys: Set<string> | undefined
  /** Whether all was gone through once: what is read again is within all limits. */
  #checked = false
  #traceId = ''
  #traceIdAt = 0

  constructor(bytes: Buffer, texts: SharedTexts) {
    this.wire = new WireReader(bytes)
    this.#texts = texts
  }

  text(): string {
    return this.#shared(this.#texts.values)
  }

  /** A trace id as hex digits; '' when it has no bytes. */
  traceId(): string {
    const start = this.#id(16)
    if (start === this.wire.position) return ''
    // Spans of one trace follow each other.
    if (this.#traceId === '' || !this.#isTraceIdAt(start)) {
      this.#traceId = this.wire.bytes.hexSlice(start, start + 16)
      this.#traceIdAt = start
    }
    return this.#traceId
  }

  /** A span id as hex digits; '' when it has no bytes. */
  spanId(): string {
    const start = this.#id(8)
    return this.wire.bytes.hexSlice(start, this.wire.position)
  }

  /**
   * Reads one attribute; the last of equal keys wins.
   *
   * @param table the attributes before it
   * @returns the table with it
   */
  attribute(table: Table | undefined, depth = 1): Table {
    this.#count()
    const { wire } = this
    const outer = wire.enter()
    let key = ''
    let value: AttributeValue = null
    while (wire.more()) {
      const tag = wire.tag()
      if (tag === KEY_VALUE.key) key = this.#key()
      else if (tag === KEY_VALUE.value) value = this.value(depth)
      else wire.skip(tag, KEY_VALUE.fields)
    }
    wire.leave(outer)
    const attributes = table ?? {}
    setAttribute(attributes, key, value)
    return attributes
  }

  /**
   * Moves over one attribute, which is checked as if it were read.
   *
   * @returns whether it has the usual form: its key, then one value
   */
  passAttribute(): boolean {
    const { wire } = this
    const start = wire.position
    if (this.#values < MAX_UNCOUNTED_KEYS && passUsualAttribute(wire)) {
      this.#count()
      return true
    }
    wire.position = start
    this.attribute(undefined)
    return false
  }

  /** From now on attributes are read that were passed before. */
  finish(): void {
    this.#checked = true
  }

  /**
   * Reads the attributes of an item again.
   *
   * @param names when given, attributes with other keys may be left out
   */
  attributesOf({ start, end, tag }: AttributeRange, names?: ReadonlySet<string>): Attributes {
    const { wire } = this
    const wanted = names === undefined ? undefined : this.#texts.filter.wanted(names)
    let table: Table | undefined
    wire.position = start
    wire.limit = end
    while (wire.more()) {
      const found = wire.tag()
      if (found !== tag) wire.skip(found, 0)
      else table = wanted === undefined ? this.attribute(table) : this.#wantedAttribute(table, wanted)
    }
    return table ?? NO_ATTRIBUTES
  }

  /** Reads an attribute that was checked before, or moves over it. */
  #wantedAttribute(table: Table | undefined, wanted: Uint8Array): Table | undefined {
    const { bytes, view, position } = this.wire
    const { keys } = this.#texts
    const length = lengthAt(bytes, position)
    const start = position + (length & 3)
    const end = start + (length >>> 2)
    const value = valueAfterKey(bytes, start, end)
    const key = start + 2
    const keyEnd = key + (bytes[start + 1] ?? 0)
    if (length === 0 || value === 0 || !hasSlot(keyEnd - key)) return this.attribute(table)
    const slot = keys.slotOf(view, key, keyEnd)
    const attributes = table ?? {}
    if (wanted[slot] === 1) {
      setAttribute(attributes, keys.readIn(slot, bytes, view, key, keyEnd), this.#valueIn(value, end))
    }
    this.wire.position = end
    return attributes
  }

  #valueIn(start: number, end: number): AttributeValue {
    const { wire } = this
    const outer = wire.limit
    wire.position = start
    wire.limit = end
    const value = this.#valueFields(1)
    wire.limit = outer
    return value
  }

  /** A value; `null` when it is empty. The last of several wins. */
  value(depth = 1): AttributeValue {
    const outer = this.wire.enter()
    const value = this.#valueFields(depth)
    this.wire.leave(outer)
    return value
  }

  #valueFields(depth: number): AttributeValue {
    const { wire } = this
    let value: AttributeValue = null
    while (wire.more()) {
      const tag = wire.tag()
      switch (tag) {
        case ANY_VALUE.string:
          value = this.text()
          break
        case ANY_VALUE.int:
          value = wire.int64()
          break
        case ANY_VALUE.bool:
          value = wire.flag()
          break
        case ANY_VALUE.double:
          value = wire.double()
          break
        case ANY_VALUE.array:
          value = this.#list(depth)
          break
        case ANY_VALUE.kvlist:
          value = this.#map(depth)
          break
        case ANY_VALUE.bytes:
          value = this.#bytes()
          break
        default:
          wire.skip(tag, ANY_VALUE.fields)
      }
    }
    return value
  }

  #list(depth: number): readonly AttributeValue[] {
    const { wire } = this
    const outer = this.#enterLevel(depth)
    const list: AttributeValue[] = []
    while (wire.more()) {
      const tag = wire.tag()
      if (tag !== LIST.values) {
        wire.skip(tag, LIST.fields)
        continue
      }
      this.#count()
      list.push(this.value(depth + 1))
    }
    wire.leave(outer)
    return list
  }

  #map(depth: number): Table {
    const { wire } = this
    const outer = this.#enterLevel(depth)
    let table: Table = {}
    while (wire.more()) {
      const tag = wire.tag()
      if (tag === LIST.values) table = this.attribute(table, depth + 1)
      else wire.skip(tag, LIST.fields)
    }
    wire.leave(outer)
    return table
  }

  #enterLevel(depth: number): number {
    if (depth >= MAX_DEPTH) throw this.wire.failure(`at most ${MAX_DEPTH} levels of values`, 'more')
    return this.wire.enter()
  }

  #key(): string {
    const { keys } = this.#texts
    const missesBefore = keys.misses
    const key = this.#shared(keys)
    if (this.#values > MAX_UNCOUNTED_KEYS && (keys.misses !== missesBefore || key.length > MAX_SHARED_BYTES))
      this.#countKey(key)
    return key
  }

  #countKey(key: string): void {
    this.#newKeys ??= new Set()
    if (this.#newKeys.add(key).size > MAX_KEYS && !this.#checked)
      throw this.wire.failure(`at most ${MAX_KEYS} different keys`, 'more')
  }

  #shared(table: TextTable): string {
    const { wire } = this
    const start = wire.span()
    const end = wire.position
    return end - start > MAX_SHARED_BYTES
      ? wire.bytes.utf8Slice(start, end)
      : table.read(wire.bytes, wire.view, start, end)
  }

  #bytes(): Uint8Array {
    const start = this.wire.span()
    return Uint8Array.from(this.wire.bytes.subarray(start, this.wire.position))
  }

  #id(length: 8 | 16): number {
    const start = this.wire.span()
    const found = this.wire.position - start
    if (found !== length && found !== 0) throw this.wire.failure(`an id of ${length} bytes`, `one of ${found}`)
    return start
  }

  #isTraceIdAt(start: number): boolean {
    const { bytes } = this.wire
    for (let i = 0; i < 16; i++) if (bytes[start + i] !== bytes[this.#traceIdAt + i]) return false
    return true
  }

  #count(): void {
    if (++this.#values > MAX_VALUES && !this.#checked)
      throw this.wire.failure(`at most ${MAX_VALUES} attributes and list elements`, 'more')
  }
}
