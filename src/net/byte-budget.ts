/**
 * When it was full, nobody new gets memory before it is down to this share: else each that comes is read and unpacked for
 * the little that has become free, in vain, and what waits gets no time to be handed on.
 */
const REOPEN_SHARE = 0.75

/** What all requests together may take of memory. One that is alone may take more: it could never come in else. */
export class ByteBudget {
  readonly #maxBytes: number
  #usedBytes = 0
  #full = false

  constructor(maxBytes: number) {
    this.#maxBytes = maxBytes
  }

  /** Whether a request of this size would get its memory now. */
  hasRoom(bytes: number): boolean {
    if (this.#usedBytes <= this.#maxBytes * REOPEN_SHARE) this.#full = false
    if (this.#usedBytes === 0) return true
    if (this.#usedBytes + bytes > this.#maxBytes) this.#full = true
    return !this.#full
  }

  open(): ByteHold {
    let heldBytes = 0
    return {
      resize: (bytes) => {
        const othersBytes = this.#usedBytes - heldBytes
        if (bytes > heldBytes && othersBytes > 0 && othersBytes + bytes > this.#maxBytes) {
          this.#full = true
          return false
        }
        this.#usedBytes = othersBytes + bytes
        heldBytes = bytes
        return true
      },
      release: () => {
        this.#usedBytes -= heldBytes
        heldBytes = 0
      },
    }
  }
}

/** What one request takes of the budget. */
export interface ByteHold {
  /** @returns false when there is no room for that many; then nothing has changed */
  resize(bytes: number): boolean
  /** Safe to call twice. */
  release(): void
}
