import { setTimeout as sleep } from 'node:timers/promises'
import type { Context } from '../component.ts'
import { InvalidDataError } from '../errors.ts'
import { PacedWarnings } from '../net/paced-warnings.ts'
import type { RequestFolder } from '../store/request-folder.ts'
import type { OutgoingRequest, StoredRequest } from '../store/stored-request.ts'
import type { SendOutcome } from './answer.ts'
import { backoffMs } from './backoff.ts'

/** How long stopping may still send. The rest waits on disk for the next start. */
const MAX_DRAIN_MS = 2000

/** Of the time there is: the rest is for what sending holds to end, and for the files. */
const DRAIN_SHARE = 0.5

export interface Sender {
  send(request: OutgoingRequest, signal: AbortSignal): Promise<SendOutcome>
  close(): void
}

export interface DeliveryOptions {
  readonly context: Pick<Context, 'log' | 'items' | 'now'>
  readonly queue: RequestFolder
  /** Called when something is refused for the first time: it reads the whole folder. */
  readonly openDeadLetters: () => Promise<RequestFolder>
  readonly sender: Sender
}

/**
 * Brings what an exporter has to say to another machine: through a queue on disk, in order, one request at a time, for
 * as long as it takes. What the other side refuses for good goes to the dead letters. At least once: an answer that was
 * lost makes a request go twice.
 */
export class Delivery {
  readonly #options: DeliveryOptions
  readonly #warnings: PacedWarnings
  /** Ends waiting. */
  readonly #stopping = new AbortController()
  /** Ends sending. */
  readonly #ended = new AbortController()
  #work: Promise<void> | undefined
  #failures = 0
  #deadLetters: RequestFolder | undefined

  constructor(options: DeliveryOptions) {
    this.#options = options
    this.#warnings = new PacedWarnings(options.context)
    const { queue, context } = options
    context.items.observe('queue_requests', () => queue.count)
    context.items.observe('queue_bytes', () => queue.bytes)
    context.items.observe('queue_capacity_bytes', () => queue.maxBytes)
    context.items.observe(
      'queue_age_seconds',
      () => Math.max(0, context.now() - (queue.oldestMs() ?? context.now())) / 1000,
    )
  }

  /** Takes up what an earlier run did not send. */
  start(): void {
    this.#wake()
  }

  /**
   * For a request whose sender can still be told.
   *
   * @throws InvalidDataError when it has no room in the queue, even when all others are gone
   */
  demandRoomFor({ body }: OutgoingRequest): void {
    const { queue, context } = this.#options
    if (body.length <= queue.maxBytes) return
    context.items.noticed('requests_too_large', 1)
    const fields = { bytes: body.length, queue_size: queue.maxBytes }
    this.#warnings.warn('too_large', fields, 'a request is larger than the whole queue and is not taken')
    throw new InvalidDataError(`Expected a request of at most ${queue.maxBytes} bytes, got ${body.length}.`)
  }

  /** Resolves when the requests are safe on disk. */
  async enqueue(requests: readonly OutgoingRequest[]): Promise<void> {
    const { queue, context } = this.#options
    const nowMs = context.now()
    const queuedAt = new Date(nowMs).toISOString()
    const overflow = await queue.append(
      requests.map((request) => ({ ...request, queuedAt })),
      nowMs,
    )
    context.items.noticed('requests_queued', requests.length)
    if (overflow.requests > 0) {
      context.items.noticed('requests_dropped_queue_full', overflow.requests)
      context.items.noticed('items_dropped_queue_full', overflow.items)
      this.#warnings.warn('queue_full', { ...overflow }, 'the queue is full: the oldest requests were dropped')
    }
    this.#wake()
  }

