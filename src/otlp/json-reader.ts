import type { AttributeHead } from './attribute-heads.ts'
import type { BytePattern } from './byte-pattern.ts'
import type { JsonNames } from './json-names.ts'
import { readNumber } from './json-numbers.ts'
import { unusual } from './json-unusual.ts'
import type { SharedTexts } from './shared-texts.ts'
import { MAX_SHARED_BYTES, type TextTable } from './text-table.ts'
import { MAX_KEYS, MAX_NESTED_VALUES, MAX_UNCOUNTED_KEYS } from './value-limits.ts'

const TAB = 0x09
const LINE_FEED = 0x0a
const CARRIAGE_RETURN = 0x0d
const SPACE = 0x20
const QUOTE = 0x22
const COMMA = 0x2c
const ZERO = 0x30
const NINE = 0x39
const COLON = 0x3a
const OPEN_LIST = 0x5b
const BACKSLASH = 0x5c
const CLOSE_LIST = 0x5d
const N = 0x6e
const OPEN_OBJECT = 0x7b
const CLOSE_OBJECT = 0x7d

/** What `field` gives at the end of an object. */
export const END = -1

/** Values that are not read are followed this deep. */
const MAX_SKIPPED_DEPTH = 500

/** By byte whether plain text ends there: quotes, backslashes, and what may not be in texts. */
const ENDS_TEXT = Uint8Array.from({ length: 256 }, (_, byte) =>
  byte === QUOTE || byte === BACKSLASH || byte < SPACE ? 1 : 0,
)

const UPPER_CASE = 1
const NO_HEX = 2
const HEX_CLASSES = Uint8Array.from({ length: 256 }, (_, byte) => {
  const digit = String.fromCharCode(byte)
  if (/[0-9a-f]/.test(digit)) return 0
  return /[A-F]/.test(digit) ? UPPER_CASE : NO_HEX
})

/**
 * Reads JSON from its bytes, value by value as the caller expects them. Everything else, also what is allowed but
 * unusual, ends in a DecodeFailure that says nothing: another decoder has to look at it.
 */
export class JsonReader {
  /** The next byte to read. */
  position = 0
  readonly bytes: Buffer
  /** Of the same bytes. */
  readonly #view: DataView
  readonly #texts: SharedTexts
  #traceId = ''
  #traceIdAt = 0
  #nestedValues = 0
  #keyMisses = 0
  #newKeys: Set<string> | undefined

