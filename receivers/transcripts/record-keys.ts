import { KeySet } from '#src/store/key-set.ts'
import type { SessionStates, StateCodec, StateEntry, Store } from '#src/store/store.ts'

const DAY_MS = 86_400_000
/** Copies of lines that are older than so many days with lines are taken for new ones. */
const MAX_DAYS = 400
/** Of one day so many lines are remembered, in some 5 MB. */
const MAX_KEYS_PER_DAY = 250_000

const codec: StateCodec<KeySet> = {
  encode: (keys) => keys.encode(),
  decode: (text) => KeySet.decode(text),
  // What else is known of a day is its name.
  meta: () => ({ phase: 'closed', startMs: 0, endMs: 0, endSignalled: false }),
  close() {},
}

/** What became of a key: it was new, or it was there; or its day is full and it is not remembered. */
export type Remembered = 'new' | 'known' | 'full'

/**
 * The lines that were read, over all files: forks and branches of a session copy its lines. Kept by the day on which a
 * line was written, which its copies share, so that only the days that are being read are in memory and are saved anew.
 */
export class RecordKeys {
  readonly #days: SessionStates<KeySet>

  constructor(store: Store, component: string) {
    this.#days = store.sessionStates(`${component}/records`, codec)
  }

  /** @param timeMs when the line was written first, in epoch milliseconds */
  add(key: string, timeMs: number): Remembered {
    const day = String(Math.floor(timeMs / DAY_MS))
    const entry = this.#days.get(day) ?? this.#begin(day)
    const keys = entry.state
    if (keys.size >= MAX_KEYS_PER_DAY) return keys.has(key) ? 'known' : 'full'
    if (!keys.add(key)) return 'known'
    entry.dirty = true
    return 'new'
  }

  #begin(day: string): StateEntry<KeySet> {
    if (this.#days.size >= MAX_DAYS) this.#forgetOldest()
    return this.#days.create(day, new KeySet())
  }

  #forgetOldest(): void {
    let oldest: string | undefined
    for (const [id] of this.#days.list()) if (oldest === undefined || Number(id) < Number(oldest)) oldest = id
    if (oldest !== undefined) this.#days.delete(oldest)
  }
}
