import type { AttributeHead } from './attribute-heads.ts'
import type { BytePattern } from './byte-pattern.ts'
import { DecodeFailure, optionalDouble, optionalInt64, optionalTimeMs } from './json-fields.ts'
import type { JsonNames } from './json-names.ts'
import type { SharedTexts } from './shared-texts.ts'
import { MAX_SHARED_BYTES, type TextTable } from './text-table.ts'

const TAB = 0x09
const LINE_FEED = 0x0a
const CARRIAGE_RETURN = 0x0d
const SPACE = 0x20
const QUOTE = 0x22
const COMMA = 0x2c
const MINUS = 0x2d
const DOT = 0x2e
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

/** As many digits as every number holds exactly. */
const EXACT_DIGITS = 15

/** A time of today as text: 19 digits, of which the last three are less than a microsecond. */
const TIME_DIGITS = 19

const NUMBER = /^-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?(?:[eE][+-]?[0-9]+)?$/
const POWERS_OF_TEN = Array.from({ length: EXACT_DIGITS + 1 }, (_, digits) => 10 ** digits)

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
  readonly #bytes: Buffer
  /** Of the same bytes. */
  readonly #view: DataView
  readonly #texts: SharedTexts
  #traceId = ''
  #traceIdAt = 0

  /** @param bytes hold one value */
  constructor(bytes: Buffer, texts: SharedTexts) {
    this.#bytes = bytes
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length)
    this.#texts = texts
    this.#next()
  }

  /** Goes into an object. @returns the index of its first name that is among these, or END; others are skipped */
  open(names: JsonNames): number {
    this.#expect(OPEN_OBJECT)
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
    this.#expect(OPEN_LIST)
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
    return this.#texts.heads.learn(key, field, this.#bytes.subarray(start, this.position))
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
    if (this.#bytes[this.position] !== CLOSE_OBJECT) return false
    this.position++
    return true
  }

  /** Whether the value is `null`; moves over it. */
  isNull(): boolean {
    if (this.#bytes[this.position] !== N) return false
    this.#literal('null')
    return true
  }

  /** Nothing may follow any more. */
  end(): void {
    if (this.#next() !== 0 || this.position < this.#bytes.length) throw unusual()
  }

  key(): string {
    return this.#text(this.#texts.keys)
  }

  text(): string {
    return this.#text(this.#texts.values)
  }

  /** A text that is likely the one that came last after the same head. */
  textLike(head: AttributeHead): string {
    const { values } = this.#texts
    const start = this.position + 1
    const length = values.lengthAt(head.slot, start, this.#view)
    if (length > 0 && this.#bytes[start - 1] === QUOTE && this.#bytes[start + length] === QUOTE) {
      this.position = start + length + 1
      return values.textIn(head.slot)
    }
    const text = this.text()
    head.slot = values.slot
    return text
  }

  flag(): boolean {
    const value = this.#bytes[this.position] === 0x74
    this.#literal(value ? 'true' : 'false')
    return value
  }

  /** A signed integer, as number or as text: bigint beyond ±2^53. */
  int64(): number | bigint {
    const bytes = this.#bytes
    const quoted = bytes[this.position] === QUOTE
    if (quoted) this.position++
    const start = this.position
    const negative = bytes[start] === MINUS
    if (negative) this.position++
    const first = this.position
    const value = this.#digits()
    const end = this.position
    if (quoted) this.#expect(QUOTE)
    else if (end - first > 1 && bytes[first] === ZERO) throw unusual()
    // -0 is 0 as text, but not as number.
    if (end === first || (negative && value === 0)) throw unusual()
    if (end - first > EXACT_DIGITS) return optionalInt64({ value: bytes.latin1Slice(start, end) }, 'value') ?? 0
    return negative ? -value : value
  }

  /** A number of any kind. */
  number(): number {
    const bytes = this.#bytes
    const start = this.position
    if (bytes[start] === MINUS) this.position++
    const first = this.position
    let mantissa = this.#digits()
    let digits = this.position - first
    let fraction = 0
    if (digits === 0 || (digits > 1 && bytes[first] === ZERO)) throw unusual()
    if (bytes[this.position] === DOT) {
      this.position++
      const point = this.position
      mantissa = this.#digits(mantissa)
      fraction = this.position - point
      if (fraction === 0) throw unusual()
      digits += fraction
    }
    const exponent = (bytes[this.position] ?? 0) | 0x20
    // Of two numbers that are exact the quotient is the nearest there is.
    if (digits <= EXACT_DIGITS && exponent !== 0x65) {
      const value = mantissa / (POWERS_OF_TEN[fraction] ?? 1)
      return first === start ? value : -value
    }
    while (isInNumber(bytes[this.position])) this.position++
    const text = bytes.latin1Slice(start, this.position)
    if (!NUMBER.test(text)) throw unusual()
    return Number(text)
  }

  /** A double, as number or as text. */
  double(): number {
    if (this.#bytes[this.position] !== QUOTE) return this.number()
    return optionalDouble({ value: this.text() }, 'value') ?? 0
  }

  /** The number or name of an enum's value. */
  enumValue(): number | string {
    if (this.#bytes[this.position] === QUOTE) return this.text()
    const value = this.number()
    if (!Number.isInteger(value)) throw unusual()
    return value
  }

  /** Nanoseconds since 1970 as epoch milliseconds with a fraction, exact to the microsecond; 0 when it is 0. */
  timeMs(): number {
    const bytes = this.#bytes
    const start = this.position + 1
    if (bytes[this.position] === QUOTE && bytes[start + TIME_DIGITS] === QUOTE) {
      this.position = start
      const microseconds = this.#digits(0, TIME_DIGITS - 3)
      this.#digits(0, 3)
      if (this.position === start + TIME_DIGITS && Number.isSafeInteger(microseconds)) {
        this.position++
        return microseconds / 1000
      }
      this.position = start - 1
    }
    const value = bytes[this.position] === QUOTE ? this.text() : this.number()
    return optionalTimeMs({ value }, 'value') ?? 0
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
    const byte = this.#bytes[this.position]
    if (byte === QUOTE) this.#skipText()
    else if (byte === OPEN_OBJECT || byte === OPEN_LIST) this.#skipNested(byte, depth)
    else if (byte === 0x74 || byte === 0x66) this.flag()
    else if (!this.isNull()) this.number()
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
        if (this.#bytes[this.position] !== QUOTE) throw unusual()
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
      if (this.#bytes[this.position] !== QUOTE) throw unusual()
      const end = this.#plainEnd()
      // With an escape it could be one of these.
      if (this.#bytes[end] !== QUOTE) throw unusual()
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
    this.#expect(closing)
    return false
  }

  #colon(): void {
    if (this.#next() !== COLON) throw unusual()
    this.position++
    this.#next()
  }

  /** Moves over white space. @returns the byte after it, 0 at the end */
  #next(): number {
    let byte = this.#bytes[this.position] ?? 0
    if (byte > SPACE) return byte
    while (byte === SPACE || byte === LINE_FEED || byte === CARRIAGE_RETURN || byte === TAB) {
      byte = this.#bytes[++this.position] ?? 0
    }
    return byte
  }

  #expect(byte: number): void {
    if (this.#bytes[this.position] !== byte) throw unusual()
    this.position++
  }

  #literal(text: string): void {
    for (let index = 0; index < text.length; index++) this.#expect(text.charCodeAt(index))
  }

  /** Moves over digits. @returns their number, after those before them */
  #digits(before = 0, most = Number.POSITIVE_INFINITY): number {
    const end = this.position + most
    let value = before
    while (this.position < end) {
      const byte = this.#bytes[this.position] ?? 0
      if (byte < ZERO || byte > NINE) break
      value = value * 10 + byte - ZERO
      this.position++
    }
    return value
  }

  #text(table: TextTable): string {
    const bytes = this.#bytes
    if (bytes[this.position] !== QUOTE) throw unusual()
    const start = this.position + 1
    const end = this.#plainEnd()
    if (bytes[end] !== QUOTE) return this.#escapedText()
    this.position = end + 1
    return end - start > MAX_SHARED_BYTES ? bytes.utf8Slice(start, end) : table.read(bytes, this.#view, start, end)
  }

  #escapedText(): string {
    const bytes = this.#bytes
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
    if (this.#bytes[end] === QUOTE) this.position = end + 1
    else this.#escapedText()
  }

  /** Where the text that begins here ends, or what is not plain in it. */
  #plainEnd(): number {
    const bytes = this.#bytes
    let at = this.position + 1
    while (ENDS_TEXT[bytes[at] ?? 0] === 0) at++
    return at
  }

  #id(digits: number): string {
    this.#expect(QUOTE)
    const bytes = this.#bytes
    const start = this.position
    if (bytes[start] === QUOTE) {
      this.position++
      return ''
    }
    let classes = 0
    for (let at = start; at < start + digits; at++) classes |= HEX_CLASSES[bytes[at] ?? 0] ?? NO_HEX
    if (classes >= NO_HEX) throw unusual()
    this.position = start + digits
    this.#expect(QUOTE)
    const id = bytes.latin1Slice(start, start + digits)
    return classes === UPPER_CASE ? id.toLowerCase() : id
  }

  #isTraceIdAt(start: number): boolean {
    const view = this.#view
    if (this.#bytes[start - 1] !== QUOTE || this.#bytes[start + 32] !== QUOTE) return false
    for (let at = 0; at < 32; at += 4) {
      if (view.getInt32(start + at, true) !== view.getInt32(this.#traceIdAt + at, true)) return false
    }
    return true
  }
}

/** Notes that a field was seen. Of two with the same name the last one counts, which is not looked after here. */
export function once(seen: number, field: number): number {
  const bit = 1 << field
  if ((seen & bit) !== 0) throw unusual()
  return seen | bit
}

export function unusual(): DecodeFailure {
  return new DecodeFailure('', 'usual JSON', 'other')
}

function isInNumber(byte = 0): boolean {
  return (byte >= ZERO && byte <= NINE) || byte === MINUS || byte === DOT || byte === 0x2b || (byte | 0x20) === 0x65
}
