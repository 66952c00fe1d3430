import type { Socket } from 'node:net'
import type { FastifyError, FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { closeHttpServer, httpServer } from '#src/net/http-server.ts'
import { type Endpoint, listen } from '#src/net/listen.ts'
import { type AllowedHosts, refuseWebPages } from '#src/net/web-pages.ts'
import type { OtlpSignal } from '#src/otlp/decode-protobuf.ts'
import { type Answer, CONTENT_TYPES, type Encoding, FAILED, type Refusal, UNAUTHENTICATED } from './answer.ts'
import { statusBody, successBody } from './answer-body.ts'
import type { BearerToken } from './bearer-token.ts'
import { encodingOf, UNKNOWN_TYPE } from './headers.ts'
import type { TlsFiles } from './tls-files.ts'
import { listenOnUnixSocket, type UnixSocket } from './unix-socket.ts'

export interface HttpServerOptions extends AllowedHosts {
  readonly take: (signal: OtlpSignal, request: FastifyRequest['raw']) => Promise<Answer>
  /** Told of each request that was refused. */
  readonly onRefused: (refusal: Refusal, error?: Error) => void
  /** A request that is not whole after this time is ended with 408. */
  readonly requestTimeoutMs: number
  /** Absent: the connection is not encrypted. */
  readonly tls?: TlsFiles | undefined
  /** Absent: everyone may send. */
  readonly token?: BearerToken | undefined
}

const SIGNALS: readonly OtlpSignal[] = ['traces', 'logs', 'metrics']
const PATHS: ReadonlyMap<string, OtlpSignal> = new Map(SIGNALS.map((signal) => [`/v1/${signal}`, signal]))

const UNKNOWN_PATH: Refusal = {
  status: 404,
  message: `expected one of ${[...PATHS.keys()].join(', ')}, got another path`,
}
const WRONG_METHOD: Refusal = { status: 405, message: 'expected POST, got another method', headers: { allow: 'POST' } }
const UNREADABLE: Refusal = { status: 400, message: 'expected HTTP/1.1, got something else' }
const TOO_SLOW: Refusal = { status: 408, message: 'expected the whole request sooner, got only a part of it' }
const NO_TLS: Refusal = { status: 400, message: 'expected TLS with what is configured for it, got something else' }
const LONG_HEADERS: Refusal = { status: 431, message: 'expected headers of at most 16 KiB, got more' }

const REASONS: Readonly<Record<number, string>> = {
  400: 'Bad Request',
  408: 'Request Timeout',
  413: 'Content Too Large',
  431: 'Request Header Fields Too Large',
}

/** What may still come of a body that is not wanted, so that its sender sees the answer instead of a broken connection. */
const MAX_DRAINED_BYTES = 2 ** 20
const MAX_DRAIN_MS = 1000

/** OTLP over HTTP: paths, methods and answers. What a request holds is not its matter. */
export class OtlpHttpServer {
  readonly #options: HttpServerOptions
  readonly #server: FastifyInstance
  #socket: UnixSocket | undefined

  constructor(options: HttpServerOptions) {
    this.#options = options
    const { requestTimeoutMs, tls, token } = options
    this.#server = httpServer({
      requestTimeoutMs,
      https: tls === undefined ? undefined : tlsOptions(tls),
      clientErrorHandler: ({ code }, socket) => this.#refuseConnection(code, socket),
      frameworkErrors: (_error, request, reply) => this.#refuse(request, reply, UNKNOWN_PATH),
    })
    if (token !== undefined) {
      this.#server.addHook('onRequest', (request, reply, done) => {
        if (token.fits(request.headers.authorization)) done()
        else this.#refuse(request, reply, UNAUTHENTICATED)
      })
    }
    refuseWebPages(this.#server, options, (request, reply, message) =>
      this.#refuse(request, reply, { status: 403, message }),
    )
    this.#server.removeAllContentTypeParsers()
    this.#server.addContentTypeParser('*', (_request, _payload, done) => done(null))
    for (const [path, signal] of PATHS) {
      this.#server.post(path, (request, reply) => this.#answer(signal, request, reply))
    }
    this.#server.setNotFoundHandler((request, reply) => this.#refuse(request, reply, refusalOf(request)))
    this.#server.setErrorHandler((error: FastifyError, request, reply) => {
      if (error.statusCode === 415) this.#refuse(request, reply, UNKNOWN_TYPE)
      else this.#refuse(request, reply, FAILED, error)
    })
  }

  /** @returns the port that it listens on */
  start(endpoint: Endpoint, configPath: string): Promise<number> {
    return listen(this.#server, endpoint, configPath)
  }

  async startOnSocket(path: string, configPath: string): Promise<void> {
    this.#socket = await listenOnUnixSocket(this.#server, path, configPath)
  }

  async stop(): Promise<void> {
    await closeHttpServer(this.#server)
    await this.#socket?.remove()
  }

  async #answer(signal: OtlpSignal, request: FastifyRequest, reply: FastifyReply): Promise<FastifyReply> {
    const answer = await this.#options.take(signal, request.raw)
    if (answer === undefined) return reply.hijack()
    if ('refused' in answer) return this.#refuse(request, reply, answer.refused)
    const { accepted } = answer
    return reply.header('content-type', CONTENT_TYPES[accepted.encoding]).send(successBody(signal, accepted))
  }

  #refuse(request: FastifyRequest, reply: FastifyReply, refusal: Refusal, error?: Error): FastifyReply {
    this.#options.onRefused(refusal, error)
    const encoding = encodingOf(request.headers) ?? 'json'
    if (refusal.status === 413 && !request.raw.complete) {
      request.raw.socket.end(lastAnswer(refusal, encoding))
      drain(request.raw)
      return reply.hijack()
    }
    return reply
      .code(refusal.status)
      .headers({ ...refusal.headers, ...retryAfter(refusal), 'content-type': CONTENT_TYPES[encoding] })
      .send(statusBody(refusal, encoding))
  }

  /** Ends a connection whose request never became one. */
  #refuseConnection(code: string, socket: Socket): void {
    if (code.startsWith('ERR_SSL_') || code.startsWith('ERR_TLS_')) {
      this.#options.onRefused(NO_TLS)
      socket.destroy()
      return
    }
    if (code === 'ECONNRESET' || socket.destroyed) return
    const refusal = connectionRefusal(code)
    this.#options.onRefused(refusal)
    if (socket.writable) socket.write(lastAnswer(refusal, 'json'))
    socket.destroySoon()
  }
}

