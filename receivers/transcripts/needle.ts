/**
 * Bytes that are looked for. Looking is as fast as its first byte is rare, and most that stands in lines of JSON begins with a
 * quote: so it is looked for from a rarer byte on.
 */
export class Needle {
  readonly length: number
  readonly #bytes: Buffer
  readonly #rareBytes: Buffer
  readonly #rareAt: number

  /** @param rare a character of it that texts seldom have */
  constructor(text: string, rare: string) {
    this.#bytes = Buffer.from(text)
    this.length = this.#bytes.length
    this.#rareAt = this.#bytes.indexOf(rare)
    this.#rareBytes = this.#bytes.subarray(this.#rareAt)
  }

  /** @returns where it stands first, or -1 */
  indexIn(bytes: Buffer): number {
    const found = bytes.indexOf(this.#rareBytes)
    if (found === -1) return -1
    const at = found - this.#rareAt
    const isWhole = at >= 0 && bytes.compare(this.#bytes, 0, this.#rareAt, at, at + this.#rareAt) === 0
    return isWhole ? at : bytes.indexOf(this.#bytes)
  }
}
