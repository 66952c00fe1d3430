import { setImmediate as nextTurn } from 'node:timers/promises'

/** A turn is at most so many times as long as it is at least, however long the others took. */
const MAX_STRETCH = 4

/** How long all turns took together: those who work in turns do not wait for each other as for those who ask. */
let workedMs = 0

/** Work that goes on for long is done a piece at a time: whoever waits for an answer gets it in between. */
export class Turns {
  #startMs = Number.POSITIVE_INFINITY
  #endMs = Number.NEGATIVE_INFINITY

  /** Between two pieces: lets others have their turn when this one is over. */
  async pause(turnMs: number): Promise<void> {
    if (performance.now() >= this.#endMs) await this.begin(turnMs)
  }

  /**
   * Lets others have their turn first.
   *
   * @param turnMs how long the next turn is at least; as long as theirs, where that was longer: those who ask more than can be
   * answered would leave no time for the work
   */
  async begin(turnMs: number): Promise<void> {
    const leftMs = performance.now()
    workedMs += Math.max(0, leftMs - this.#startMs)
    const workedBeforeMs = workedMs
    await nextTurn()
    const nowMs = performance.now()
    const askedMs = nowMs - leftMs - (workedMs - workedBeforeMs)
    this.#startMs = nowMs
    this.#endMs = nowMs + Math.max(turnMs, Math.min(askedMs, turnMs * MAX_STRETCH))
  }
}
