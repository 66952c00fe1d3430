import { DecodeFailure } from './json-fields.ts'

const VARINT = 0
const FIXED64 = 1
const BYTES = 2
const START_GROUP = 3
const END_GROUP = 4
const FIXED32 = 5

/** Groups in groups are followed this deep: a sender that nests deeper means harm. */
const MAX_GROUPS = 100

/**
 * Reads protobuf's wire format. Every read is checked against the message that it is in: what is cut off or garbage
 * ends in a DecodeFailure that names the byte.
 */
export class WireReader {
  readonly bytes: Buffer
  /** Of the same bytes. */
  readonly view: DataView
  /** The next byte to read. */
  position = 0
  /** Where the current message ends. */
  limit: number

  constructor(bytes: Buffer) {
    this.bytes = bytes
    this.limit = bytes.length
    this.view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length)
  }

  /** Whether the current message goes on. */
  more(): boolean {
    return this.position < this.limit
  }

  /** A field's number and wire type, as `number << 3 | type`. */
  tag(): number {
    const { position } = this
    const first = this.bytes[position] ?? 0
    // Nearly all take one byte.
    if (first >= 8 && first < 0x80 && position < this.limit) {
      this.position = position + 1
      return first
    }
    const tag = this.uint32()
    if (tag < 8) throw this.failure('a field number', '0')
    return tag
  }

  /** Moves over this tag, if it comes next. @param tag takes one byte */
  takes(tag: number): boolean {
    if (this.position >= this.limit || this.bytes[this.position] !== tag) return false
    this.position++
    return true
  }

  /** Goes into the message under the last tag. @returns the limit to `leave` with */
  enter(): number {
    const length = this.length()
    const outer = this.limit
    this.limit = this.position + length
    return outer
  }

  leave(outer: number): void {
    this.limit = outer
  }

  /** The length of what follows; it is all there. */
  length(): number {
    const length = this.uint32()
    const left = this.limit - this.position
    if (length > left) throw this.failure(`at most ${left} bytes`, `a length of ${length}`)
    return length
  }

  /** Moves over the bytes under the last tag. @returns where they begin; they end at `position` */
  span(): number {
    const length = this.length()
    const start = this.position
    this.position = start + length
    return start
  }

  /** A number of at most 32 bits. */
  uint32(): number {
    const first = this.#byte()
    if (first < 0x80) return first
    let value = first & 0x7f
    for (let shift = 7; shift < 28; shift += 7) {
      const byte = this.#byte()
      value |= (byte & 0x7f) << shift
      if (byte < 0x80) return value
    }
    const last = this.#byte()
    if (last > 0x0f) throw this.failure('a number of at most 32 bits', 'a longer one')
    return value + last * 2 ** 28
  }

  /** A signed number of 64 bits: bigint beyond ±2^53. */
  int64(): number | bigint {
    let low = 0
    for (let shift = 0; shift < 28; shift += 7) {
      const byte = this.#byte()
      low |= (byte & 0x7f) << shift
      if (byte < 0x80) return low
    }
    let middle = 0
    for (let shift = 0; shift < 28; shift += 7) {
      const byte = this.#byte()
      middle |= (byte & 0x7f) << shift
      if (byte < 0x80) return exactInteger(low, middle, 0)
    }
    const ninth = this.#byte()
    if (ninth < 0x80) return exactInteger(low, middle, ninth)
    const last = this.#byte()
    if (last > 1) throw this.failure('a number of at most 64 bits', 'a longer one')
    return exactInteger(low, middle, (ninth & 0x7f) | (last << 7))
  }

  /** A number of 64 bits with a sign, of which nothing beyond ±2^53 needs to be exact. */
  number(): number {
    return Number(this.int64())
  }

  flag(): boolean {
    return this.int64() !== 0
  }

  double(): number {
    const at = this.#take(8)
    return this.view.getFloat64(at, true)
  }

  /** An unsigned number of 64 bits; beyond 2^53 rounded. */
  fixed64(): number {
    const at = this.#take(8)
    return this.view.getUint32(at + 4, true) * 2 ** 32 + this.view.getUint32(at, true)
  }

  /** A signed number of 64 bits; beyond ±2^53 rounded. */
  sfixed64(): number {
    const at = this.#take(8)
    return Number(this.view.getBigInt64(at, true))
  }

  /**
   * Nanoseconds since 1970 as epoch milliseconds with a fraction, exact to the microsecond.
   *
   * @returns 0 when it is 0, which is OTLP's «unknown»
   */
  timeMs(): number {
    const at = this.#take(8)
    const high = this.view.getUint32(at + 4, true)
    // After the year 2255 a number no longer holds microseconds.
    if (high > 0x7d_00_00_00) return Number(this.view.getBigUint64(at, true) / 1000n) / 1000
    // 2^32 = 4294967 · 1000 + 296: no step leaves the range of exact integers.
    return (high * 4_294_967 + Math.floor((high * 296 + this.view.getUint32(at, true)) / 1000)) / 1000
  }

  /** Moves over some bytes. @returns where they begin */
  #take(count: number): number {
    const at = this.position
    if (at + count > this.limit) throw this.failure(`${count} bytes`, `${this.limit - at}`)
    this.position = at + count
    return at
  }

  /**
   * Moves over a field that is not read.
   *
   * @param known bit n is set for each field number n that is read: it came with another type than it must have
   */
  skip(tag: number, known: number): void {
    const field = tag >>> 3
    if (field < 32 && ((known >>> field) & 1) === 1) {
      throw this.failure(`field ${field} with its own wire type`, `wire type ${tag & 7}`)
    }
    if ((tag & 7) === START_GROUP) this.#skipGroup(field)
    else this.#skipValue(tag & 7)
  }

  #skipGroup(outermost: number): void {
    const open = [outermost]
    while (open.length > 0) {
      const tag = this.tag()
      const field = tag >>> 3
      if ((tag & 7) === START_GROUP) {
        if (open.push(field) > MAX_GROUPS) throw this.failure(`at most ${MAX_GROUPS} groups in each other`, 'more')
      } else if ((tag & 7) === END_GROUP) {
        if (open.pop() !== field) throw this.failure('the end of the innermost group', `that of ${field}`)
      } else this.#skipValue(tag & 7)
    }
  }

  #skipValue(wireType: number): void {
    switch (wireType) {
      case VARINT:
        this.int64()
        break
      case FIXED64:
        this.#take(8)
        break
      case BYTES:
        this.#take(this.length())
        break
      case FIXED32:
        this.#take(4)
        break
      default:
        throw this.failure('a wire type from 0 to 5', `${wireType}`)
    }
  }

  failure(expected: string, found: string): DecodeFailure {
    return new DecodeFailure('', expected, `${found} at byte ${this.position}`)
  }

  #byte(): number {
    if (this.position >= this.limit) throw this.failure('a number', 'the end of the message')
    return this.bytes[this.position++] ?? 0
  }
}

function exactInteger(low: number, middle: number, high: number): number | bigint {
  if (high === 0 && middle < 2 ** 25) return middle * 2 ** 28 + low
  const integer = BigInt.asIntN(64, (BigInt(high) << 56n) | (BigInt(middle) << 28n) | BigInt(low))
  const number = Number(integer)
  return Number.isSafeInteger(number) ? number : integer
}
