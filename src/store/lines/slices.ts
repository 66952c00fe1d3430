import { setImmediate } from 'node:timers/promises'

/** Others get their turn after so much time. */
const SLICE_MS = 5

/** Cuts long work into slices. */
export class Slices {
  readonly #pause: () => Promise<void>
  #startedAtMs = performance.now()

  /** @param pause lets others have their turn */
  constructor(pause: () => Promise<void> = setImmediate) {
    this.#pause = pause
  }

  /** Whether it is time for `pause`: asking costs next to nothing. */
  get over(): boolean {
    return performance.now() - this.#startedAtMs >= SLICE_MS
  }

  async pause(): Promise<void> {
    await this.#pause()
    this.#startedAtMs = performance.now()
  }
}
