import { mkdirSync, writeFileSync } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { expect, onTestFinished, test } from 'vitest'
import type { Context } from '../component.ts'
import { FakeIngester } from '../delivery/fake-ingester.fixture.ts'
import { decodeJsonBody } from '../otlp/decode-json-body.ts'
import { layoutOf } from '../store/layout.ts'
import { Accounting } from './accounting.ts'
import { MetricsExport } from './metrics-export.ts'
import { OwnMetrics } from './own-metrics.ts'

const ID = 'own'

test('what the queue could not take is in the next that it takes, and is logged once', async () => {
  const directory = await mkdtemp(join(tmpdir(), 'agentperf-own-'))
  onTestFinished(() => rm(directory, { recursive: true, force: true }))
  const ingester = await new FakeIngester().start()
  const accounting = new Accounting()
  const metrics = new OwnMetrics(accounting)
  onTestFinished(() => metrics.stop())
  const items = accounting.itemsOf('receiver/otlp')
  const logged: string[] = []
  const log = (_fields: object, message: string): void => void logged.push(message)
  const context = {
    ...{ id: ID, now: () => Date.now(), store: { directory }, items: accounting.itemsOf(`exporter/${ID}`) },
    log: { debug: log, info: log, warn: log, error: log },
  } as unknown as Context
  let collected = 0
  const read = metrics.reader()
  const collect = () => {
    collected += 1
    return read()
  }
  const queue = join(layoutOf(directory).queues, ID)
  const target = { endpoint: ingester.url, headers: {}, timeoutMs: 5000 }
  const exporting = await MetricsExport.start({ target, intervalMs: 20, context, collect })
  // At once: before anything is exported.
  mkdirSync(dirname(queue), { recursive: true })
  writeFileSync(queue, 'where the folder belongs')
  items.received(100)
  const before = collected
  while (collected < before + 5) await sleep(5)
  expect(logged.filter((message) => message.includes('cannot be queued'))).toHaveLength(1)
  await rm(queue)
  items.received(5)
  await ingester.untilSeen(2)
  await exporting.stop(1000)
  expect(receivedIn(ingester)).toBe(105)
})

function receivedIn({ seen }: FakeIngester): number {
  let sum = 0
  for (const { body } of seen) {
    const decoded = decodeJsonBody(body)
    for (const item of decoded.ok ? decoded.items : []) {
      const own = item.kind === 'metric' && item.attributes['component.id'] === 'otlp' ? item : undefined
      if (own?.name === 'agentperf.component.received.items') sum += Number('value' in own ? own.value : 0)
    }
  }
  return sum
}
