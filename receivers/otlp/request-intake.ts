import type { IncomingMessage } from 'node:http'
import type { ByteHold } from '#src/net/byte-budget.ts'
import { readBody } from '#src/net/read-body.ts'
import type { OtlpSignal } from '#src/otlp/decode-protobuf.ts'
import { type Answer, DAMAGED } from './answer.ts'
import type { HttpConfig } from './config.ts'
import { Decompressor, USUAL_RATIO } from './decompress.ts'
import { type BodyForm, bodyFormOf, contentLengthOf } from './headers.ts'
import { type ItemIntake, tooLarge } from './item-intake.ts'
import { RefusalPause } from './refusal-pause.ts'

/** Takes HTTP requests in: reads and decompresses their bodies, as far as there is memory for them. */
export class RequestIntake {
  readonly #config: HttpConfig
  readonly #items: ItemIntake
  readonly #decompressor: Decompressor
  readonly #pause = new RefusalPause()

  constructor(config: HttpConfig, items: ItemIntake) {
    this.#config = config
    this.#items = items
    this.#decompressor = new Decompressor(config.max_decompressed_size)
  }

  async take(signal: OtlpSignal, request: IncomingMessage): Promise<Answer> {
    const form = bodyFormOf(request.headers)
    if ('status' in form) return { refused: form }
    const { max_body_size } = this.#config
    const announced = contentLengthOf(request.headers) ?? 0
    if (announced > max_body_size) return { refused: tooLarge(max_body_size) }
    // Refused at once it costs nothing: the same answer comes late when there is no room for what was unpacked.
    const expected = form.compression === undefined ? announced : announced * USUAL_RATIO
    if (!(await this.#roomFor(expected))) return { refused: this.#items.busy() }
    const hold = this.#items.open()
    let accepted = false
    try {
      const answer = await this.#receive(signal, request, form, hold)
      accepted = answer !== undefined && 'accepted' in answer
      return answer
    } finally {
      if (!accepted) hold.release()
    }
  }

  /** At once, or after a pause. */
  async #roomFor(bytes: number): Promise<boolean> {
    if (this.#items.hasRoom(bytes)) return true
    if (!this.#items.stopping) await this.#pause.wait()
    return this.#items.hasRoom(bytes)
  }

  async #receive(signal: OtlpSignal, request: IncomingMessage, form: BodyForm, hold: ByteHold): Promise<Answer> {
    const { max_body_size, max_decompressed_size } = this.#config
    const received = await readBody(request, contentLengthOf(request.headers), max_body_size, hold)
    if (received === 'aborted') return undefined
    if (received === 'too_large') return { refused: tooLarge(max_body_size) }
    if (received === 'no_room') return { refused: this.#items.busy() }
    const body = form.compression === undefined ? received : await this.#decompressor.run(received, form.compression)
    if (body === 'corrupt') return { refused: DAMAGED }
    if (body === 'too_large' || body.length > max_decompressed_size) return { refused: tooLarge(max_decompressed_size) }
    return this.#items.take(signal, body, form.encoding, hold)
  }
}
