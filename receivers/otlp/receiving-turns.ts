/** How many are received at the same time: each may take several times the largest message of memory. */
const AT_ONCE = 4

/** How many more, of those that had their time and are not whole yet. */
const MAX_SLOW = 12

/** How many may wait for their turn, each with what a stream may send unasked: 64 KiB. */
const MAX_WAITING = 256

/** So long a message has its turn while others wait. */
const PATIENCE_MS = 200

/** One message's place among the others. */
export interface Turn {
  /** Its bytes are asked for: from now on its time runs. */
  begin(): void
  /** It is whole: it is not given up any more. */
  end(): void
  /** Gives the turn or the place in the line back. Safe to call twice. */
  leave(): void
}

interface Entry extends Turn {
  readonly onTurn: (turn: Turn) => void
  readonly onGivenUp: () => void
  state: 'prompt' | 'overdue' | 'whole'
  timer: NodeJS.Timeout | undefined
}

/**
 * Lets only a few messages be received at the same time, in the order in which they were announced. One that takes long makes
 * way for those that wait and goes on beside them; where too many do, the oldest of them is given up.
 */
export class ReceivingTurns {
  readonly #patienceMs: number
  readonly #waiting = new Set<Entry>()
  readonly #taken = new Set<Entry>()
  readonly #slow = new Set<Entry>()

  constructor(patienceMs = PATIENCE_MS) {
    this.#patienceMs = patienceMs
  }

  /**
   * @param onTurn called when it may be received, at once where that is now
   * @param onGivenUp called when it has taken too long
   * @returns `undefined` when too many wait
   */
  enter(onTurn: (turn: Turn) => void, onGivenUp: () => void): Turn | undefined {
    if (this.#taken.size >= AT_ONCE && this.#waiting.size >= MAX_WAITING) return undefined
    const entry: Entry = {
      onTurn,
      onGivenUp,
      state: 'prompt',
      timer: undefined,
      begin: () => this.#begin(entry),
      end: () => {
        clearTimeout(entry.timer)
        entry.state = 'whole'
      },
      leave: () => this.#leave(entry),
    }
    this.#waiting.add(entry)
    this.#passOn()
    return entry
  }

  #begin(entry: Entry): void {
    entry.timer ??= setTimeout(() => {
      entry.state = 'overdue'
      this.#passOn()
    }, this.#patienceMs)
  }

  #leave(entry: Entry): void {
    clearTimeout(entry.timer)
    for (const entries of [this.#waiting, this.#taken, this.#slow]) entries.delete(entry)
    this.#passOn()
  }

  #passOn(): void {
    for (const next of this.#waiting) {
      if (this.#taken.size >= AT_ONCE && !this.#makeWay()) return
      // Whoever was given up meanwhile may have let others have their turn.
      if (!this.#waiting.delete(next)) continue
      this.#taken.add(next)
      next.onTurn(next)
    }
  }

  /** @returns whether one made way */
  #makeWay(): boolean {
    const overdue = firstOverdue(this.#taken)
    if (overdue === undefined) return false
    const oldest = firstOverdue(this.#slow)
    if (this.#slow.size >= MAX_SLOW && oldest === undefined) return false
    this.#taken.delete(overdue)
    this.#slow.add(overdue)
    if (this.#slow.size > MAX_SLOW && oldest !== undefined) {
      this.#slow.delete(oldest)
      oldest.onGivenUp()
    }
    return true
  }
}

function firstOverdue(entries: ReadonlySet<Entry>): Entry | undefined {
  return entries.values().find(({ state }) => state === 'overdue')
}
