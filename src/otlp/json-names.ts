import { BytePattern } from './byte-pattern.ts'

/** The names that one kind of object has in JSON, to be recognised among bytes without making text of them. */
export class JsonNames {
  readonly #names: readonly BytePattern[]

  constructor(names: readonly string[]) {
    this.#names = names.map((name) => new BytePattern(Buffer.from(`"${name}"`)))
  }

  /**
   * Which of the names is at a place.
   *
   * @param likely the one to try first, then those after it: senders have an order
   * @returns -1 when it is none of them
   */
  find(start: number, view: DataView, likely: number): number {
    const count = this.#names.length
    for (let tried = 0, index = likely; tried < count; tried++, index++) {
      if (index >= count) index = 0
      if (this.#names[index]?.isAt(start, view)) return index
    }
    return -1
  }

  /** Of a name with its quotes. */
  lengthOf(index: number): number {
    return this.#names[index]?.length ?? 0
  }
}