/** An answer as it goes over a connection that ends with it. */
function lastAnswer(refusal: Refusal, encoding: Encoding): Buffer {
  const body = statusBody(refusal, encoding)
  const head =
    `HTTP/1.1 ${refusal.status} ${REASONS[refusal.status]}\r\ncontent-type: ${CONTENT_TYPES[encoding]}\r\n` +
    `content-length: ${body.length}\r\nconnection: close\r\n\r\n`
  return Buffer.concat([Buffer.from(head), body])
}

/** Reads a little of the rest of a request, then ends its connection. */
function drain(request: FastifyRequest['raw']): void {
  const { socket } = request
  let left = MAX_DRAINED_BYTES
  const end = (): unknown => socket.destroy()
  const timer = setTimeout(end, MAX_DRAIN_MS)
  socket.once('close', () => clearTimeout(timer))
  request.once('end', () => socket.destroySoon())
  request.on('data', ({ length }: Buffer) => {
    left -= length
    if (left < 0) end()
  })
}

function tlsOptions({ cert, key, clientCa }: TlsFiles): object {
  return clientCa === undefined
    ? { cert, key }
    : { cert, key, ca: clientCa, requestCert: true, rejectUnauthorized: true }
}

function retryAfter({ retryAfterSeconds }: Refusal): Readonly<Record<string, string>> {
  return retryAfterSeconds === undefined ? {} : { 'retry-after': `${retryAfterSeconds}` }
}

function refusalOf({ url }: FastifyRequest): Refusal {
  return PATHS.has(url.split('?', 1)[0] ?? '') ? WRONG_METHOD : UNKNOWN_PATH
}

function connectionRefusal(code: string): Refusal {
  if (code === 'ERR_HTTP_REQUEST_TIMEOUT') return TOO_SLOW
  return code === 'HPE_HEADER_OVERFLOW' ? LONG_HEADERS : UNREADABLE
}
