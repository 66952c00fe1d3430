type NumberArray = Float64Array | Uint32Array | Int32Array

const CHUNK_BITS = 15
const CHUNK_LENGTH = 1 << CHUNK_BITS
const CHUNK_MASK = CHUNK_LENGTH - 1

/**
 * A growing list of numbers in typed arrays of 32768 each: no garbage, and at most one chunk of unused memory, where an
 * array that doubles would waste up to half.
 */
export class NumberColumn {
  readonly #makeChunk: () => NumberArray
  readonly #chunks: NumberArray[] = []
  #length = 0

  private constructor(makeChunk: () => NumberArray) {
    this.#makeChunk = makeChunk
  }

  static ofDoubles(): NumberColumn {
    return new NumberColumn(() => new Float64Array(CHUNK_LENGTH))
  }

  static ofUint32(): NumberColumn {
    return new NumberColumn(() => new Uint32Array(CHUNK_LENGTH))
  }

  static ofInt32(): NumberColumn {
    return new NumberColumn(() => new Int32Array(CHUNK_LENGTH))
  }

  get length(): number {
    return this.#length
  }

  /** @returns 0 beyond the end */
  at(index: number): number {
    return this.#chunks[index >>> CHUNK_BITS]?.[index & CHUNK_MASK] ?? 0
  }

  push(value: number): void {
    if (this.#length === this.#chunks.length * CHUNK_LENGTH) this.#chunks.push(this.#makeChunk())
    this.#length += 1
    this.set(this.#length - 1, value)
  }

  /** @param index below {@link length} */
  set(index: number, value: number): void {
    const chunk = this.#chunks[index >>> CHUNK_BITS]
    if (chunk !== undefined) chunk[index & CHUNK_MASK] = value
  }

  /** A copy of the numbers as bytes of this machine's order. */
  toBytes(): Buffer {
    return Buffer.concat(
      this.#chunks.map((chunk, index) => {
        const used = chunk.subarray(0, this.#length - index * CHUNK_LENGTH)
        return new Uint8Array(used.buffer, used.byteOffset, used.byteLength)
      }),
    )
  }

  /** Fills an empty column with what {@link toBytes} of one of the same kind gave. */
  appendBytes(bytes: Uint8Array): void {
    for (let offset = 0; offset < bytes.length; ) {
      const chunk = this.#makeChunk()
      const piece = bytes.subarray(offset, offset + chunk.byteLength)
      new Uint8Array(chunk.buffer).set(piece)
      this.#chunks.push(chunk)
      this.#length += piece.length / chunk.BYTES_PER_ELEMENT
      offset += piece.length
    }
  }
}
