import { isInt32, optionalCount, optionalDouble, optionalInt64, optionalTimeMs } from './json-fields.ts'
import type { JsonReader } from './json-reader.ts'
import { unusual } from './json-unusual.ts'

const QUOTE = 0x22
const PLUS = 0x2b
const MINUS = 0x2d
const DOT = 0x2e
const ZERO = 0x30
const NINE = 0x39
const SMALL_E = 0x65
const TO_SMALL = 0x20

/** As many digits as every number holds exactly. */
const EXACT_DIGITS = 15

/** A time of today as text: 19 digits, of which the last three are less than a microsecond. */
const TIME_DIGITS = 19

const NUMBER = /^-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?(?:[eE][+-]?[0-9]+)?$/
const POWERS_OF_TEN = Array.from({ length: EXACT_DIGITS + 1 }, (_, digits) => 10 ** digits)

/** A signed integer, as number or as text: bigint beyond ±2^53. */
export function readInt64(reader: JsonReader): number | bigint {
  const bytes = reader.bytes
  const quoted = bytes[reader.position] === QUOTE
  if (quoted) reader.position++
  const start = reader.position
  const negative = bytes[start] === MINUS
  if (negative) reader.position++
  const first = reader.position
  const value = reader.digits()
  const end = reader.position
  if (quoted) reader.expect(QUOTE)
  else if (end - first > 1 && bytes[first] === ZERO) throw unusual()
  // -0 is 0 as text, but not as number.
  if (end === first || (negative && value === 0)) throw unusual()
  if (end - first > EXACT_DIGITS) return optionalInt64({ value: bytes.latin1Slice(start, end) }, 'value') ?? 0
  return negative ? -value : value
}

/** A number of any kind. */
export function readNumber(reader: JsonReader): number {
  const bytes = reader.bytes
  const start = reader.position
  if (bytes[start] === MINUS) reader.position++
  const first = reader.position
  let mantissa = reader.digits()
  let digits = reader.position - first
  let fraction = 0
  if (digits === 0 || (digits > 1 && bytes[first] === ZERO)) throw unusual()
  if (bytes[reader.position] === DOT) {
    reader.position++
    const point = reader.position
    mantissa = reader.digits(mantissa)
    fraction = reader.position - point
    if (fraction === 0) throw unusual()
    digits += fraction
  }
  const exponent = (bytes[reader.position] ?? 0) | TO_SMALL
  // Of two numbers that are exact the quotient is the nearest there is.
  if (digits <= EXACT_DIGITS && exponent !== SMALL_E) {
    const value = mantissa / (POWERS_OF_TEN[fraction] ?? 1)
    return first === start ? value : -value
  }
  while (isInNumber(bytes[reader.position])) reader.position++
  const text = bytes.latin1Slice(start, reader.position)
  if (!NUMBER.test(text)) throw unusual()
  return Number(text)
}

/** A double, as number or as text. */
export function readDouble(reader: JsonReader): number {
  if (reader.bytes[reader.position] !== QUOTE) return readNumber(reader)
  return optionalDouble({ value: reader.text() }, 'value') ?? 0
}

/** A number of things, as number or as text. */
export function readCount(reader: JsonReader): number {
  const value = reader.bytes[reader.position] === QUOTE ? reader.text() : readNumber(reader)
  return optionalCount({ value }, 'value') ?? 0
}

/** The number or name of an enum's value. */
export function readEnumValue(reader: JsonReader): number | string {
  if (reader.bytes[reader.position] === QUOTE) return reader.text()
  const value = readNumber(reader)
  if (!isInt32(value)) throw unusual()
  return value
}

/** Nanoseconds since 1970 as epoch milliseconds with a fraction, exact to the microsecond; 0 when it is 0. */
export function readTimeMs(reader: JsonReader): number {
  const bytes = reader.bytes
  const start = reader.position + 1
  if (bytes[reader.position] === QUOTE && bytes[start + TIME_DIGITS] === QUOTE) {
    reader.position = start
    const microseconds = reader.digits(0, TIME_DIGITS - 3)
    reader.digits(0, 3)
    if (reader.position === start + TIME_DIGITS && Number.isSafeInteger(microseconds)) {
      reader.position++
      return microseconds / 1000
    }
    reader.position = start - 1
  }
  const value = bytes[reader.position] === QUOTE ? reader.text() : readNumber(reader)
  return optionalTimeMs({ value }, 'value') ?? 0
}

function isInNumber(byte = 0): boolean {
  return (
    (byte >= ZERO && byte <= NINE) || byte === MINUS || byte === DOT || byte === PLUS || (byte | TO_SMALL) === SMALL_E
  )
}
