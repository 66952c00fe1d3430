/** How many are received at the same time: each may take several times the largest message of memory. */
const AT_ONCE = 4

/** How many may wait for their turn, each with what a stream may send unasked: 64 KiB. */
const MAX_WAITING = 256

/** Lets only a few messages be received at the same time, in the order in which they were announced. */
export class ReceivingTurns {
  #taken = 0
  readonly #waiting = new Set<() => void>()

  /**
   * @param onTurn called when it may be received, at once where that is now
   * @returns gives the turn or the place in the line back; `undefined` when too many wait
   */
  enter(onTurn: () => void): (() => void) | undefined {
    if (this.#taken >= AT_ONCE && this.#waiting.size >= MAX_WAITING) return undefined
    let has: 'place' | 'turn' | 'nothing' = 'place'
    const begin = (): void => {
      has = 'turn'
      this.#taken++
      onTurn()
    }
    const leave = (): void => {
      const had = has
      has = 'nothing'
      if (had === 'place') this.#waiting.delete(begin)
      else if (had === 'turn') this.#next()
    }
    if (this.#taken < AT_ONCE) begin()
    else this.#waiting.add(begin)
    return leave
  }

  #next(): void {
    this.#taken--
    const [first] = this.#waiting
    if (first === undefined) return
    this.#waiting.delete(first)
    first()
  }
}
