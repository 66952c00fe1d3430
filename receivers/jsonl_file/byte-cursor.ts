import { isAt, type Literal, literalOf, viewOf } from './literal.ts'

const QUOTE = 0x22
const PLUS = 0x2b
const MINUS = 0x2d
const POINT = 0x2e
const ZERO = 0x30
const NINE = 0x39
const BACKSLASH = 0x5c
const LOWER_E = 0x65
const LOWER_F = 0x66
const LOWER_N = 0x6e
const LOWER_T = 0x74

/** A number of more digits is left to `Number`. */
const MAX_DIGITS = 15

const TRUE = literalOf(Buffer.from('true'))
const FALSE = literalOf(Buffer.from('false'))
const NULL = literalOf(Buffer.from('null'))

/** What stands for itself in a JSON string: ASCII without control characters, quote and backslash. */
const IS_PLAIN = Uint8Array.from({ length: 256 }, (_, byte) =>
  byte >= 0x20 && byte < 0x80 && byte !== QUOTE && byte !== BACKSLASH ? 1 : 0,
)

/** What kind of value was stepped over; `none`: no value, or one that needs a parser. */
export type ValueKind = 'none' | 'text' | 'integer' | 'number' | 'true' | 'false' | 'null'

/**
 * Goes through one line of compact JSON by its bytes. Each step says whether it could be made; after one that could not, the
 * cursor stands anywhere. Behind the line there must be a byte that belongs to no value, as a line feed is.
 */
export class ByteCursor {
  at = 0
  /** Where the text or number stands that was stepped over last. */
  from = 0
  to = 0
  /** What the last digits say. */
  integer = 0
  #bytes: Buffer = Buffer.alloc(0)
  #view = viewOf(this.#bytes)

  get bytes(): Buffer {
    return this.#bytes
  }

  get view(): DataView {
    return this.#view
  }

  /** Goes to a place in a file's window: mostly that of the line before. */
  open(bytes: Buffer, at: number): void {
    if (bytes !== this.#bytes) {
      this.#bytes = bytes
      this.#view = viewOf(bytes)
    }
    this.at = at
  }

  literal(expected: Literal): boolean {
    if (!isAt(this.#view, this.at, expected)) return false
    this.at += expected.length
    return true
  }

  byte(expected: number): boolean {
    if (this.#bytes[this.at] !== expected) return false
    this.at++
    return true
  }

  /** A string that needs no decoding, from behind its first quote to behind its last one. */
  text(): boolean {
    const bytes = this.#bytes
    let at = this.at
    this.from = at
    while (IS_PLAIN[bytes[at] ?? 0] === 1) at++
    this.to = at
    this.at = at + 1
    return bytes[at] === QUOTE
  }

  /** A whole number without sign, of at most 15 digits. */
  digits(): boolean {
    const bytes = this.#bytes
    const from = this.at
    let at = from
    let integer = 0
    for (let digit = digitAt(bytes, at); digit >= 0; digit = digitAt(bytes, at)) {
      integer = 10 * integer + digit
      at++
    }
    this.from = from
    this.to = at
    this.at = at
    this.integer = integer
    return at > from && at - from <= MAX_DIGITS && (bytes[from] !== ZERO || at === from + 1)
  }

  /** A value that is no list and no object. */
  scalar(): ValueKind {
    switch (this.#bytes[this.at]) {
      case QUOTE:
        this.at++
        return this.text() ? 'text' : 'none'
      case LOWER_T:
        return this.literal(TRUE) ? 'true' : 'none'
      case LOWER_F:
        return this.literal(FALSE) ? 'false' : 'none'
      case LOWER_N:
        return this.literal(NULL) ? 'null' : 'none'
      default:
        return this.#number()
    }
  }

  #number(): ValueKind {
    const from = this.at
    if (this.digits() && !continuesNumber(this.#bytes[this.at])) return 'integer'
    const bytes = this.#bytes
    let at = bytes[from] === MINUS ? from + 1 : from
    const wholeEnd = digitsEnd(bytes, at)
    if (wholeEnd === at || (bytes[at] === ZERO && wholeEnd > at + 1)) return 'none'
    at = wholeEnd
    if (bytes[at] === POINT) {
      const fractionEnd = digitsEnd(bytes, at + 1)
      if (fractionEnd === at + 1) return 'none'
      at = fractionEnd
    }
    if (isExponent(bytes[at])) {
      const sign = bytes[at + 1]
      const exponentStart = sign === PLUS || sign === MINUS ? at + 2 : at + 1
      const exponentEnd = digitsEnd(bytes, exponentStart)
      if (exponentEnd === exponentStart) return 'none'
      at = exponentEnd
    }
    this.from = from
    this.to = at
    this.at = at
    return 'number'
  }
}

/** @returns -1 where there is no digit */
function digitAt(bytes: Buffer, at: number): number {
  const byte = bytes[at] ?? 0
  return byte >= ZERO && byte <= NINE ? byte - ZERO : -1
}

function digitsEnd(bytes: Buffer, from: number): number {
  let at = from
  while (digitAt(bytes, at) >= 0) at++
  return at
}

function continuesNumber(byte: number | undefined): boolean {
  return byte === POINT || isExponent(byte)
}

function isExponent(byte: number | undefined): boolean {
  return byte !== undefined && (byte | 0x20) === LOWER_E
}
