import { type FastifyInstance, type FastifyServerOptions, fastify } from 'fastify'

/** What a server of ours says of itself; the rest is decided here. */
export interface HttpServerOptions {
  /** A request that is not whole after this time is ended; without it there is no limit. */
  readonly requestTimeoutMs?: number
  /** Options of `https.createServer`; plain HTTP without them. */
  readonly https?: object | undefined
  readonly clientErrorHandler?: NonNullable<FastifyServerOptions['clientErrorHandler']>
  readonly frameworkErrors?: NonNullable<FastifyServerOptions['frameworkErrors']>
}

/** How long answers that are under way may take when a server closes. */
const CLOSE_MS = 500

/** Makes an HTTP server whose bodies are left to its handlers, which know their limits. */
export function httpServer({ requestTimeoutMs, https, ...handlers }: HttpServerOptions): FastifyInstance {
  const limits = requestTimeoutMs === undefined ? {} : timeLimits(requestTimeoutMs)
  return fastify({
    logger: false,
    ...(requestTimeoutMs === undefined ? {} : { requestTimeout: requestTimeoutMs }),
    ...(https === undefined ? { http: limits } : { https: { ...limits, ...https } }),
    return503OnClosing: false,
    forceCloseConnections: 'idle',
    // Our routes have no schemas. The compilers of schemas take as long to load as all of fastify.
    schemaController: { compilersFactory: { buildValidator: () => noSchemas, buildSerializer: () => noSchemas } },
    ...handlers,
  })
}

/** Closes a server: idle connections at once, the others when they have answered or after half a second. */
export async function closeHttpServer(server: FastifyInstance): Promise<void> {
  const timer = setTimeout(() => server.server.closeAllConnections(), CLOSE_MS)
  await server.close()
  clearTimeout(timer)
}

function timeLimits(requestTimeoutMs: number) {
  return {
    // When it is the longer one, Node takes the two for each other.
    headersTimeout: requestTimeoutMs,
    requestTimeout: requestTimeoutMs,
    connectionsCheckingInterval: Math.min(requestTimeoutMs, 1000),
  }
}

function noSchemas(): never {
  throw new Error('routes of agentperf have no schemas: check what comes in with zod')
}
