import type { SessionLog } from './session-log.ts'
import type { SessionMeta, SessionStates, StateCodec, StateEntry } from './store.ts'

/** Sessions kept in memory per set: each takes about 12 kB. */
export const DEFAULT_HOT_LIMIT = 256

interface HotEntry<S> extends StateEntry<S> {
  /** Number of the access that used it last. */
  usedAt: number
}

/**
 * Session states of which the most recently used ones are in memory. When there are more than `hotLimit`, the quarter that was
 * not used for longest goes to the log at once, so that an access costs no bookkeeping but a counter.
 */
export class LoggedSessionStates<S> implements SessionStates<S> {
  readonly #set: string
  readonly #codec: StateCodec<S>
  readonly #log: SessionLog
  readonly #hotLimit: number
  readonly #hot = new Map<string, HotEntry<S>>()
  #accesses = 0

  constructor(set: string, codec: StateCodec<S>, log: SessionLog, hotLimit: number) {
    this.#set = set
    this.#codec = codec
    this.#log = log
    this.#hotLimit = hotLimit
  }

  get size(): number {
    return this.#index.size
  }

  /** @throws {EnvironmentError} when its state cannot be read, or another one not be written to make room */
  get(id: string): StateEntry<S> | undefined {
    const hot = this.#hot.get(id)
    if (hot !== undefined) {
      hot.usedAt = this.#nextAccess()
      return hot
    }
    const body = this.#index.has(id) ? this.#log.bodyOf(this.#set, id) : undefined
    return body === undefined ? undefined : this.#keep(id, this.#decode(id, body), false)
  }

  /** A state that is there already is replaced. */
  create(id: string, state: S): StateEntry<S> {
    this.#index.add(id)
    return this.#keep(id, state, true)
  }

  delete(id: string): void {
    this.#hot.delete(id)
    this.#log.delete(this.#set, id)
  }

  close(id: string, revision: number): void {
    const entry = this.#hot.get(id)
    if (entry?.dirty === true) {
      this.#codec.close(entry.state, revision)
      this.#saveEntry(entry)
    } else {
      this.#log.putClosing(this.#set, id, revision)
    }
    this.#hot.delete(id)
  }

  *list(): Generator<readonly [id: string, meta: SessionMeta]> {
    for (const id of this.#index.ids()) {
      const hot = this.#hot.get(id)
      const meta = hot === undefined ? this.#index.metaOf(id) : this.#codec.meta(hot.state)
      if (meta !== undefined) yield [id, meta]
    }
  }

  /** Puts every changed state into the log. */
  save(): void {
    for (const entry of this.#hot.values()) this.#saveEntry(entry)
  }

  get #index() {
    return this.#log.indexOf(this.#set)
  }

  #decode(id: string, body: string): S {
    const state = this.#codec.decode(body)
    const closedAs = this.#index.closedAsOf(id)
    if (closedAs !== undefined) this.#codec.close(state, closedAs)
    return state
  }

  #nextAccess(): number {
    this.#accesses += 1
    return this.#accesses
  }

  #keep(id: string, state: S, dirty: boolean): HotEntry<S> {
    const entry = { id, state, dirty, usedAt: this.#nextAccess() }
    this.#hot.set(id, entry)
    if (this.#hot.size > this.#hotLimit) this.#evict()
    return entry
  }

  #evict(): void {
    const usedAt = Float64Array.from(this.#hot.values(), (entry) => entry.usedAt).sort()
    const oldest = usedAt[Math.floor(this.#hotLimit / 4)] ?? 0
    for (const entry of this.#hot.values()) {
      if (entry.usedAt > oldest || entry.usedAt === this.#accesses) continue
      this.#saveEntry(entry)
      this.#hot.delete(entry.id)
    }
  }

  #saveEntry(entry: HotEntry<S>): void {
    if (!entry.dirty) return
    const body = this.#codec.encode(entry.state)
    // Clean before it is put: when the disk is full the log keeps it in memory, and must not get it again and again.
    entry.dirty = false
    this.#log.put(this.#set, entry.id, this.#codec.meta(entry.state), body)
  }
}
