/** An object of a parsed OTLP/JSON request. */
export type JsonRecord = Readonly<Record<string, unknown>>

/** What is wrong with a request. Describes values by their type only: they may be private. */
export interface DecodeError {
  /** As `resourceSpans[0].scopeSpans[0].spans[2].startTimeUnixNano`. */
  readonly path: string
  readonly expected: string
  readonly got: string
}

/** Ends the decoding of a request; gets the path from the inside out while it passes through the walkers. */
export class DecodeFailure extends Error {
  readonly expected: string
  readonly got: string
  path: string

  constructor(path: string, expected: string, got: string) {
    super('invalid OTLP')
    this.path = path
    this.expected = expected
    this.got = got
  }
}

const INT64_LIMIT = 2n ** 63n
const UINT64_LIMIT = 2n ** 64n
const DECIMAL = /^-?[0-9]{1,20}$/
const DOUBLE = /^-?(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][+-]?[0-9]+)?$/
const HEX = /^[0-9a-fA-F]*$/
const BASE64 = /^[A-Za-z0-9+/_-]*={0,2}$/

/** Whether a value of `JSON.parse` is an object, not a list. */
export function isRecord(value: unknown): value is JsonRecord {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

/** @returns `undefined` when the field is absent or `null`, which is protobuf JSON's default */
export function optionalText(record: JsonRecord, name: string): string | undefined {
  const value = record[name] ?? undefined
  if (value === undefined || typeof value === 'string') return value
  throw new DecodeFailure(name, 'a string', kindOf(value))
}

export function optionalFlag(record: JsonRecord, name: string): boolean | undefined {
  const value = record[name] ?? undefined
  if (value === undefined || typeof value === 'boolean') return value
  throw new DecodeFailure(name, 'a boolean', kindOf(value))
}

/**
 * A signed 64-bit integer, as number or as decimal text.
 *
 * @returns a bigint beyond ±2^53, else a number; `undefined` when absent
 */
export function optionalInt64(record: JsonRecord, name: string): number | bigint | undefined {
  const value = record[name] ?? undefined
  if (value === undefined || (typeof value === 'number' && Number.isSafeInteger(value))) return value
  const integer = bigintOf(value, name)
  // A double that was written as 2^63 - 1 has become 2^63.
  if (integer === INT64_LIMIT && typeof value === 'number') return INT64_LIMIT - 1n
  if (integer >= INT64_LIMIT || integer < -INT64_LIMIT) throw outOfRange(name)
  const number = Number(integer)
  return Number.isSafeInteger(number) ? number : integer
}

/** A number of things (uint64, uint32), as number or as decimal text; beyond 2^53 rounded. */
export function optionalCount(record: JsonRecord, name: string): number | undefined {
  const value = record[name] ?? undefined
  if (value === undefined || (typeof value === 'number' && Number.isSafeInteger(value) && value >= 0)) return value
  const integer = bigintOf(value, name)
  if (integer < 0n || integer >= UINT64_LIMIT) throw outOfRange(name)
  return Number(integer)
}

/** The flags of a data point (uint32), as number or as decimal text. */
export function optionalFlags(record: JsonRecord, name: string): number | undefined {
  const flags = optionalCount(record, name)
  if (flags !== undefined && flags >= 2 ** 32)
    throw new DecodeFailure(name, 'an integer of 32 bits', 'one that is out of range')
  return flags
}

/** A double, as number or as text; also `NaN`, `Infinity` and `-Infinity`. */
export function optionalDouble(record: JsonRecord, name: string): number | undefined {
  const value = record[name] ?? undefined
  if (value === undefined || typeof value === 'number') return value
  if (typeof value !== 'string') throw new DecodeFailure(name, 'a number', kindOf(value))
  if (value === 'NaN') return Number.NaN
  if (value === 'Infinity') return Number.POSITIVE_INFINITY
  if (value === '-Infinity') return Number.NEGATIVE_INFINITY
  if (DOUBLE.test(value)) return Number(value)
  throw new DecodeFailure(name, 'a number', 'text that is none')
}

/**
 * Nanoseconds since 1970 as epoch milliseconds with a fraction, exact to the microsecond.
 *
 * @returns `undefined` when absent or 0, which is OTLP's «unknown»
 */
export function optionalTimeMs(record: JsonRecord, name: string): number | undefined {
  const value = record[name] ?? undefined
  if (value === undefined) return undefined
  return (typeof value === 'number' ? wholeMicroseconds(value, name) : microsecondsOf(value, name)) / 1000 || undefined
}

/** A trace or span id: hex digits, handed on in lower case; '' when absent. */
export function hexId(record: JsonRecord, name: string, bytes: 8 | 16): string {
  const text = optionalText(record, name)
  if (text === undefined || text === '') return ''
  if (text.length === bytes * 2 && HEX.test(text)) return text.toLowerCase()
  throw new DecodeFailure(name, `${bytes * 2} hex digits`, `${text.length} characters of text`)
}

export function optionalBytes(record: JsonRecord, name: string): Uint8Array | undefined {
  const text = optionalText(record, name)
  if (text === undefined) return undefined
  if (BASE64.test(text)) return Uint8Array.from(Buffer.from(text, 'base64'))
  throw new DecodeFailure(name, 'base64', `${text.length} characters of other text`)
}

/** Whether a value is an integer that an enum may have, known or not. */
export function isInt32(value: unknown): boolean {
  return typeof value === 'number' && value === Math.trunc(value) && Math.abs(value + 0.5) < 2 ** 31
}

/** An enum's value by its number or its name; numbers and names that are not listed are `fallback`. */
export function enumOf<T>(record: JsonRecord, name: string, values: ReadonlyMap<unknown, T>, fallback: T): T {
  const value = record[name] ?? undefined
  if (value === undefined) return fallback
  if (typeof value === 'string' || isInt32(value)) return values.get(value) ?? fallback
  if (Number.isInteger(value)) throw new DecodeFailure(name, 'an integer of 32 bits', 'one that is out of range')
  throw new DecodeFailure(name, 'the number or name of an enum value', kindOf(value))
}

export function optionalRecord(record: JsonRecord, name: string): JsonRecord | undefined {
  const value = record[name] ?? undefined
  if (value === undefined || isRecord(value)) return value
  throw new DecodeFailure(name, 'an object', kindOf(value))
}

/** Reads the object under a name. @returns `undefined` when it is absent */
export function nested<T>(record: JsonRecord, name: string, read: (child: JsonRecord) => T): T | undefined {
  const child = optionalRecord(record, name)
  if (child === undefined) return undefined
  try {
    return read(child)
  } catch (error) {
    throw within(name, error)
  }
}

/** Visits the objects of the list under a name; an absent list is an empty one. */
export function each(record: JsonRecord, name: string, visit: (item: JsonRecord) => void): void {
  const list = record[name] ?? undefined
  if (list === undefined) return
  if (!Array.isArray(list)) throw new DecodeFailure(name, 'a list', kindOf(list))
  for (let index = 0; index < list.length; index++) {
    const item: unknown = list[index]
    if (!isRecord(item)) throw new DecodeFailure(`${name}[${index}]`, 'an object', kindOf(item))
    try {
      visit(item)
    } catch (error) {
      throw within(`${name}[${index}]`, error)
    }
  }
}

/** Puts the place in front of a failure's path. @returns what to throw on */
export function within(place: string, error: unknown): unknown {
  if (error instanceof DecodeFailure) error.path = error.path === '' ? place : `${place}.${error.path}`
  return error
}

// Nanoseconds of today have 19 digits: as a number they are off by up to 128, but their microseconds are not.
function wholeMicroseconds(nanoseconds: number, name: string): number {
  if (!Number.isInteger(nanoseconds)) throw new DecodeFailure(name, 'an integer', 'a number with a fraction')
  if (nanoseconds < 0 || nanoseconds >= 2 ** 64) throw outOfRange(name)
  return Math.round(nanoseconds / 1000)
}

function microsecondsOf(value: unknown, name: string): number {
  if (typeof value !== 'string') throw new DecodeFailure(name, 'a time in nanoseconds', kindOf(value))
  if (!DECIMAL.test(value)) throw new DecodeFailure(name, 'a time in nanoseconds', 'text that is none')
  if (value.startsWith('-') || (value.length === 20 && BigInt(value) >= UINT64_LIMIT)) throw outOfRange(name)
  return Number(value.slice(0, -3))
}

function bigintOf(value: unknown, name: string): bigint {
  if (typeof value === 'string') {
    if (DECIMAL.test(value)) return BigInt(value)
    throw new DecodeFailure(name, 'an integer', 'text that is none')
  }
  if (typeof value !== 'number') throw new DecodeFailure(name, 'an integer', kindOf(value))
  if (Number.isInteger(value)) return BigInt(value)
  throw new DecodeFailure(name, 'an integer', 'a number with a fraction')
}

function outOfRange(name: string): DecodeFailure {
  return new DecodeFailure(name, 'an integer of 64 bits', 'one that is out of range')
}

function kindOf(value: unknown): string {
  if (value === null) return 'null'
  if (Array.isArray(value)) return 'a list'
  return typeof value === 'object' ? 'an object' : `a ${typeof value}`
}
