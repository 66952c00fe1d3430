import type { IncomingMessage } from 'node:http'
import type { FastifyError, FastifyInstance, FastifyReply } from 'fastify'
import { closeHttpServer, httpServer } from '#src/net/http-server.ts'
import { type Endpoint, listen } from '#src/net/listen.ts'
import { type AllowedHosts, refuseWebPages } from '#src/net/web-pages.ts'

export interface HookServerOptions extends AllowedHosts {
  /** @returns the answer, in JSON; `undefined` when the sender has gone */
  readonly take: (request: IncomingMessage, announcedBytes: number | undefined) => Promise<string | undefined>
  /** Told of each request that is no hook's, and of each that failed inside. */
  readonly onRefused: (status: number, reason: string, error?: Error) => void
  /** A request that is not whole after this time is ended. */
  readonly requestTimeoutMs: number
}

const PATH = '/hooks'
const JSON_TYPE = 'application/json'

/** `POST /hooks`: paths, methods and types. What an event holds is not its matter. */
export class HookServer {
  readonly #options: HookServerOptions
  readonly #server: FastifyInstance

  constructor(options: HookServerOptions) {
    this.#options = options
    this.#server = httpServer({
      requestTimeoutMs: options.requestTimeoutMs,
      frameworkErrors: (_error, _request, reply) => this.#refuse(reply, 404, `expected ${PATH}, got another path`),
    })
    refuseWebPages(this.#server, options, (_request, reply, message) => this.#refuse(reply, 403, message))
    this.#server.removeAllContentTypeParsers()
    // Web pages can send any other type without asking.
    this.#server.addContentTypeParser(JSON_TYPE, (_request, _payload, done) => done(null))
    this.#server.post(PATH, async (request, reply) => {
      if (request.headers['content-type'] === undefined) return this.#refuseType(reply)
      const length = request.headers['content-length']
      const answer = await options.take(request.raw, length === undefined ? undefined : Number(length))
      return answer === undefined ? reply.hijack() : reply.header('content-type', JSON_TYPE).send(answer)
    })
    this.#server.setNotFoundHandler((request, reply) =>
      request.url.split('?', 1)[0] === PATH
        ? this.#refuse(reply.header('allow', 'POST'), 405, 'expected POST, got another method')
        : this.#refuse(reply, 404, `expected ${PATH}, got another path`),
    )
    this.#server.setErrorHandler((error: FastifyError, _request, reply) =>
      error.statusCode === 415
        ? this.#refuseType(reply)
        : this.#refuse(reply, 500, 'the event could not be taken in; the log of agentperf says why', error),
    )
  }

  /** @returns the port that it listens on */
  start(endpoint: Endpoint, configPath: string): Promise<number> {
    return listen(this.#server, endpoint, configPath)
  }

  stop(): Promise<void> {
    return closeHttpServer(this.#server)
  }

  #refuseType(reply: FastifyReply): FastifyReply {
    return this.#refuse(reply, 415, `expected the content type ${JSON_TYPE}, got another or none`)
  }

  #refuse(reply: FastifyReply, status: number, reason: string, error?: Error): FastifyReply {
    this.#options.onRefused(status, reason, error)
    return reply
      .code(status)
      .header('content-type', JSON_TYPE)
      .send(JSON.stringify({ error: reason }))
  }
}
