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

export interface ItemIntakeOptions {
  /** Memory for what is being received and what waits. */
  readonly queueBytes: number
  /** Takes over the items and, until they were handed on, the memory that they hold. */
  readonly accept: (items: readonly Telemetry[], hold: ByteHold) => void
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
  take(
    signal: OtlpSignal,
    body: Buffer,
    encoding: Encoding,
    hold: ByteHold,
  ): { readonly accepted: Accepted } | { readonly refused: Refusal } {
    let accepted = false
    try {
      // Decoding is what costs most: for nothing, when there is no room for the items afterwards.
      if (!hold.resize(body.length * (1 + USUAL_ITEMS_SHARE))) return { refused: this.busy() }
      const decoded = encoding === 'json' ? decodeJsonBody(body, this.#texts) : this.#protobuf.decode(signal, body)
      if (!decoded.ok) return { refused: malformed(decoded) }
      if (this.#stopping || !hold.resize(body.length + decoded.items.length * ITEM_BYTES))
        return { refused: this.busy() }
      const rejected = this.#queue(decoded, hold)
      accepted = true
      return { accepted: { encoding, rejected } }
    } finally {
      if (!accepted) hold.release()
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
  busy(): Refusal {
    const retryAfterSeconds = 1 + (this.#busyAnswers++ % 3)
    return this.#stopping
      ? {
          status: 503,
          message: 'agentperf is stopping; try again',
          retryAfterSeconds,
          headers: { connection: 'close' },
        }
      : { status: 503, message: 'more is waiting than queue_size allows; try again', retryAfterSeconds }
  }
}

export function tooLarge(maxBytes: number): Refusal {
  return { status: 413, message: `expected a body of at most ${maxBytes} bytes, got a larger one` }
}

function malformed({ error: { path, expected, got } }: Extract<DecodedRequest, { ok: false }>): Refusal {
  return { status: 400, message: `expected ${expected}, got ${got}${path === '' ? '' : ` (${path})`}` }
}
