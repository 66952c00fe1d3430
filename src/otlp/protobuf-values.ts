import type { Attributes, AttributeValue } from '#src/model/telemetry.ts'
import { NO_ATTRIBUTES, setAttribute, type Table } from './attribute-table.ts'
import { hexOfEight } from './hex-id.ts'
import { MIN_KNOWN_BYTES } from './known-names.ts'
import { type AttributeKey, lengthAt, usualAttributeEnd, valueAfterKey } from './protobuf-attributes.ts'
import type { SharedTexts } from './shared-texts.ts'
import { MAX_SHARED_BYTES, type TextTable } from './text-table.ts'
import { MAX_DEPTH, MAX_KEYS, MAX_NESTED_VALUES, MAX_UNCOUNTED_KEYS, MAX_VALUES } from './value-limits.ts'
import { WireReader } from './wire-reader.ts'

declare global {
  interface Buffer<TArrayBuffer extends ArrayBufferLike = ArrayBufferLike> extends Uint8Array<TArrayBuffer> {
    /** As `toString('hex', start, end)` without its checks. */
    hexSlice(start: number, end: number): string
  }
}

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
  #nestedValues = 0
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

  /** Moves over a trace id. @returns where it is; -1 when it has no bytes */
  passTraceId(): number {
    return this.#passId(16)
  }

  /** Moves over a span id. @returns where it is; -1 when it has no bytes */
  passSpanId(): number {
    return this.#passId(8)
  }

  /** A trace id as hex digits. */
  traceIdAt(start: number): string {
    this.#mustBeThere()
    // Spans of one trace follow each other.
    if (this.#traceId === '' || !this.#isTraceIdAt(start)) {
      this.#traceId = this.wire.bytes.hexSlice(start, start + 16)
      this.#traceIdAt = start
    }
    return this.#traceId
  }

  /** Reads a span id; '' when it has no bytes. */
  spanId(): string {
    const at = this.passSpanId()
    return at < 0 ? '' : this.spanIdAt(at)
  }

  /** A span id as hex digits. */
  spanIdAt(start: number): string {
    this.#mustBeThere()
    return hexOfEight(this.wire.bytes, start)
  }

  /**
   * Reads one attribute; the last of equal keys wins.
   *
   * @param table the attributes before it
   * @returns the table with it
   */
  attribute(table: Table | undefined, depth = 1): Table {
    this.#count()
    return this.#uncounted(table, depth)
  }

  /** Reads an attribute that was counted before. @param at its length */
  attributeAt(at: number): Table {
    const { wire } = this
    const { position } = wire
    wire.position = at
    const attribute = this.#uncounted(undefined, 1)
    wire.position = position
    return attribute
  }

  #uncounted(table: Table | undefined, depth: number): Table {
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
   * Moves over attributes that follow each other, which are checked as if they were read.
   *
   * @param tag theirs; that of the first one was read
   * @param wanted a key to look out for
   * @returns where the length of the last attribute is that has this key
   */
  passAttributes(tag: number, wanted?: AttributeKey): number | undefined {
    const { wire } = this
    const { bytes, view, limit } = wire
    let found: number | undefined
    do {
      const at = wire.position
      const end = this.#values < MAX_UNCOUNTED_KEYS ? usualAttributeEnd(bytes, at, limit) : 0
      if (end === 0) {
        const attribute = this.attribute(undefined)
        if (wanted !== undefined && Object.hasOwn(attribute, wanted.name)) found = at
      } else {
        this.#count()
        if (wanted?.isIn(bytes, view, at)) found = at
        wire.position = end
      }
    } while (wire.takes(tag))
    return found
  }

  /** From now on attributes are read that were passed before. */
  finish(): void {
    this.#checked = true
  }

  /** Reads the attributes of an item again. */
  attributesOf({ start, end, tag }: AttributeRange): Attributes {
    const { wire } = this
    let table: Table | undefined
    wire.position = start
    wire.limit = end
    while (wire.more()) table = this.#anyField(table, tag)
    return table ?? NO_ATTRIBUTES
  }

  /** As {@link attributesOf}, but attributes with other names than these may be left out. */
  excerptOf({ start, end, tag }: AttributeRange, names: ReadonlySet<string>): Attributes {
    const { wire } = this
    const { bytes, view } = wire
    const known = this.#texts.known(names)
    let table: Table | undefined
    let at = start
    wire.limit = end
    while (at < end) {
      const length = bytes[at] === tag ? lengthAt(bytes, at + 1) : 0
      const key = at + 1 + (length & 3)
      const next = key + (length >>> 2)
      const value = length === 0 ? 0 : valueAfterKey(bytes, key, next)
      const keyLength = bytes[key + 1] ?? 0
      if (value === 0 || keyLength < MIN_KNOWN_BYTES) {
        wire.position = at
        table = this.#anyField(table, tag)
        at = wire.position
        continue
      }
      const name = known.at(view, key + 2, keyLength)
      if (name !== undefined) {
        table ??= {}
        setAttribute(table, name, this.#valueIn(value, next))
      }
      at = next
    }
    return table ?? NO_ATTRIBUTES
  }

  /** Reads a field of an item if it is an attribute. */
  #anyField(table: Table | undefined, attributesTag: number): Table | undefined {
    const tag = this.wire.tag()
    if (tag === attributesTag) return this.attribute(table)
    this.wire.skip(tag, 0)
    return table
  }

  #valueIn(start: number, end: number): AttributeValue {
    const { wire } = this
    if (wire.bytes[start] === ANY_VALUE.string) {
      const length = lengthAt(wire.bytes, start + 1)
      const text = start + 1 + (length & 3)
      if (length !== 0 && text + (length >>> 2) === end) return this.#textIn(this.#texts.values, text, end)
    }
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
      this.#countNested()
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
      if (tag === LIST.values) {
        this.#countNested()
        table = this.attribute(table, depth + 1)
      } else wire.skip(tag, LIST.fields)
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
    return this.#textIn(table, start, wire.position)
  }

  #textIn(table: TextTable, start: number, end: number): string {
    const { bytes, view } = this.wire
    return end - start > MAX_SHARED_BYTES ? bytes.utf8Slice(start, end) : table.read(bytes, view, start, end)
  }

  #bytes(): Uint8Array {
    const start = this.wire.span()
    return Uint8Array.from(this.wire.bytes.subarray(start, this.wire.position))
  }

  #passId(length: 8 | 16): number {
    const start = this.wire.span()
    const found = this.wire.position - start
    if (found !== length && found !== 0) throw this.wire.failure(`an id of ${length} bytes`, `one of ${found}`)
    return found === 0 ? -1 : start
  }

  // Other ids could be taken for these.
  #mustBeThere(): void {
    if (this.wire.bytes.length === 0)
      throw new Error('An id was asked for after the memory of its request was given back.')
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

  #countNested(): void {
    if (++this.#nestedValues > MAX_NESTED_VALUES && !this.#checked)
      throw this.wire.failure(`at most ${MAX_NESTED_VALUES} list elements and attributes in values`, 'more')
  }
}