  /**
   * Sends what goes out at once, for a moment, and then nothing any more. Safe to call twice.
   *
   * @param withinMs how long it may take altogether
   */
  async stop(withinMs = Number.POSITIVE_INFINITY): Promise<void> {
    this.#stopping.abort()
    const timer = setTimeout(() => this.#ended.abort(), Math.min(MAX_DRAIN_MS, withinMs * DRAIN_SHARE))
    await this.#work
    clearTimeout(timer)
    this.#ended.abort()
    this.#options.sender.close()
  }

  #wake(): void {
    if (this.#work !== undefined || this.#ended.signal.aborted) return
    this.#work = this.#run().finally(() => {
      this.#work = undefined
      // Enqueued after the last look and before this.
      if (!this.#stopping.signal.aborted && this.#options.queue.count > 0) this.#wake()
    })
  }

  // Never rejects.
  async #run(): Promise<void> {
    const { queue, context, sender } = this.#options
    for (let id = queue.oldest(); id !== undefined && !this.#ended.signal.aborted; id = queue.oldest()) {
      try {
        queue.use(id)
        const request = await queue.read(id)
        const outcome = await sender.send(request, this.#ended.signal)
        if (outcome.kind === 'retry') {
          if (this.#stopping.signal.aborted) return
          await this.#waitAfter(outcome)
          if (this.#stopping.signal.aborted) return
          continue
        }
        if (outcome.kind === 'refused') await this.#bury(request, outcome)
        else this.#delivered(request, outcome)
        await queue.remove(id)
      } catch (error) {
        if (error instanceof InvalidDataError) {
          context.items.noticed('requests_dropped_unreadable', 1)
          context.log.error(
            { error: error.message, request: id },
            'a request in the queue cannot be read; it is dropped',
          )
          await queue.remove(id).catch(() => {})
          continue
        }
        if (this.#stopping.signal.aborted) return
        await this.#waitAfter({ kind: 'retry', reason: 'disk', message: messageOf(error) })
      }
    }
  }

  #delivered({ items, path }: StoredRequest, outcome: SendOutcome & { kind: 'delivered' }): void {
    const { context, queue } = this.#options
    context.items.noticed('requests_delivered', 1)
    if (outcome.rejected > 0) {
      context.items.noticed('items_rejected', Math.min(items, outcome.rejected))
      const fields = { path, items, rejected: outcome.rejected }
      this.#warnings.warn('rejected', fields, 'the other side took a request, but not all that is in it')
    }
    if (!outcome.understood) context.items.noticed('answers_not_understood', 1)
    if (this.#failures > 0) context.log.info({ requests_waiting: queue.count - 1 }, 'delivery works again')
    this.#failures = 0
  }

  async #bury(request: StoredRequest, { status, message }: SendOutcome & { kind: 'refused' }): Promise<void> {
    const { context, openDeadLetters } = this.#options
    const nowMs = context.now()
    const refusal = { at: new Date(nowMs).toISOString(), status, message }
    this.#deadLetters ??= await openDeadLetters()
    const overflow = await this.#deadLetters.append([{ ...request, refusal }], nowMs)
    this.#failures = 0
    context.items.noticed('requests_refused', 1)
    if (overflow.requests > 0) context.items.noticed('dead_letters_dropped_folder_full', overflow.requests)
    const hint = 'a request was refused for good; see «agentperf dead-letter list»'
    this.#warnings.warn('refused', { status, path: request.path, items: request.items }, hint)
  }

  async #waitAfter({ reason, status, message, retryAfterMs }: SendOutcome & { kind: 'retry' }): Promise<void> {
    const { context, queue } = this.#options
    queue.use(undefined)
    this.#failures += 1
    const waitMs = Math.round(backoffMs(this.#failures, retryAfterMs, Math.random()))
    context.items.noticed('attempts_failed', 1)
    // What the other side says could quote the payload.
    const fields = {
      reason,
      ...(status === undefined && message !== undefined && { error: message }),
      attempt: this.#failures,
      retry_in_ms: waitMs,
      requests_waiting: queue.count,
    }
    this.#warnings.warn(reason, fields, 'delivery failed; what waits stays on disk and is sent again')
    await sleep(waitMs, undefined, { signal: this.#stopping.signal }).catch(() => {})
  }
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error)
}
