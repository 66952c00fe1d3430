import { setTimeout as sleep } from 'node:timers/promises'
import { signoz } from '#exporters/signoz/signoz.ts'
import { Accounting } from '#src/service/accounting.ts'
import { InputProgress } from '#src/service/input-progress.ts'
import { openStore } from '#src/store/open-store.ts'
import { randomFrom } from '../../scripts/samples/random.ts'
import { benchLine } from './bench-sessions.ts'
import { measured } from './measured.ts'

/** Sends sessions with the exporter `signoz`, from the first until the other side has the last. */

const BATCH = 100
const ID = 'signoz'

const [directory = '.', endpoint = '', encoding = 'json', count = '0'] = process.argv.slice(2)
const nowMs = (): number => Date.now()
const store = await openStore({ directory, mode: 'write', nowMs })
const accounting = new Accounting()
const exporter = signoz.create(signoz.configSchema.parse({ endpoint, encoding }), {
  id: ID,
  log: { debug() {}, info() {}, warn() {}, error() {} },
  now: nowMs,
  items: accounting.itemsOf(ID),
  progress: new InputProgress().of(ID),
  store,
  decisions: { answerHook: () => ({ body: {}, events: [] }), nameAgentTypes() {}, tellAlarms() {} },
})
await exporter.start()
await measured(async () => {
  const random = randomFrom('export')
  for (let first = 0; first < Number(count); first += BATCH) {
    await exporter.consume(
      Array.from({ length: BATCH }, (_, n) => ({ line: benchLine(first + n, random), live: false })),
    )
  }
  for (;;) {
    const { requests_queued = 0, requests_delivered = 0 } = accounting.components().get(ID)?.noticed ?? {}
    if (requests_delivered === requests_queued) break
    await sleep(5)
  }
  return Number(count)
})
await exporter.stop()
await store.close()
