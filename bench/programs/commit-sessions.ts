import * as z from 'zod'
import type { ReceiverFactory } from '#src/component.ts'
import { components } from '#src/components.ts'
import { loadConfig } from '#src/config/load.ts'
import { Service } from '#src/service/service.ts'
import { openStore } from '#src/store/open-store.ts'
import { randomFrom } from '../../scripts/samples/random.ts'
import { benchSession } from './bench-sessions.ts'
import { measured } from './measured.ts'

/** What becomes of sessions once they have ended: KPIs, comparison, commit, baselines, exports. */

const PROCESSORS = ['kpi_aggregation', 'baseline_ema']
const EXPORTERS = ['jsonl', 'markdown']
const SILENT = { debug() {}, info() {}, warn() {}, error() {} }

const [directory = '.', firstNumber = '0', count = '0'] = process.argv.slice(2)
const sessions: ReceiverFactory<unknown, 'session'> = {
  kind: 'receiver',
  type: 'sessions',
  stability: 'development',
  description: 'Hands on ended sessions, one by one.',
  produces: 'session',
  configSchema: z.strictObject({}),
  create(_config, _context, next) {
    const random = randomFrom('sessions')
    const { promise, resolve } = Promise.withResolvers<void>()
    return {
      finished: promise,
      async start() {
        for (let n = 0; n < Number(count); n++) await next([benchSession(Number(firstNumber) + n, random)])
        resolve()
      },
      async stop() {},
    }
  },
}

const nowMs = (): number => Date.now()
const store = await openStore({ directory, mode: 'write', nowMs })
const text = JSON.stringify({
  receivers: { sessions: {} },
  processors: Object.fromEntries(PROCESSORS.map((type) => [type, {}])),
  exporters: Object.fromEntries(EXPORTERS.map((type) => [type, {}])),
  service: {
    storage: { directory },
    pipelines: { sessions: { receivers: ['sessions'], processors: PROCESSORS, exporters: EXPORTERS } },
  },
})
const config = loadConfig({ sources: [{ file: 'bench.yaml', text }], sets: [], env: {} }, [...components, sessions])
const service = new Service({ config, store, nowMs, loggerFor: () => SILENT })

await measured(async () => {
  await service.start()
  await service.drain()
  return Number(count)
})
await service.stop()
await store.close()
