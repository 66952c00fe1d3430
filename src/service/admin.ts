import type { FastifyInstance } from 'fastify'
import { closeHttpServer, httpServer } from '../net/http-server.ts'
import { type Endpoint, listen } from '../net/listen.ts'
import { refuseWebPages } from '../net/web-pages.ts'
import type { ComponentAccount } from './accounting.ts'
import type { OwnMetric } from './own-metrics.ts'
import { PROMETHEUS_CONTENT_TYPE, prometheusText } from './prometheus-text.ts'

/** What the admin server tells. */
export interface AdminView {
  ready(): boolean
  accounts(): ReadonlyMap<string, ComponentAccount>
  uptimeMs(): number
  metrics(): readonly OwnMetric[]
}

/** Health and counters over HTTP: `/healthz` (200 when ready, else 503), `/status`, and `/metrics` for Prometheus. */
export class AdminServer {
  readonly #endpoint: Endpoint
  readonly #server: FastifyInstance

  constructor(endpoint: Endpoint, allowedHosts: readonly string[], view: AdminView) {
    this.#endpoint = endpoint
    this.#server = httpServer({})
    refuseWebPages(this.#server, { endpoint, allowedHosts }, (_request, reply, message) =>
      reply.code(403).send({ error: message }),
    )
    this.#server.get('/healthz', (_request, reply) => {
      const ready = view.ready()
      return reply.code(ready ? 200 : 503).send({ status: ready ? 'ready' : 'starting' })
    })
    this.#server.get('/status', () => ({
      ready: view.ready(),
      uptime_seconds: view.uptimeMs() / 1000,
      components: Object.fromEntries(view.accounts()),
    }))
    this.#server.get('/metrics', (_request, reply) =>
      reply.header('content-type', PROMETHEUS_CONTENT_TYPE).send(prometheusText(view.metrics())),
    )
  }

  /** @returns the port that it listens on */
  start(): Promise<number> {
    return listen(this.#server, this.#endpoint, 'service.admin.endpoint')
  }

  async stop(): Promise<void> {
    await closeHttpServer(this.#server)
  }
}
