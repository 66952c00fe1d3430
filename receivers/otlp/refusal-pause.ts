import { setTimeout as sleep } from 'node:timers/promises'

/** So long a refusal waits; who is told to come back in a second or more loses nothing. */
const PAUSE_MS = 100

/** So many wait at the same time, each with what a connection holds of memory. */
const MAX_WAITING = 128

/**
 * Makes who asks for more than there is room for wait a moment, before it is refused or there is room; nothing of the request
 * is read meanwhile. Refused at once, senders that try again without a pause would have agentperf do little else than throw
 * their bytes away.
 */
export class RefusalPause {
  readonly #pause: () => Promise<unknown>
  #waiting = 0

  /** @param pause waits once */
  constructor(pause: () => Promise<unknown> = () => sleep(PAUSE_MS)) {
    this.#pause = pause
  }

  /** Resolves after a pause, or at once when too many wait. */
  async wait(): Promise<void> {
    if (this.#waiting >= MAX_WAITING) return
    this.#waiting++
    try {
      await this.#pause()
    } finally {
      this.#waiting--
    }
  }
}
