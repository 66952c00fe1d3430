import { Agent as HttpAgent, request as httpRequest, type IncomingMessage, type RequestOptions } from 'node:http'
import { Agent as HttpsAgent, request as httpsRequest } from 'node:https'
import type { OutgoingRequest } from '../store/stored-request.ts'
import { outcomeOf, type SendOutcome } from './answer.ts'

const MAX_ANSWER_BYTES = 65_536

/** Where requests go. */
export interface Target {
  /** As `https://ingest.eu.signoz.cloud`; paths are added to it. */
  readonly endpoint: string
  /** Added to each request; never stored with one. */
  readonly headers: Readonly<Record<string, string>>
  /** For one attempt as a whole. */
  readonly timeoutMs: number
}

/** Sends requests over HTTP, each once. Its connections stay open between requests. */
export class HttpSender {
  readonly #target: Target
  readonly #base: URL
  readonly #agent: HttpAgent

  constructor(target: Target) {
    this.#target = target
    this.#base = new URL(target.endpoint)
    this.#agent =
      this.#base.protocol === 'https:' ? new HttpsAgent({ keepAlive: true }) : new HttpAgent({ keepAlive: true })
  }

  /** Never rejects. @param signal gives the attempt up; whether it arrived is then unknown */
  async send(request: OutgoingRequest, signal: AbortSignal): Promise<SendOutcome> {
    const attempt = new AbortController()
    const abort = (): void => attempt.abort()
    signal.addEventListener('abort', abort)
    const timer = setTimeout(abort, this.#target.timeoutMs)
    try {
      if (signal.aborted) return { kind: 'retry', reason: 'stopped' }
      return await this.#attempt(request, attempt.signal)
    } catch (error) {
      if (signal.aborted) return { kind: 'retry', reason: 'stopped' }
      return { kind: 'retry', reason: attempt.signal.aborted ? 'timeout' : codeOf(error) }
    } finally {
      clearTimeout(timer)
      signal.removeEventListener('abort', abort)
    }
  }

  close(): void {
    this.#agent.destroy()
  }

  async #attempt(
    { path, contentType, contentEncoding, body }: OutgoingRequest,
    signal: AbortSignal,
  ): Promise<SendOutcome> {
    const url = new URL(this.#base)
    url.pathname = `${url.pathname.replace(/\/$/, '')}${path}`
    const response = await exchange(url, body, {
      method: 'POST',
      agent: this.#agent,
      signal,
      headers: {
        ...this.#target.headers,
        'content-type': contentType,
        'content-length': body.length,
        'user-agent': 'agentperf',
        ...(contentEncoding !== undefined && { 'content-encoding': contentEncoding }),
      },
    })
    const { statusCode = 0, headers } = response
    return outcomeOf(
      {
        status: statusCode,
        contentType: headers['content-type'] ?? '',
        retryAfter: headers['retry-after'],
        body: await bodyOf(response),
      },
      Date.now(),
    )
  }
}

function exchange(url: URL, body: Uint8Array, options: RequestOptions): Promise<IncomingMessage> {
  return new Promise((resolve, reject) => {
    const request = url.protocol === 'https:' ? httpsRequest(url, options) : httpRequest(url, options)
    request.on('response', resolve).on('error', reject).end(body)
  })
}

/** What came of the body: the status has been told, and counts, when the rest does not come. */
async function bodyOf(response: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = []
  let bytes = 0
  try {
    for await (const chunk of response) {
      if (!Buffer.isBuffer(chunk)) continue
      chunks.push(chunk)
      bytes += chunk.length
      if (bytes > MAX_ANSWER_BYTES) break
    }
  } catch {
    // Reset or timed out in the middle.
  }
  return Buffer.concat(chunks)
}

function codeOf(error: unknown): string {
  return error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : 'failed'
}
