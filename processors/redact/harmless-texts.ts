/** Longer texts are rarely the same twice. */
const MAX_BYTES = 64
const WORDS = MAX_BYTES / 4

/** Below this it takes no time to look at a text. */
const MIN_BYTES = 8

/** 2^32 / golden ratio: spreads similar words over all slots. */
const SPREAD = 0x9e37_79b1

/** Agents say the same some thousands of short texts again and again. */
const BITS = 14

/**
 * Texts that hold no secret, by their bytes. A fixed number of slots: a text takes the place of another one with the same
 * hash, and however many come, memory stays the same.
 */
export class HarmlessTexts {
  readonly #lengths = new Uint8Array(2 ** BITS)
  /** Four bytes at a time: the last word overlaps the one before it. */
  readonly #words = new Int32Array(2 ** BITS * WORDS)
  /** Of the text that was asked for last; -1 where it cannot be kept. */
  #slot = -1

  has(view: DataView, start: number, end: number): boolean {
    const length = end - start
    this.#slot = -1
    if (length < MIN_BYTES || length > MAX_BYTES) return false
    const last = end - 4
    let hash = length
    for (let at = start; at < last; at += 4) hash = mixed(hash, view.getInt32(at, true))
    const slot = mixed(hash, view.getInt32(last, true)) >>> (32 - BITS)
    this.#slot = slot
    if (this.#lengths[slot] !== length) return false
    let word = slot * WORDS
    for (let at = start; at < last; at += 4) if (this.#words[word++] !== view.getInt32(at, true)) return false
    return this.#words[word] === view.getInt32(last, true)
  }

  /** Keeps the text that was asked for last. */
  keep(view: DataView, start: number, end: number): void {
    if (this.#slot < 0) return
    this.#lengths[this.#slot] = end - start
    let word = this.#slot * WORDS
    for (let at = start; at < end - 4; at += 4) this.#words[word++] = view.getInt32(at, true)
    this.#words[word] = view.getInt32(end - 4, true)
  }
}

function mixed(hash: number, word: number): number {
  const product = Math.imul(hash ^ word, SPREAD)
  return product ^ (product >>> 15)
}
