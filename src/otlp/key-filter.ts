import { MAX_SHARED_BYTES, type TextTable } from './text-table.ts'

/** Tells which keys need not be read, by their slots in the table of keys. */
export class KeyFilter {
  readonly #keys: TextTable
  /** For each list of names that was asked for: 1 where one of them has its slot. */
  readonly #wanted = new Map<ReadonlySet<string>, Uint8Array>()

  constructor(keys: TextTable) {
    this.#keys = keys
  }

  /**
   * By slot: 0 where no key is one of the names, 1 where it may be.
   *
   * @param names one of a few lists that never change
   */
  wanted(names: ReadonlySet<string>): Uint8Array {
    const known = this.#wanted.get(names)
    if (known !== undefined) return known
    const wanted = new Uint8Array(this.#keys.slots)
    for (const name of names) {
      const bytes = Buffer.from(name)
      const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length)
      if (hasSlot(bytes.length)) wanted[this.#keys.slotOf(view, 0, bytes.length)] = 1
    }
    this.#wanted.set(names, wanted)
    return wanted
  }
}

/** Whether a key of so many bytes has a slot that says which it is; others are always read. */
export function hasSlot(length: number): boolean {
  return length >= 4 && length <= MAX_SHARED_BYTES
}
