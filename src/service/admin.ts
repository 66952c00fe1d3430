import type { FastifyInstance } from 'fastify'
import { closeHttpServer, httpServer } from '../net/http-server.ts'
import { type Endpoint, listen } from '../net/listen.ts'
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
  readonly #server: FastifyInstance

  constructor(view: AdminView) {
    this.#server = httpServer({})
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
  start(endpoint: Endpoint): Promise<number> {
    return listen(this.#server, endpoint, 'service.admin.endpoint')
  }

  async stop(): Promise<void> {
    await closeHttpServer(this.#server)
  }
}