  /** @param bytes hold one value */
  constructor(bytes: Buffer, texts: SharedTexts) {
    this.bytes = bytes
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length)
    this.#texts = texts
    this.#next()
  }

  /** Goes into an object. @returns the index of its first name that is among these, or END; others are skipped */
  open(names: JsonNames): number {
    this.expect(OPEN_OBJECT)
    if (this.#next() !== CLOSE_OBJECT) return this.#known(names, 0)
    this.position++
    return END
  }

  /** As `open`, after the value of a field. */
  field(names: JsonNames, last: number): number {
    return this.#goesOn(CLOSE_OBJECT) ? this.#known(names, last + 1) : END
  }

  /** Goes into a list. @returns whether it has an item */
  openList(): boolean {
    this.expect(OPEN_LIST)
    if (this.#next() !== CLOSE_LIST) return true
    this.position++
    return false
  }

  /** After an item: whether there is another one. */
  item(): boolean {
    return this.#goesOn(CLOSE_LIST)
  }

  /** Moves over the head of an attribute, when it is the one that usually comes here. */
  head(): AttributeHead | undefined {
    const head = this.#texts.heads.at(this.position, this.#view)
    if (head !== undefined) this.position += head.pattern.length
    return head
  }

  /** Remembers the head that was read since a place. */
  learnHead(key: string, field: number, start: number): AttributeHead | undefined {
    return this.#texts.heads.learn(key, field, this.bytes.subarray(start, this.position))
  }

  /** Moves over these bytes, if they come next. */
  takes(pattern: BytePattern): boolean {
    if (!pattern.isAt(this.position, this.#view)) return false
    this.position += pattern.length
    return true
  }

  /** Moves over one of these names and the colon, if they come next. @returns END when they do not */
  name(names: JsonNames): number {
    const index = names.find(this.position, this.#view, 0)
    if (index === END) return END
    this.position += names.lengthOf(index)
    this.#colon()
    return index
  }

  /** Moves over the end of an object, if it comes next. */
  closes(): boolean {
    if (this.bytes[this.position] !== CLOSE_OBJECT) return false
    this.position++
    return true
  }

  /** Whether the value is `null`; moves over it. */
  isNull(): boolean {
    if (this.bytes[this.position] !== N) return false
    this.#literal('null')
    return true
  }

  /** Nothing may follow any more. */
  end(): void {
    if (this.#next() !== 0 || this.position < this.bytes.length) throw unusual()
  }

  key(): string {
    const { keys } = this.#texts
    const missesBefore = keys.misses
    const key = this.#text(keys)
    if (keys.misses !== missesBefore || key.length > MAX_SHARED_BYTES) this.#countKey(key)
    return key
  }

  /** A list element, or an attribute in a value. */
  countNested(): void {
    if (++this.#nestedValues > MAX_NESTED_VALUES) throw unusual()
  }

  text(): string {
    return this.#text(this.#texts.values)
  }

  /** A text that is likely the one that came last after the same head. */
  textLike(head: AttributeHead): string {
    const { values } = this.#texts
    const start = this.position + 1
    const length = values.lengthAt(head.slot, start, this.#view)
    if (length > 0 && this.bytes[start - 1] === QUOTE && this.bytes[start + length] === QUOTE) {
      this.position = start + length + 1
      return values.textIn(head.slot)
    }
    const text = this.text()
    head.slot = values.slot
    return text
  }

  flag(): boolean {
    const value = this.bytes[this.position] === 0x74
    this.#literal(value ? 'true' : 'false')
    return value
  }

  /** A trace id in lower case; '' when it is empty. */
  traceId(): string {
    const start = this.position + 1
    // Items of one trace follow each other.
    if (this.#traceId !== '' && this.#isTraceIdAt(start)) this.position = start + 33
    else {
      this.#traceId = this.#id(32)
      this.#traceIdAt = start
    }
    return this.#traceId
  }

  /** A span id in lower case; '' when it is empty. */
  spanId(): string {
    return this.#id(16)
  }

  skip(depth = 0): void {
    const byte = this.bytes[this.position]
    if (byte === QUOTE) this.#skipText()
    else if (byte === OPEN_OBJECT || byte === OPEN_LIST) this.#skipNested(byte, depth)
    else if (byte === 0x74 || byte === 0x66) this.flag()
    else if (!this.isNull()) readNumber(this)
  }

  #countKey(key: string): void {
    if (++this.#keyMisses <= MAX_UNCOUNTED_KEYS) return
    this.#newKeys ??= new Set()
    if (this.#newKeys.add(key).size > MAX_KEYS) throw unusual()
  }

  #skipNested(opening: number, depth: number): void {
    if (depth >= MAX_SKIPPED_DEPTH) throw unusual()
    const closing = opening === OPEN_OBJECT ? CLOSE_OBJECT : CLOSE_LIST
    this.position++
    if (this.#next() === closing) {
      this.position++
      return
    }
    do {
      if (opening === OPEN_OBJECT) {
        if (this.bytes[this.position] !== QUOTE) throw unusual()
        this.#skipText()
        this.#colon()
      }
      this.skip(depth + 1)
    } while (this.#goesOn(closing))
  }

  /** Moves to the value of the next field with one of these names. */
  #known(names: JsonNames, likely: number): number {
    do {
      const index = names.find(this.position, this.#view, likely)
      if (index !== END) {
        this.position += names.lengthOf(index)
        this.#colon()
        return index
      }
      if (this.bytes[this.position] !== QUOTE) throw unusual()
      const end = this.#plainEnd()
      // With an escape it could be one of these.
      if (this.bytes[end] !== QUOTE) throw unusual()
      this.position = end + 1
      this.#colon()
      this.skip()
    } while (this.#goesOn(CLOSE_OBJECT))
    return END
  }

  /** After a value: whether a comma follows, else it is the end. */
  #goesOn(closing: number): boolean {
    const byte = this.#next()
    if (byte === COMMA) {
      this.position++
      this.#next()
      return true
    }
    this.expect(closing)
    return false
  }

  #colon(): void {
    if (this.#next() !== COLON) throw unusual()
    this.position++
    this.#next()
  }

  /** Moves over white space. @returns the byte after it, 0 at the end */
  #next(): number {
    let byte = this.bytes[this.position] ?? 0
    if (byte > SPACE) return byte
    while (byte === SPACE || byte === LINE_FEED || byte === CARRIAGE_RETURN || byte === TAB) {
      byte = this.bytes[++this.position] ?? 0
    }
    return byte
  }

  expect(byte: number): void {
    if (this.bytes[this.position] !== byte) throw unusual()
    this.position++
  }

  #literal(text: string): void {
    for (let index = 0; index < text.length; index++) this.expect(text.charCodeAt(index))
  }

  /** Moves over digits. @returns their number, after those before them */
  digits(before = 0, most = Number.POSITIVE_INFINITY): number {
    const end = this.position + most
    let value = before
    while (this.position < end) {
      const byte = this.bytes[this.position] ?? 0
      if (byte < ZERO || byte > NINE) break
      value = value * 10 + byte - ZERO
      this.position++
    }
    return value
  }

  #text(table: TextTable): string {
    const bytes = this.bytes
    if (bytes[this.position] !== QUOTE) throw unusual()
    const start = this.position + 1
    const end = this.#plainEnd()
    if (bytes[end] !== QUOTE) return this.#escapedText()
    this.position = end + 1
    return end - start > MAX_SHARED_BYTES ? bytes.utf8Slice(start, end) : table.read(bytes, this.#view, start, end)
  }

  #escapedText(): string {
    const bytes = this.bytes
    const start = this.position
    let end = start + 1
    while (end < bytes.length && bytes[end] !== QUOTE) end += bytes[end] === BACKSLASH ? 2 : 1
    if (end >= bytes.length) throw unusual()
    this.position = end + 1
    const text: unknown = JSON.parse(bytes.utf8Slice(start, this.position))
    if (typeof text !== 'string') throw unusual()
    return text
  }

  #skipText(): void {
    const end = this.#plainEnd()
    if (this.bytes[end] === QUOTE) this.position = end + 1
    else this.#escapedText()
  }

  /** Where the text that begins here ends, or what is not plain in it. */
  #plainEnd(): number {
    const bytes = this.bytes
    let at = this.position + 1
    while (ENDS_TEXT[bytes[at] ?? 0] === 0) at++
    return at
  }

  #id(digits: number): string {
    this.expect(QUOTE)
    const bytes = this.bytes
    const start = this.position
    if (bytes[start] === QUOTE) {
      this.position++
      return ''
    }
    let classes = 0
    for (let at = start; at < start + digits; at++) classes |= HEX_CLASSES[bytes[at] ?? 0] ?? NO_HEX
    if (classes >= NO_HEX) throw unusual()
    this.position = start + digits
    this.expect(QUOTE)
    const id = bytes.latin1Slice(start, start + digits)
    return classes === UPPER_CASE ? id.toLowerCase() : id
  }

  #isTraceIdAt(start: number): boolean {
    const view = this.#view
    if (this.bytes[start - 1] !== QUOTE || this.bytes[start + 32] !== QUOTE) return false
    for (let at = 0; at < 32; at += 4) {
      if (view.getInt32(start + at, true) !== view.getInt32(this.#traceIdAt + at, true)) return false
    }
    return true
  }
}
