import { setTimeout as sleep } from 'node:timers/promises'
import type { Context, Next } from '../component.ts'
import type { Telemetry } from '../model/telemetry.ts'
import type { ByteHold } from './byte-budget.ts'
import type { PacedWarnings } from './paced-warnings.ts'
import { Turns } from './turns.ts'

/** Longer batches would keep the answers to other requests waiting. */
const MAX_BATCH_ITEMS = 1024

/** How long is handed on before requests are answered again. The more waits, the longer: or it would only become more. */
const MIN_TURN_MS = 1
const MAX_TURN_MS = 10
const ITEMS_PER_TURN_MS = 2048

const FIRST_RETRY_MS = 100
const LONGEST_RETRY_MS = 5000

/** How often a batch is offered that is refused while agentperf stops. */
const TRIES_AT_STOP = 5

const QUEUED_NOTE = 'queued'

interface Accepted {
  readonly items: readonly Telemetry[]
  readonly hold: ByteHold
}

/** What was acknowledged and waits for the pipeline, in order. Its size is bounded by what its requests hold. */
export class DeliveryQueue {
  readonly #context: Context
  readonly #next: Next<'telemetry'>
  readonly #warnings: PacedWarnings
  readonly #stopping = new AbortController()
  readonly #turns = new Turns()
  #queue: Accepted[] = []
  #queuedItems = 0
  #triesLeft = Number.POSITIVE_INFINITY
  #delivering: Promise<void> | undefined

  constructor(context: Context, next: Next<'telemetry'>, warnings: PacedWarnings) {
    this.#context = context
    this.#next = next
    this.#warnings = warnings
  }

  /** Accounts for what was acknowledged and not yet handed on when a crash ended the last run. */
  start(): void {
    const { store, id, items, log } = this.#context
    const lost = store.notes.get(id, QUEUED_NOTE)
    if (typeof lost === 'number' && lost > 0) {
      items.settled('dropped', lost, 'lost_in_crash')
      log.warn({ items: lost }, 'the last run ended before these items were handed on; they are lost')
    }
    store.notes.set(id, QUEUED_NOTE, 0)
    store.beforeCheckpoint(() => store.notes.set(id, QUEUED_NOTE, this.#queuedItems))
  }

  /** Takes over the items of a request and releases its hold when they were handed on. */
  accept(items: readonly Telemetry[], hold: ByteHold): void {
    if (items.length === 0) return hold.release()
    this.#queue.push({ items, hold })
    this.#queuedItems += items.length
    this.#context.items.received(items.length)
    this.#context.items.holding(this.#queuedItems)
    this.#delivering ??= this.#deliver()
  }

  /** Hands on what waits. What is refused to the end is dropped and counted. Nothing may be accepted any more. */
  async stop(): Promise<void> {
    this.#triesLeft = TRIES_AT_STOP
    this.#stopping.abort()
    await this.#delivering
  }

  async #deliver(): Promise<void> {
    await this.#turns.begin(this.#turnMs())
    while (this.#queue.length > 0) {
      const waiting = this.#queue
      this.#queue = []
      for (const request of waiting) await this.#handOn(request)
    }
    this.#delivering = undefined
  }

  async #handOn({ items, hold }: Accepted): Promise<void> {
    for (let start = 0; start < items.length; start += MAX_BATCH_ITEMS) {
      await this.#turns.pause(this.#turnMs())
      const batch = items.length <= MAX_BATCH_ITEMS ? items : items.slice(start, start + MAX_BATCH_ITEMS)
      const taken = await this.#offer(batch)
      this.#queuedItems -= batch.length
      if (taken) this.#context.items.settled('used', batch.length)
      else this.#context.items.settled('dropped', batch.length, 'refused_at_stop')
      this.#context.items.holding(this.#queuedItems)
    }
    hold.release()
  }

  #turnMs(): number {
    return Math.min(Math.max(this.#queuedItems / ITEMS_PER_TURN_MS, MIN_TURN_MS), MAX_TURN_MS)
  }

  /** @returns false when agentperf stops and the next stage goes on refusing */
  async #offer(batch: readonly Telemetry[]): Promise<boolean> {
    for (let delayMs = FIRST_RETRY_MS; this.#triesLeft > 0; delayMs = Math.min(2 * delayMs, LONGEST_RETRY_MS)) {
      try {
        await this.#next(batch)
        return true
      } catch (error) {
        // A message could quote what was refused.
        const name = error instanceof Error ? error.name : 'unknown'
        this.#warnings.warn('refused', { error: name }, 'the next stage refused a batch; it is offered again')
      }
      if (this.#stopping.signal.aborted && --this.#triesLeft <= 0) break
      await this.#pause(delayMs)
    }
    return false
  }

  async #pause(delayMs: number): Promise<void> {
    const { signal } = this.#stopping
    if (signal.aborted) await sleep(FIRST_RETRY_MS)
    else await sleep(delayMs * (0.8 + 0.4 * Math.random()), undefined, { signal }).catch(() => {})
  }
}
