import type { Passing } from '#src/component.ts'
import type { OtlpRequest } from '#src/model/otlp-request.ts'
import type { Telemetry } from '#src/model/telemetry.ts'
import { ByteBudget, type ByteHold } from '#src/net/byte-budget.ts'
import type { DecodedRequest } from '#src/otlp/decode-json.ts'
import { decodeJsonBody } from '#src/otlp/decode-json-body.ts'
import { type OtlpSignal, ProtobufDecoder } from '#src/otlp/decode-protobuf.ts'
import { hasPlausibleTime, latestPlausibleMs } from '#src/otlp/plausible-time.ts'
import { SharedTexts } from '#src/otlp/shared-texts.ts'
import type { Accepted, Encoding, Refusal } from './answer.ts'

/** What an item takes of memory beside the bytes that it came in, about. */
const ITEM_BYTES = 256

/** What all items of a request usually take beside its bytes, at most. */
const USUAL_ITEMS_SHARE = 0.5

const SIGNAL_OF: Readonly<Record<Telemetry['kind'], OtlpSignal>> = { span: 'traces', log: 'logs', metric: 'metrics' }

export interface ItemIntakeOptions {
  /** Memory for what is being received and what waits. */
  readonly queueBytes: number
  /** Takes over the items and, until they were handed on, the memory that they hold. */
  readonly accept: (items: readonly Telemetry[], hold: ByteHold) => void
  /** Where whole requests are handed on before they are acknowledged. Absent: nobody takes them. */
  readonly passing?: Passing | undefined
  /** Told of the items of requests that were handed on and are not queued: there is nobody else. */
  readonly onPassed: (items: number) => void
  /** Told why a request could not be handed on as a whole. */
  readonly onNotPassed: (error: unknown) => void
  /** Told of data points without a value. */
  readonly onSkipped: (points: number) => void
  /** Told of items that are left out because their times are implausible. */
  readonly onImplausible: (items: number) => void
  /** Epoch milliseconds. */
  readonly now: () => number
}

/** Decodes the bodies of requests and queues what they hold, whatever protocol they came by. */
export class ItemIntake {
  readonly #options: ItemIntakeOptions
  readonly #budget: ByteBudget
  readonly #texts = new SharedTexts()
  readonly #protobuf = new ProtobufDecoder(this.#texts)
  #stopping = false
  #busyAnswers = 0

  constructor(options: ItemIntakeOptions) {
    this.#options = options
    this.#budget = new ByteBudget(options.queueBytes)
  }

  /** From now on everything is refused. */
  stop(): void {
    this.#stopping = true
  }

  get stopping(): boolean {
    return this.#stopping
  }

  /** Whether a request that will be so large is worth being received. */
  hasRoom(bytes: number): boolean {
    return !this.#stopping && this.#budget.hasRoom(bytes)
  }

  /** Memory for a request that is being received. */
  open(): ByteHold {
    return this.#budget.open()
  }

