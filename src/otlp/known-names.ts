import { BytePattern } from './byte-pattern.ts'

/** So few of the slots are taken that most of what is looked for and is no name meets an empty one at once. */
const SLOTS_PER_NAME = 8

/** 2^32 / golden ratio: spreads similar words over all slots. */
const SPREAD = 0x9e37_79b1

/** Shorter names are not found. */
export const MIN_KNOWN_BYTES = 4

interface KnownName {
  readonly name: string
  readonly bytes: BytePattern
}

/** Finds a few names by their bytes. What is none of them is told by its length, beginning and end. */
export class KnownNames {
  readonly #bits: number
  readonly #slots: (KnownName | undefined)[]

  constructor(names: ReadonlySet<string>) {
    this.#bits = Math.ceil(Math.log2(SLOTS_PER_NAME * (names.size + 1)))
    this.#slots = new Array(2 ** this.#bits).fill(undefined)
    for (const name of names) {
      const bytes = Buffer.from(name)
      if (bytes.length >= MIN_KNOWN_BYTES) this.#add(name, bytes)
    }
  }

  /**
   * The name that these bytes are.
   *
   * @param length at least {@link MIN_KNOWN_BYTES}
   */
  at(view: DataView, start: number, length: number): string | undefined {
    for (let slot = this.#slotOf(view, start, length); ; slot = this.#after(slot)) {
      const known = this.#slots[slot]
      if (known === undefined) return undefined
      if (known.bytes.length === length && known.bytes.isAt(start, view)) return known.name
    }
  }

  #add(name: string, bytes: Buffer): void {
    let slot = this.#slotOf(new DataView(bytes.buffer, bytes.byteOffset), 0, bytes.length)
    while (this.#slots[slot] !== undefined) slot = this.#after(slot)
    this.#slots[slot] = { name, bytes: new BytePattern(bytes) }
  }

  #slotOf(view: DataView, start: number, length: number): number {
    const ends = view.getInt32(start, true) ^ Math.imul(view.getInt32(start + length - 4, true) + length, SPREAD)
    return Math.imul(ends ^ (ends >>> 15), SPREAD) >>> (32 - this.#bits)
  }

  #after(slot: number): number {
    return (slot + 1) % this.#slots.length
  }
}
