import { hash } from 'node:crypto'
import { setTimeout as sleep } from 'node:timers/promises'
import { jsonToProtobuf } from '#src/otlp/json-to-protobuf.ts'
import type { Random } from '../../scripts/samples/random.ts'

const SENDERS = 4
const PAUSES_MS = [100, 800] as const
const IDLE_MS = 20

const SECRET = 'ada@example.org'
const MASKED = '[masked:email]'

/** One in so many requests is too large for a disk that is nearly full. */
const LARGE_EVERY = 7
const LARGE_BYTES = 128 * 1024

/** Clients that send OTLP on and on, whatever becomes of agentperf, and keep what was acknowledged. */
export class Senders {
  /** As they are to arrive behind agentperf, by {@link keyOf}. */
  readonly acknowledged = new Set<string>()
  /** The same of all that was sent. */
  readonly sent = new Set<string>()
  /** Answers of 503. */
  refused = 0
  /** Absent while nobody takes anything in. */
  url: string | undefined
  readonly #random: Random
  readonly #work: readonly Promise<void>[]
  #ended = false

  constructor(random: Random) {
    this.#random = random
    this.#work = Array.from({ length: SENDERS }, () => this.#sendOn())
  }

  /** Resolves when the last answer is there. */
  async end(): Promise<void> {
    this.#ended = true
    await Promise.all(this.#work)
  }

  async #sendOn(): Promise<void> {
    while (!this.#ended) {
      if (this.url === undefined) await sleep(IDLE_MS)
      else {
        await this.#send(this.url, this.sent.size)
        await sleep(this.#random.between(...PAUSES_MS))
      }
    }
  }

  async #send(url: string, number: number): Promise<void> {
    const { type, body } = requestOf(number, SECRET)
    const expected = keyOf(requestOf(number, MASKED).body)
    this.sent.add(expected)
    const status = await fetch(`${url}/v1/logs`, {
      method: 'POST',
      headers: { 'content-type': type },
      body: new Uint8Array(body),
    }).then(
      (response) => response.arrayBuffer().then(() => response.status),
      // It was killed.
      () => 0,
    )
    if (status === 200) this.acknowledged.add(expected)
    else if (status === 503) this.refused += 1
    else if (status !== 0) throw new Error(`expected 200 or 503, got ${status}`)
  }
}

/** What tells one body from all others. */
export function keyOf(body: Uint8Array): string {
  return hash('sha256', body)
}

/** A request that is like no other, in JSON or protobuf. */
function requestOf(number: number, mail: string): { readonly type: string; readonly body: Buffer } {
  const padding = '.'.repeat(number % LARGE_EVERY === 0 ? LARGE_BYTES : number % 500)
  const record = {
    timeUnixNano: '1770920884000000000',
    body: { stringValue: `request ${number} of ${mail} ${padding}` },
    attributes: [{ key: 'event.name', value: { stringValue: 'oracle' } }],
  }
  const json = Buffer.from(JSON.stringify({ resourceLogs: [{ scopeLogs: [{ logRecords: [record] }] }] }))
  return number % 2 === 0
    ? { type: 'application/json', body: json }
    : { type: 'application/x-protobuf', body: jsonToProtobuf('logs', json) }
}
