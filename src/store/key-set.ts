import { hashKey } from './key-hash.ts'

const MIN_CAPACITY = 8
const MAX_LOAD = 0.75
const BYTES_PER_KEY = Float64Array.BYTES_PER_ELEMENT

/**
 * A set of strings that remembers only their 53-bit hashes (see {@link hashKey}): 11 to 21 bytes per key. Two strings
 * with the same hash count as one.
 */
export class KeySet {
  #slots = new Float64Array(MIN_CAPACITY)
  #size = 0
  /** What the set was decoded from, until a key is looked for: not every decoded set is asked for one. */
  #encoded: string | undefined

  /** A set from what {@link encode} gave. @throws {Error} when the text is not an encoded set */
  static decode(text: string): KeySet {
    const bytes = Buffer.byteLength(text, 'base64')
    if (bytes % BYTES_PER_KEY !== 0) {
      throw new Error(`Expected an encoded key set of whole ${BYTES_PER_KEY}-byte keys, got ${bytes} bytes.`)
    }
    const set = new KeySet()
    set.#encoded = text
    set.#size = bytes / BYTES_PER_KEY
    return set
  }

  get size(): number {
    return this.#size
  }

  /** @returns whether the text is new to the set */
  add(text: string): boolean {
    if (this.#encoded !== undefined) this.#open(this.#encoded)
    if (this.#size + 1 > this.#slots.length * MAX_LOAD) this.#resize(this.#slots.length * 2)
    return this.#insert(hashKey(text))
  }

  has(text: string): boolean {
    if (this.#encoded !== undefined) this.#open(this.#encoded)
    const key = hashKey(text)
    return this.#slots[this.#slotOf(key)] === key
  }

  /** The set as base64 text of doubles in this machine's byte order, in no particular order. */
  encode(): string {
    if (this.#encoded !== undefined) return this.#encoded
    const slots = this.#slots
    const keys = new Float64Array(this.#size)
    let count = 0
    // By index, here and below: iterating over numbers is slow until it is compiled.
    for (let slot = 0; slot < slots.length; slot += 1) {
      const key = slots[slot] ?? 0
      if (key !== 0) keys[count++] = key
    }
    return Buffer.from(keys.buffer).toString('base64')
  }

  #open(encoded: string): void {
    const keys = new Float64Array(Uint8Array.from(Buffer.from(encoded, 'base64')).buffer)
    this.#resize(capacityFor(keys.length))
    this.#size = 0
    this.#encoded = undefined
    for (const key of keys) this.#insert(key)
  }

  /** The slot that holds the key, or the empty one where it belongs. */
  #slotOf(key: number): number {
    const slots = this.#slots
    const mask = slots.length - 1
    let slot = (key >>> 0) & mask
    for (let found = slots[slot]; found !== 0 && found !== key; found = slots[slot]) slot = (slot + 1) & mask
    return slot
  }

  #insert(key: number): boolean {
    const slot = this.#slotOf(key)
    if (this.#slots[slot] === key) return false
    this.#slots[slot] = key
    this.#size += 1
    return true
  }

  #resize(capacity: number): void {
    const old = this.#slots
    this.#slots = new Float64Array(capacity)
    for (let slot = 0; slot < old.length; slot += 1) {
      const key = old[slot] ?? 0
      if (key !== 0) this.#slots[this.#slotOf(key)] = key
    }
  }
}

/** The smallest power of two that holds that many keys at the allowed load. */
function capacityFor(keys: number): number {
  let capacity = MIN_CAPACITY
  while (capacity * MAX_LOAD < keys) capacity *= 2
  return capacity
}
