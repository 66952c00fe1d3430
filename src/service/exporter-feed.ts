import { setTimeout as sleep } from 'node:timers/promises'
import type { Consumer, Logger } from '../component.ts'
import { isDeterministic } from '../errors.ts'
import type { Feed, LedgerEntry } from './feed.ts'

const RETRY_FIRST_MS = 500
const RETRY_MAX_MS = 30_000

/** An exporter that falls further behind than this reads from the ledger instead of memory. */
const MAX_QUEUED = 2000
/** One that has more than this in memory is waited for: 2000 sessions with their histories took 60 MB. */
const MAX_WAITING = 200
/** For one that takes nothing for so long nobody waits. */
const PATIENCE_MS = 5000
const REPLAY_BATCH = 100

/** How an exporter is fed. */
export interface FeedOptions {
  readonly id: string
  readonly consumer: Consumer<'assessment'>
  readonly ledger: LedgerReader
  readonly log: Logger
  /** How often the same batch is tried before the exporter is given up; for ever unless given. */
  readonly maxAttempts?: number | undefined
}

/** The ledger as one exporter sees it. */
export interface LedgerReader {
  /** Where the last committed line ends. */
  endOffset(): number
  /** What was committed after an offset, with its history as of then. */
  replay(fromOffset: number): AsyncIterable<LedgerEntry>
  cursorOf(exporter: string): number
  moveCursor(exporter: string, offset: number): void
}

/**
 * Hands committed assessments to one exporter, in order, each at least once. Its cursor moves when the exporter has
 * taken them, so that one that fails is tried again without making others run twice. One that is given up gets nothing
 * more; what it has not taken stays before its cursor, for the next run.
 */
export class ExporterFeed implements Feed {
  readonly id: string
  readonly readsHistory: boolean
  readonly #consumer: Consumer<'assessment'>
  readonly #ledger: LedgerReader
  readonly #log: Logger
  readonly #maxAttempts: number
  readonly #stopping = new AbortController()
  #givenUp: Error | undefined
  #queue: LedgerEntry[] = []
  #lagging: boolean
  #running = false
  /** Whether it refused what it was offered last. */
  #failing = false
  #room: PromiseWithResolvers<void> | undefined
  #work: Promise<void> = Promise.resolve()

  constructor({ id, consumer, ledger, log, maxAttempts = Infinity }: FeedOptions) {
    this.id = id
    this.readsHistory = consumer.readsHistory === true
    this.#maxAttempts = maxAttempts
    this.#consumer = consumer
    this.#ledger = ledger
    this.#log = log
    this.#lagging = ledger.cursorOf(id) < ledger.endOffset()
  }

  /** Takes up what an earlier run did not export. */
  start(): void {
    this.#wake()
  }

  offer(entries: readonly LedgerEntry[]): void {
    if (!this.#lagging) {
      // What was committed when it caught up, and is offered only now, it has already.
      const cursor = this.#ledger.cursorOf(this.id)
      this.#queue.push(...entries.filter(({ endOffset }) => endOffset > cursor))
      if (this.#queue.length > MAX_QUEUED) {
        this.#queue = []
        this.#lagging = true
      }
    }
    this.#wake()
  }

  async room(): Promise<void> {
    if (this.#hasRoom()) return
    this.#room ??= Promise.withResolvers()
    const waiting = new AbortController()
    await Promise.race([
      this.#room.promise,
      sleep(PATIENCE_MS, undefined, { signal: waiting.signal, ref: false }).catch(() => {}),
    ])
    waiting.abort()
  }

  get givenUp(): Error | undefined {
    return this.#givenUp
  }

  /** Settles when the exporter has everything, was given up, or was stopped. */
  async drained(): Promise<void> {
    while (this.#running) await this.#work
  }

  /** Gives up waiting for a failing exporter; what it has not taken stays before its cursor. */
  stop(): void {
    this.#stopping.abort()
    this.#tellRoom()
  }

  /** Also when nobody should wait: it fails, or reads from the ledger. */
  #hasRoom(): boolean {
    return this.#queue.length <= MAX_WAITING || this.#failing || this.#lagging || this.#stopping.signal.aborted
  }

  #tellRoom(): void {
    if (!this.#hasRoom()) return
    this.#room?.resolve()
    this.#room = undefined
  }

  #wake(): void {
    if (this.#running) return
    this.#running = true
    this.#work = this.#run()
  }

  // Never rejects. Whether there is more to do and that it ends are decided in one step: what is offered in between would
  // be left lying.
  async #run(): Promise<void> {
    while (!this.#stopping.signal.aborted && (this.#lagging || this.#queue.length > 0)) {
      if (this.#lagging) await this.#untilDone('reading the ledger', () => this.#catchUp())
      else await this.#deliver(this.#queue.splice(0, REPLAY_BATCH))
    }
    this.#running = false
  }

  async #catchUp(): Promise<void> {
    const endOffset = this.#ledger.endOffset()
    let batch: LedgerEntry[] = []
    for await (const entry of this.#ledger.replay(this.#ledger.cursorOf(this.id))) {
      if (this.#stopping.signal.aborted) return
      batch.push({ ...entry, assessment: { ...entry.assessment, replayed: true } })
      if (batch.length < REPLAY_BATCH) continue
      await this.#deliver(batch)
      batch = []
    }
    if (batch.length > 0) await this.#deliver(batch)
    if (this.#stopping.signal.aborted) return
    // Lines that are none, as an editor may leave them at the end, give no entry.
    if (this.#ledger.cursorOf(this.id) < endOffset) this.#ledger.moveCursor(this.id, endOffset)
    this.#lagging = this.#ledger.cursorOf(this.id) < this.#ledger.endOffset()
  }

  async #deliver(batch: readonly LedgerEntry[]): Promise<void> {
    const last = batch.at(-1)
    if (last === undefined) return
    await this.#untilDone('exporting', async () => {
      await this.#consumer.consume(batch.map(({ assessment }) => assessment))
      this.#ledger.moveCursor(this.id, last.endOffset)
    })
  }

  /** Tries again, less and less often, until it succeeds, or the feed gives up or is stopped. */
  async #untilDone(what: string, attempt: () => Promise<void>): Promise<void> {
    let waitMs = RETRY_FIRST_MS
    for (let attempts = 1; !this.#stopping.signal.aborted; attempts++) {
      try {
        await attempt()
        this.#failing = false
        return this.#tellRoom()
      } catch (error) {
        this.#failing = true
        this.#tellRoom()
        if (this.#isHopeless(error, attempts)) return this.#giveUp(what, attempts, error)
        this.#log.error({ error: String(error), retry_in_ms: waitMs }, `${what} failed; it is tried again`)
        await sleep(waitMs, undefined, { signal: this.#stopping.signal, ref: false }).catch(() => {})
        waitMs = Math.min(2 * waitMs, RETRY_MAX_MS)
      }
    }
  }

  #isHopeless(error: unknown, attempts: number): boolean {
    return this.#maxAttempts !== Infinity && (attempts >= this.#maxAttempts || isDeterministic(error))
  }

  #giveUp(what: string, attempts: number, error: unknown): void {
    const times = attempts === 1 ? 'once' : `${attempts} times`
    this.#givenUp = new Error(`exporter ${this.id}: ${what} failed ${times}, at last with ${String(error)}`, {
      cause: error,
    })
    this.#queue = []
    this.stop()
  }
}
