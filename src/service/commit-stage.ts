import type { Batch, Logger, Processor, Signal } from '../component.ts'
import type { Assessment, LedgerLine } from '../model/assessment.ts'
import type { Feed, LedgerEntry } from './feed.ts'

/** So many committed assessments go to disk and to the exporters together, or after this time. */
const FLUSH_COUNT = 128
const FLUSH_AFTER_MS = 25

/** The ledger as the commit stage writes it. */
export interface CommitLedger {
  commit(assessments: readonly Assessment[]): Promise<readonly LedgerEntry[]>
  sync(): Promise<void>
}

/**
 * Where a pipeline's assessments become final: appended to the ledger once per revision, and only then handed to the
 * processors' projections and to the exporters.
 */
export class CommitStage {
  readonly #ledger: CommitLedger
  readonly #processors: readonly Processor<Signal>[]
  readonly #feeds: readonly Feed[]
  readonly #log: Logger
  readonly #onCommitted: (lines: readonly LedgerLine[]) => void
  #pending: LedgerEntry[] = []
  #timer: NodeJS.Timeout | undefined
  #flushing: Promise<void> = Promise.resolve()
  /** By processor: sessions that it could not settle, as when the disk was full. */
  readonly #unsettled = new Map<Processor<Signal>, Batch<'assessment'>>()

  constructor(
    ledger: CommitLedger,
    processors: readonly Processor<Signal>[],
    feeds: readonly Feed[],
    log: Logger,
    onCommitted: (lines: readonly LedgerLine[]) => void,
  ) {
    this.#ledger = ledger
    this.#processors = processors
    this.#feeds = feeds
    this.#log = log
    this.#onCommitted = onCommitted
  }

  start(): void {
    for (const feed of this.#feeds) feed.start()
  }

  /** Resolves when the assessments are in the ledger. */
  async take(batch: Batch<'assessment'>): Promise<void> {
    const ended = batch.filter(({ live }) => !live)
    if (ended.length === 0) return
    const committed = await this.#ledger.commit(ended)
    this.#pending.push(...committed)
    if (this.#pending.length >= FLUSH_COUNT) {
      await this.flush()
      await Promise.all(this.#feeds.map((feed) => feed.room()))
    } else if (this.#pending.length > 0) this.#flushSoon()
  }

  /** Lets the processors make their projections of sessions again that were committed before. */
  async renew(assessments: Batch<'assessment'>): Promise<void> {
    for (const processor of this.#processors) await this.#renewProjections(processor, assessments)
  }

  /** Does again what follows a commit, for sessions after whose commit the process was killed. */
  async recover(assessments: Batch<'assessment'>): Promise<void> {
    for (const processor of this.#processors) await this.#settle(processor, assessments)
    await this.renew(assessments)
  }

  /** Makes what is committed durable and hands it on. */
  flush(): Promise<void> {
    const done = this.#flushing.then(() => this.#flushPending())
    this.#flushing = done.catch(() => {})
    return done
  }

  /** Flushes and waits for the exporters. @returns why some were given up */
  async drain(): Promise<readonly Error[]> {
    await this.flush()
    for (const processor of this.#processors) await this.#settle(processor, [])
    await Promise.all(this.#feeds.map((feed) => feed.drained()))
    return this.#feeds.flatMap(({ givenUp }) => givenUp ?? [])
  }

  async stop(): Promise<void> {
    clearTimeout(this.#timer)
    await this.flush()
    for (const processor of this.#processors) await this.#settle(processor, [])
    for (const feed of this.#feeds) feed.stop()
    await Promise.all(this.#feeds.map((feed) => feed.drained()))
  }

  #flushSoon(): void {
    this.#timer ??= setTimeout(() => {
      this.#timer = undefined
      this.flush().catch((error: unknown) => {
        this.#log.error({ error: String(error) }, 'writing the ledger to disk failed; it is tried again')
        this.#flushSoon()
      })
    }, FLUSH_AFTER_MS)
  }

  async #flushPending(): Promise<void> {
    clearTimeout(this.#timer)
    this.#timer = undefined
    if (this.#pending.length === 0) return
    // What is committed during the sync is not durable when it ends.
    const entries = this.#pending
    this.#pending = []
    try {
      await this.#ledger.sync()
    } catch (error) {
      this.#pending = [...entries, ...this.#pending]
      throw error
    }
    const assessments = entries.map(({ assessment }) => assessment)
    this.#onCommitted(assessments.map(({ line }) => line))
    for (const processor of this.#processors) await this.#settle(processor, assessments)
    for (const processor of this.#processors) await this.#renewProjections(processor, assessments)
    for (const feed of this.#feeds) feed.offer(entries)
  }

  // What could not be settled is settled with the next sessions, or at the end.
  async #settle(processor: Processor<Signal>, assessments: Batch<'assessment'>): Promise<void> {
    const due = [...(this.#unsettled.get(processor) ?? []), ...assessments]
    this.#unsettled.delete(processor)
    if (due.length === 0) return
    try {
      await processor.settle?.(due)
    } catch (error) {
      this.#unsettled.set(processor, due)
      this.#log.error(
        { error: String(error) },
        'what sessions say about suggestions was not recorded; it is tried again',
      )
    }
  }

  // A projection can be rebuilt from the ledger: that one cannot be written must not stop the pipeline.
  async #renewProjections(processor: Processor<Signal>, assessments: Batch<'assessment'>): Promise<void> {
    try {
      await processor.committed?.(assessments)
    } catch (error) {
      this.#log.error({ error: String(error) }, 'a projection was not written; `agentperf rebuild` repairs it')
    }
  }
}
