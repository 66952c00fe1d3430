/** Longer texts are rarely the same twice. */
export const MAX_SHARED_BYTES = 40

const WORDS = MAX_SHARED_BYTES / 4

/** 2^32 / golden ratio: spreads similar words over all slots. */
const SPREAD = 0x9e37_79b1

/**
 * Keeps short texts by their bytes, so that one that comes again is no new string. A fixed number of slots: a text takes
 * the place of another one with the same hash, and however many come, memory stays the same.
 */
export class TextTable {
  /** How many texts were not there when they were read. */
  misses = 0
  /** Where the text is that was read last. */
  slot = 0
  readonly #bits: number
  readonly #texts: string[]
  readonly #lengths: Uint8Array
  /** The bytes of the texts, four at a time: the last word overlaps the one before it. */
  readonly #words: Int32Array

  /** @param bits the table has 2^bits slots */
  constructor(bits: number) {
    this.#bits = bits
    const slots = 2 ** bits
    this.#texts = new Array<string>(slots).fill('')
    this.#lengths = new Uint8Array(slots)
    this.#words = new Int32Array(slots * WORDS)
  }

  /**
   * The text of some UTF-8 bytes; what is no UTF-8 becomes U+FFFD.
   *
   * @param view of the same bytes
   * @param end at most {@link MAX_SHARED_BYTES} after the start
   */
  read(bytes: Buffer, view: DataView, start: number, end: number): string {
    if (end - start < 4) return this.#readShort(bytes, start, end)
    const slot = this.#slotOf(view, start, end)
    const length = end - start
    const last = end - 4
    this.slot = slot
    if (this.#lengths[slot] === length && this.#holds(slot, view, start, last)) return this.#texts[slot] ?? ''
    const text = bytes.utf8Slice(start, end)
    this.#keep(slot, text, length)
    let word = slot * WORDS
    for (let at = start; at < last; at += 4) this.#words[word++] = view.getInt32(at, true)
    this.#words[word] = view.getInt32(last, true)
    return text
  }

  /** The slot that a text of at least 4 bytes has, or would have. */
  #slotOf(view: DataView, start: number, end: number): number {
    const last = end - 4
    let hash = end - start
    for (let at = start; at < last; at += 4) hash = mixed(hash, view.getInt32(at, true))
    return mixed(hash, view.getInt32(last, true)) >>> (32 - this.#bits)
  }

  /** How long the text in a slot is, in bytes, when it begins here and is not very short; else 0. */
  lengthAt(slot: number, start: number, view: DataView): number {
    const length = this.#lengths[slot] ?? 0
    if (length < 4 || start + length > view.byteLength) return 0
    return this.#holds(slot, view, start, start + length - 4) ? length : 0
  }

  textIn(slot: number): string {
    return this.#texts[slot] ?? ''
  }

  #holds(slot: number, view: DataView, start: number, last: number): boolean {
    let word = slot * WORDS
    for (let at = start; at < last; at += 4) if (this.#words[word++] !== view.getInt32(at, true)) return false
    return this.#words[word] === view.getInt32(last, true)
  }

  #readShort(bytes: Buffer, start: number, end: number): string {
    const length = end - start
    if (length === 0) return ''
    let word = 0
    for (let at = start; at < end; at++) word = (word << 8) | (bytes[at] ?? 0)
    const slot = mixed(length, word) >>> (32 - this.#bits)
    this.slot = slot
    if (this.#lengths[slot] === length && this.#words[slot * WORDS] === word) return this.#texts[slot] ?? ''
    const text = bytes.utf8Slice(start, end)
    this.#keep(slot, text, length)
    this.#words[slot * WORDS] = word
    return text
  }

  #keep(slot: number, text: string, length: number): void {
    this.misses++
    this.#texts[slot] = text
    this.#lengths[slot] = length
  }
}

function mixed(hash: number, word: number): number {
  const product = Math.imul(hash ^ word, SPREAD)
  return product ^ (product >>> 15)
}
