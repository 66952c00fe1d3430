const VARINT = 0
const FIXED64 = 1
const BYTES = 2
const FIXED32 = 5

const FIRST_SIZE = 4096

/** A length is written behind what it measures: so many bytes are left for it, enough for all that fits in memory. */
const LENGTH_BYTES = 5

/** Writes protobuf's wire format into one buffer that grows. */
export class ProtobufWriter {
  #buffer = Buffer.allocUnsafe(FIRST_SIZE)
  #length = 0

  /** What was written; not to be used after more was. */
  bytes(): Buffer {
    return this.#buffer.subarray(0, this.#length)
  }

  message(field: number, write: () => void): void {
    this.#tag(field, BYTES)
    const start = this.#length + LENGTH_BYTES
    this.#reserve(LENGTH_BYTES)
    this.#length = start
    write()
    const size = this.#length - start
    this.#length = start - LENGTH_BYTES
    this.#small(size)
    this.#buffer.copyWithin(this.#length, start, start + size)
    this.#length += size
  }

  span(field: number, bytes: Uint8Array): void {
    this.#tag(field, BYTES)
    this.#reserve(LENGTH_BYTES + bytes.length)
    this.#small(bytes.length)
    this.#buffer.set(bytes, this.#length)
    this.#length += bytes.length
  }

  /** Of 64 bits; a negative number takes ten bytes. */
  varint(field: number, value: bigint): void {
    this.#tag(field, VARINT)
    this.#reserve(10)
    let left = BigInt.asUintN(64, value)
    while (left >= 0x80n) {
      this.#buffer[this.#length++] = Number(left & 0x7fn) | 0x80
      left >>= 7n
    }
    this.#buffer[this.#length++] = Number(left)
  }

  fixed32(field: number, value: bigint): void {
    this.#tag(field, FIXED32)
    this.#reserve(4)
    this.#length = this.#buffer.writeUInt32LE(Number(BigInt.asUintN(32, value)), this.#length)
  }

  fixed64(field: number, value: bigint): void {
    this.#tag(field, FIXED64)
    this.#reserve(8)
    this.#length = this.#buffer.writeBigUInt64LE(BigInt.asUintN(64, value), this.#length)
  }

  double(field: number, value: number): void {
    this.#tag(field, FIXED64)
    this.#reserve(8)
    this.#length = this.#buffer.writeDoubleLE(value, this.#length)
  }

  #tag(field: number, wireType: number): void {
    this.#reserve(LENGTH_BYTES)
    this.#small(field * 8 + wireType)
  }

  /** A number of at most 32 bits, for which there is room. */
  #small(value: number): void {
    let left = value
    while (left >= 0x80) {
      this.#buffer[this.#length++] = (left % 0x80) | 0x80
      left = Math.floor(left / 0x80)
    }
    this.#buffer[this.#length++] = left
  }

  #reserve(bytes: number): void {
    const needed = this.#length + bytes
    if (needed <= this.#buffer.length) return
    const larger = Buffer.allocUnsafe(Math.max(needed, 2 * this.#buffer.length))
    this.#buffer.copy(larger, 0, 0, this.#length)
    this.#buffer = larger
  }
}
