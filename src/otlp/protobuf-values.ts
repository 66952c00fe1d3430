import type { AttributeValue } from '#src/model/telemetry.ts'
import { setAttribute, type Table } from './attribute-table.ts'
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

/** Reads the texts, ids, values and attributes of one request. */
export class ValueReader {
  readonly wire: WireReader
  readonly #texts: SharedTexts
  #values = 0
  #newKeys: Set<string> | undefined
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

  /** A value; `null` when it is empty. The last of several wins. */
  value(depth = 1): AttributeValue {
    const { wire } = this
    const outer = wire.enter()
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
    wire.leave(outer)
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
    if (keys.misses !== missesBefore || key.length > MAX_SHARED_BYTES) this.#countKey(key)
    return key
  }

  #countKey(key: string): void {
    this.#newKeys ??= new Set()
    if (this.#newKeys.add(key).size > MAX_KEYS) throw this.wire.failure(`at most ${MAX_KEYS} different keys`, 'more')
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
    if (++this.#values > MAX_VALUES)
      throw this.wire.failure(`at most ${MAX_VALUES} attributes and list elements`, 'more')
  }
}
