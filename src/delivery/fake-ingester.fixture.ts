import {
  createServer,
  type IncomingHttpHeaders,
  type IncomingMessage,
  type Server,
  type ServerResponse,
} from 'node:http'
import type { AddressInfo } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'
import { gunzipSync } from 'node:zlib'
import { onTestFinished } from 'vitest'

/** What the ingester does with one request. */
export type Behaviour =
  | { readonly status: number; readonly headers?: Readonly<Record<string, string>>; readonly body?: string | Buffer }
  /** Never answers. */
  | 'hang'
  /** Takes it when {@link FakeIngester.answerWaiting} is called. */
  | 'wait'
  /** Closes the connection before it answers. */
  | 'reset'
  /** Begins an answer of success and closes the connection in its middle. */
  | 'reset_in_answer'
  /** Answers with what is not HTTP. */
  | 'garbage'

export interface SeenRequest {
  readonly path: string
  readonly headers: IncomingHttpHeaders
  /** Decompressed. */
  readonly body: Buffer
}

/** Takes in OTLP over HTTP as SigNoz does, and misbehaves as it is told. */
export class FakeIngester {
  /** The requests that came whole. */
  readonly seen: SeenRequest[] = []
  /** What is done with the next requests; after them all are taken. */
  readonly behaviours: Behaviour[] = []
  /** Instead of `behaviours`. */
  always: Behaviour | undefined
  #waiting: (() => void)[] = []
  #server: Server | undefined
  #port = 0

  get url(): string {
    return `http://127.0.0.1:${this.#port}`
  }

  /** Starts, again at the same port; it is stopped when the test is over. */
  async start(): Promise<this> {
    const server = createServer((request, response) => this.#answer(request, response))
    await new Promise<void>((resolve) => server.listen(this.#port, '127.0.0.1', resolve))
    this.#server = server
    this.#port = (server.address() as AddressInfo).port
    onTestFinished(() => this.stop())
    return this
  }

  /** Refuses connections from now on. */
  async stop(): Promise<void> {
    const server = this.#server
    if (server === undefined) return
    this.#server = undefined
    server.closeAllConnections()
    await new Promise((resolve) => server.close(resolve))
  }

  /** Waits until so many requests came. */
  async untilSeen(count: number): Promise<void> {
    while (this.seen.length < count) await sleep(2)
  }

  /** Takes what waits, and what comes from now on. */
  answerWaiting(): void {
    this.always = undefined
    for (const answer of this.#waiting.splice(0)) answer()
  }

  async #answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const chunks: Buffer[] = []
    try {
      for await (const chunk of request) chunks.push(chunk)
    } catch {
      return
    }
    const raw = Buffer.concat(chunks)
    const body = request.headers['content-encoding'] === 'gzip' ? gunzipSync(raw) : raw
    this.seen.push({ path: request.url ?? '', headers: request.headers, body })
    const taken = { status: 200, headers: { 'content-type': 'application/json' }, body: '{"partialSuccess":{}}' }
    const asked = this.always ?? this.behaviours.shift() ?? taken
    if (asked === 'wait') await new Promise<void>((resolve) => this.#waiting.push(resolve))
    const behaviour = asked === 'wait' ? taken : asked
    if (behaviour === 'hang') return
    if (behaviour === 'reset') request.socket.resetAndDestroy()
    else if (behaviour === 'garbage') request.socket.end('SSH-2.0-OpenSSH_9.2\r\n')
    else if (behaviour === 'reset_in_answer') {
      response.writeHead(200, { 'content-type': 'application/json', 'content-length': 100 })
      response.write('{"partial', () => request.socket.resetAndDestroy())
    } else response.writeHead(behaviour.status, behaviour.headers).end(behaviour.body)
  }
}