  /** @param hold what the request holds of memory; released here when it is refused */
  async take(
    signal: OtlpSignal,
    body: Buffer,
    encoding: Encoding,
    hold: ByteHold,
  ): Promise<{ readonly accepted: Accepted } | { readonly refused: Refusal }> {
    let accepted = false
    try {
      // Decoding is what costs most: for nothing, when there is no room for the items afterwards.
      if (!hold.resize(body.length * (1 + USUAL_ITEMS_SHARE))) return { refused: this.busy() }
      const decoded = encoding === 'json' ? decodeJsonBody(body, this.#texts) : this.#protobuf.decode(signal, body)
      if (!decoded.ok) return { refused: malformed(decoded) }
      if (this.#stopping || !hold.resize(body.length + decoded.items.length * ITEM_BYTES))
        return { refused: this.busy() }
      const { passing, onPassed } = this.#options
      if (passing !== undefined) {
        const count = decoded.items.length + decoded.skipped
        if (!(await this.#pass(passing, requestsIn(decoded, { signal, encoding, body, items: count })))) {
          return { refused: this.busy('what takes whole requests cannot take one now; try again') }
        }
        if (passing.others === undefined) {
          onPassed(count)
          return { accepted: { encoding, rejected: 0 } }
        }
      }
      const rejected = this.#queue(decoded, untilReleased(hold, body))
      accepted = true
      // What the sessions cannot use was passed on all the same.
      return { accepted: { encoding, rejected: passing === undefined ? rejected : 0 } }
    } finally {
      if (!accepted) hold.release()
    }
  }

  /** @returns whether all who take requests have it */
  async #pass(passing: Passing, requests: readonly OtlpRequest[]): Promise<boolean> {
    try {
      await Promise.all(requests.map((request) => passing.pass(request)))
      return true
    } catch (error) {
      this.#options.onNotPassed(error)
      return false
    }
  }

  /** @returns how many items were left out */
  #queue({ items, skipped }: Extract<DecodedRequest, { ok: true }>, hold: ByteHold): number {
    const { accept, onSkipped, onImplausible, now } = this.#options
    const latestMs = latestPlausibleMs(now())
    const plausible = items.filter((item) => hasPlausibleTime(item, latestMs))
    const rejected = items.length - plausible.length
    if (skipped > 0) onSkipped(skipped)
    if (rejected > 0) onImplausible(rejected)
    accept(plausible, hold)
    return rejected
  }

  /** Clients wait as long as they are told, and the OpenTelemetry SDK gives up where that is long. */
  busy(message = 'more is waiting than queue_size allows; try again'): Refusal {
    const retryAfterSeconds = 1 + (this.#busyAnswers++ % 3)
    return this.#stopping
      ? {
          status: 503,
          message: 'agentperf is stopping; try again',
          retryAfterSeconds,
          headers: { connection: 'close' },
        }
      : { status: 503, message, retryAfterSeconds }
  }
}

/** In JSON; one in protobuf has no bytes. */
const EMPTY_REQUEST = /^\s*\{\s*\}\s*$/

/**
 * A request in JSON says by its fields what it holds: it goes to the path of that, or of each, if it holds several. One in
 * which nothing is recognised goes to the path that it came to: others may read it.
 *
 * @param request as it came, under the path that it came to
 */
function requestsIn(
  { items, skipped }: Extract<DecodedRequest, { ok: true }>,
  request: OtlpRequest,
): readonly OtlpRequest[] {
  if (request.items === 0) return isEmpty(request) ? [] : [request]
  const counts = new Map<OtlpSignal, number>(skipped > 0 ? [['metrics', skipped]] : [])
  for (const { kind } of items) {
    const signal = SIGNAL_OF[kind]
    counts.set(signal, (counts.get(signal) ?? 0) + 1)
  }
  if (counts.size === 1 && counts.has(request.signal)) return [request]
  return [...counts].map(([signal, count]) => ({ ...request, signal, items: count }))
}

function isEmpty({ encoding, body }: OtlpRequest): boolean {
  return encoding === 'json' ? EMPTY_REQUEST.test(body.latin1Slice(0, body.length)) : body.length === 0
}

/** Bodies in smaller memory share it with others. */
const OWN_MEMORY_BYTES = 16 * 1024

/**
 * Gives a body's memory back with its hold, not when garbage is collected next: requests come faster than that. Items that
 * refer to it can be read until then.
 */
function untilReleased(hold: ByteHold, { buffer, byteLength }: Buffer): ByteHold {
  // What was unpacked has one byte more, see `expectedBytes` in decompress.ts.
  const isOwn = byteLength >= OWN_MEMORY_BYTES && buffer.byteLength - byteLength <= 1
  return {
    resize: hold.resize,
    release() {
      hold.release()
      if (isOwn && buffer instanceof ArrayBuffer) buffer.transfer(0)
    },
  }
}

export function tooLarge(maxBytes: number): Refusal {
  return { status: 413, message: `expected a body of at most ${maxBytes} bytes, got a larger one` }
}

function malformed({ error: { path, expected, got } }: Extract<DecodedRequest, { ok: false }>): Refusal {
  return { status: 400, message: `expected ${expected}, got ${got}${path === '' ? '' : ` (${path})`}` }
}
