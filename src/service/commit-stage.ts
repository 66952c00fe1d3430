import type { Batch, Logger, Processor, Signal } from '../component.ts'
import type { Assessment, LedgerLine } from '../model/assessment.ts'
import type { CommitOptions } from '../store/store.ts'
import type { Feed, LedgerEntry } from './feed.ts'

/** So many committed assessments go to disk and to the exporters together, or when none has come for a while, or after a longer one. */
const FLUSH_COUNT = 128
const FLUSH_AFTER_MS = 25
const LATEST_FLUSH_MS = 250

/** So many sessions wait for projections that cannot be written; when there are more, only a rebuild makes them. */
const MAX_UNRENEWED = 1024

/** The ledger as the commit stage writes it. */
export interface CommitLedger {
  commit(assessments: readonly Assessment[], options: CommitOptions): Promise<readonly LedgerEntry[]>
  sync(): Promise<void>
  /** Where the ledger ends, in bytes. */
  endOffset(): number
}

/** A committed session after which the process was killed. */
export interface CommittedBefore {
  readonly assessment: Assessment
  readonly isSettled: boolean
}

/**
 * Where a pipeline's assessments become final: appended to the ledger once per revision, and only then handed to the
 * processors' projections and to the exporters.
 */
export class CommitStage {
  readonly #ledger: CommitLedger
  readonly #processors: readonly Processor<Signal>[]
  readonly #feeds: readonly Feed[]
  readonly #options: CommitOptions
  readonly #log: Logger
  readonly #onCommitted: (lines: readonly LedgerLine[]) => void
  #pending: LedgerEntry[] = []
  #timer: NodeJS.Timeout | undefined
  /** Since the timer was set. */
  #waitingSinceMs = 0
  #flushing: Promise<void> = Promise.resolve()
  /** By processor: sessions that it could not settle, as when the disk was full. */
  readonly #unsettled = new Map<Processor<Signal>, Batch<'assessment'>>()
  /** By processor: sessions whose projections it could not write. */
  readonly #unrenewed = new Map<Processor<Signal>, Batch<'assessment'>>()
  #unfinishedFrom: number | undefined
  #committing = 0

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
    this.#options = { withHistory: feeds.some(({ readsHistory }) => readsHistory) }
    this.#log = log
    this.#onCommitted = onCommitted
  }

  /** Where the ledger's lines begin of which not everything is done that follows a commit; absent when there are none. */
  get unfinishedFrom(): number | undefined {
    return this.#unfinishedFrom
  }

  /** Whether something that follows from a commit could not be written yet, as when the disk is full. */
  get hasUnfinished(): boolean {
    return this.#unsettled.size > 0 || this.#unrenewed.size > 0
  }

  start(): void {
    for (const feed of this.#feeds) feed.start()
  }

  /** Resolves when the assessments are in the ledger. */
  async take(batch: Batch<'assessment'>): Promise<void> {
    const ended = batch.filter(({ live }) => !live)
    if (ended.length === 0) return
    this.#unfinishedFrom ??= this.#ledger.endOffset()
    this.#pending.push(...(await this.#commit(ended)))
    if (this.#pending.length >= FLUSH_COUNT) {
      await this.flush()
      await Promise.all(this.#feeds.map((feed) => feed.room()))
    } else if (this.#pending.length > 0) this.#flushSoon()
  }

  /** Lets the processors make their projections of sessions again that were committed before. */
  async renew(assessments: Batch<'assessment'>): Promise<void> {
    for (const processor of this.#processors) await this.#renewProjections(processor, assessments)
  }

  /** Does what follows a commit, for sessions after whose commit the last process was killed. */
  async recover(sessions: readonly CommittedBefore[]): Promise<void> {
    const unsettled = sessions.filter(({ isSettled }) => !isSettled)
    await this.#settleAll(unsettled.map(({ assessment }) => assessment))
    await this.renew(sessions.map(({ assessment }) => assessment))
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
    await this.#tryAgain()
    await Promise.all(this.#feeds.map((feed) => feed.drained()))
    return this.#feeds.flatMap(({ givenUp }) => givenUp ?? [])
  }

  async stop(): Promise<void> {
    clearTimeout(this.#timer)
    await this.flush()
    await this.#tryAgain()
    if (!this.hasUnfinished) this.#unfinishedFrom = undefined
    for (const feed of this.#feeds) feed.stop()
    await Promise.all(this.#feeds.map((feed) => feed.drained()))
  }

  /** What follows from earlier commits and could not be written. Not while a flush does the same. */
  #tryAgain(): Promise<void> {
    const done = this.#flushing.then(async () => {
      await this.#settleAll([])
      await this.renew([])
    })
    this.#flushing = done.catch(() => {})
    return done
  }

  async #commit(assessments: readonly Assessment[]): Promise<readonly LedgerEntry[]> {
    this.#unfinishedFrom ??= this.#ledger.endOffset()
    this.#committing++
    try {
      return await this.#ledger.commit(assessments, this.#options)
    } finally {
      this.#committing--
    }
  }

  #flushSoon(): void {
    if (this.#timer !== undefined) {
      if (performance.now() - this.#waitingSinceMs < LATEST_FLUSH_MS) this.#timer.refresh()
      return
    }
    this.#waitingSinceMs = performance.now()
    this.#timer = setTimeout(() => {
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
    await this.#settleAll(assessments)
    await this.renew(assessments)
    for (const feed of this.#feeds) feed.offer(entries)
    if (this.hasUnfinished) return
    const isIdle = this.#pending.length === 0 && this.#committing === 0
    this.#unfinishedFrom = isIdle ? undefined : entries.at(-1)?.endOffset
  }

  async #settleAll(assessments: Batch<'assessment'>): Promise<void> {
    for (const processor of this.#processors) await this.#settle(processor, assessments)
  }

  // What could not be settled is settled with the next sessions, or at the end.
  async #settle(processor: Processor<Signal>, assessments: Batch<'assessment'>): Promise<void> {
    const due = [...(this.#unsettled.get(processor) ?? []), ...assessments]
    this.#unsettled.delete(processor)
    if (processor.settle === undefined) return
    let settled = 0
    try {
      for (const assessment of due) {
        await processor.settle(assessment)
        settled++
      }
    } catch (error) {
      this.#unsettled.set(processor, due.slice(settled))
      this.#log.error(
        { error: String(error) },
        'what sessions say about suggestions was not recorded; it is tried again',
      )
    }
  }

  // That a projection cannot be written must not stop the pipeline: it is tried again with the next sessions, or at the end.
  async #renewProjections(processor: Processor<Signal>, assessments: Batch<'assessment'>): Promise<void> {
    const due = [...(this.#unrenewed.get(processor) ?? []), ...assessments]
    this.#unrenewed.delete(processor)
    if (due.length === 0) return
    try {
      await processor.committed?.(due)
    } catch (error) {
      const isGivenUp = due.length > MAX_UNRENEWED
      if (!isGivenUp) this.#unrenewed.set(processor, due)
      const next = isGivenUp ? '`agentperf rebuild` repairs it' : 'it is tried again'
      this.#log.error({ error: String(error) }, `a projection was not written; ${next}`)
    }
  }
}
