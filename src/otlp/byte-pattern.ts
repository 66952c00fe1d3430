/** Some bytes to be recognised among others, four at a time. */
export class BytePattern {
  /** At least 4. */
  readonly length: number
  /** The last word overlaps the one before it. */
  readonly #words: Int32Array

  constructor(bytes: Buffer) {
    this.length = bytes.length
    this.#words = new Int32Array(Math.ceil(bytes.length / 4))
    const last = this.#words.length - 1
    for (let word = 0; word < last; word++) this.#words[word] = bytes.readInt32LE(word * 4)
    this.#words[last] = bytes.readInt32LE(bytes.length - 4)
  }

  isAt(start: number, view: DataView): boolean {
    const last = start + this.length - 4
    if (last + 4 > view.byteLength) return false
    let word = 0
    for (let at = start; at < last; at += 4) if (this.#words[word++] !== view.getInt32(at, true)) return false
    return this.#words[word] === view.getInt32(last, true)
  }
}
