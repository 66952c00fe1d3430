import type { IncomingMessage } from 'node:http'
import type { Telemetry } from '#src/model/telemetry.ts'
import { ByteBudget, type ByteHold } from '#src/net/byte-budget.ts'
import { readBody } from '#src/net/read-body.ts'
import type { DecodedRequest } from '#src/otlp/decode-json.ts'
import { decodeJsonBody } from '#src/otlp/decode-json-body.ts'
import { type OtlpSignal, ProtobufDecoder } from '#src/otlp/decode-protobuf.ts'
import { hasPlausibleTime, latestPlausibleMs } from '#src/otlp/plausible-time.ts'
import type { Answer, Refusal } from './answer.ts'
import type { HttpConfig } from './config.ts'
import { Decompressor, USUAL_RATIO } from './decompress.ts'
import { type BodyForm, bodyFormOf, contentLengthOf } from './headers.ts'

/** What an item takes of memory beside the bytes that it came in, about. */
const ITEM_BYTES = 256

/** What all items of a request usually take beside its bytes, at most. */
const USUAL_ITEMS_SHARE = 0.5

const CORRUPT: Refusal = { status: 400, message: 'expected a body in its content encoding, got one that is damaged' }

export interface RequestIntakeOptions {
  readonly config: HttpConfig
  /** Takes over the items and, until they were handed on, the memory that they hold. */
  readonly accept: (items: readonly Telemetry[], hold: ByteHold) => void
  /** Told of data points without a value. */
  readonly onSkipped: (points: number) => void
  /** Told of items that are left out because their times are implausible. */
  readonly onImplausible: (items: number) => void
  /** Epoch milliseconds. */
  readonly now: () => number
}

/** Takes requests in: reads, decompresses and decodes them, and queues what they hold. */
export class RequestIntake {
  readonly #options: RequestIntakeOptions
  readonly #budget: ByteBudget
  readonly #decompressor: Decompressor
  readonly #protobuf = new ProtobufDecoder()
  #stopping = false
  #busyAnswers = 0

  constructor(options: RequestIntakeOptions) {
    this.#options = options
    this.#budget = new ByteBudget(options.config.queue_size)
    this.#decompressor = new Decompressor(options.config.max_decompressed_size)
  }

  /** From now on everything is refused with 503. */
  stop(): void {
    this.#stopping = true
  }

  async take(signal: OtlpSignal, request: IncomingMessage): Promise<Answer> {
    const form = bodyFormOf(request.headers)
    if ('status' in form) return { refused: form }
    const { max_body_size } = this.#options.config
    const announced = contentLengthOf(request.headers) ?? 0
    if (announced > max_body_size) return { refused: tooLarge(max_body_size) }
    // Refused at once it costs nothing: the same answer comes late when there is no room for what was unpacked.
    const expected = form.compression === undefined ? announced : announced * USUAL_RATIO
    if (this.#stopping || !this.#budget.hasRoom(expected)) return { refused: this.#busy() }
    const hold = this.#budget.open()
    let accepted = false
    try {
      const answer = await this.#receive(signal, request, form, hold)
      accepted = answer !== undefined && 'accepted' in answer
      return answer
    } finally {
      if (!accepted) hold.release()
    }
  }

  async #receive(signal: OtlpSignal, request: IncomingMessage, form: BodyForm, hold: ByteHold): Promise<Answer> {
    const { max_body_size, max_decompressed_size } = this.#options.config
    const received = await readBody(request, contentLengthOf(request.headers), max_body_size, hold)
    if (received === 'aborted') return undefined
    if (received === 'too_large') return { refused: tooLarge(max_body_size) }
    if (received === 'no_room') return { refused: this.#busy() }
    const body = form.compression === undefined ? received : await this.#decompressor.run(received, form.compression)
    if (body === 'corrupt') return { refused: CORRUPT }
    if (body === 'too_large' || body.length > max_decompressed_size) return { refused: tooLarge(max_decompressed_size) }
    // Decoding is what costs most: for nothing, when there is no room for the items afterwards.
    if (!hold.resize(body.length * (1 + USUAL_ITEMS_SHARE))) return { refused: this.#busy() }
    const decoded = form.encoding === 'json' ? decodeJsonBody(body) : this.#protobuf.decode(signal, body)
    return decoded.ok ? this.#queue(decoded, body.length, form, hold) : { refused: malformed(decoded) }
  }

  #queue(
    { items, skipped }: Extract<DecodedRequest, { ok: true }>,
    bodyBytes: number,
    { encoding }: BodyForm,
    hold: ByteHold,
  ): Answer {
    if (this.#stopping || !hold.resize(bodyBytes + items.length * ITEM_BYTES)) return { refused: this.#busy() }
    const { accept, onSkipped, onImplausible, now } = this.#options
    const latestMs = latestPlausibleMs(now())
    const plausible = items.filter((item) => hasPlausibleTime(item, latestMs))
    const rejected = items.length - plausible.length
    if (skipped > 0) onSkipped(skipped)
    if (rejected > 0) onImplausible(rejected)
    accept(plausible, hold)
    return { accepted: { encoding, rejected } }
  }

  /** Clients wait as long as they are told, and the OpenTelemetry SDK gives up where that is long. */
  #busy(): Refusal {
    const retry = { 'retry-after': `${1 + (this.#busyAnswers++ % 3)}` }
    return this.#stopping
      ? { status: 503, message: 'agentperf is stopping; try again', headers: { ...retry, connection: 'close' } }
      : { status: 503, message: 'more is waiting than queue_size allows; try again', headers: retry }
  }
}

function tooLarge(maxBytes: number): Refusal {
  return { status: 413, message: `expected a body of at most ${maxBytes} bytes, got a larger one` }
}

function malformed({ error: { path, expected, got } }: Extract<DecodedRequest, { ok: false }>): Refusal {
  return { status: 400, message: `expected ${expected}, got ${got}${path === '' ? '' : ` (${path})`}` }
}
