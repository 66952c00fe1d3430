import { type BigIntStats, closeSync, fstatSync, openSync, readSync } from 'node:fs'

/** Bytes of one file. */
export interface ByteSource {
  /**
   * Fills `window` with the bytes from `position` on. A position may lie before the end of what was read last by no
   * more than what the window then held.
   *
   * @returns how many bytes; fewer than fit only at the end of the file
   */
  read(window: Buffer, position: number): number | Promise<number>
  close(): void
}

/** An open file. It stays the same file when another one takes its name. */
export class PlainSource implements ByteSource {
  readonly #descriptor: number
  #open = true

  /** @throws what `open` throws, with its system error code */
  constructor(path: string) {
    this.#descriptor = openSync(path, 'r')
  }

  get descriptor(): number {
    return this.#descriptor
  }

  stat(): BigIntStats {
    return fstatSync(this.#descriptor, { bigint: true })
  }

  // Synchronous: from the page cache a read is faster than handing it to another thread.
  read(window: Buffer, position: number): number {
    let filled = 0
    while (filled < window.length) {
      const count = readSync(this.#descriptor, window, filled, window.length - filled, position + filled)
      if (count === 0) break
      filled += count
    }
    return filled
  }

  close(): void {
    if (!this.#open) return
    this.#open = false
    closeSync(this.#descriptor)
  }
}
