import { mkdir, mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { expect, onTestFinished, test } from 'vitest'
import { FakeIngester } from '#src/delivery/fake-ingester.fixture.ts'
import { AgentperfProcess, until } from './agentperf-process.ts'

const EXAMPLE = resolve(import.meta.dirname, '../../examples/passthrough.yaml')
const KILLS = 6
const SENDERS = 4
const PAUSES_MS = [40, 150, 400, 90, 250, 700]

/** The name of a request stands in its only log record. */
function requestOf(name: string): string {
  const record = { timeUnixNano: '1770920884000000000', body: { stringValue: name } }
  return JSON.stringify({ resourceLogs: [{ scopeLogs: [{ logRecords: [record] }] }] })
}

function nameIn(body: Buffer): string {
  return JSON.parse(body.toString()).resourceLogs[0].scopeLogs[0].logRecords[0].body.stringValue
}

test('what was acknowledged is delivered, whenever agentperf is killed', async () => {
  const place = await mkdtemp(join(tmpdir(), 'agentperf-passing-'))
  onTestFinished(() => rm(place, { recursive: true, force: true }))
  const input = join(place, 'input')
  await mkdir(input)
  const ingester = await new FakeIngester().start()
  const sets = [`exporters.otlp.endpoint=${ingester.url}`]
  const start = async (): Promise<{ agentperf: AgentperfProcess; url: string }> => {
    const agentperf = new AgentperfProcess({ directory: join(place, 'state'), input, config: EXAMPLE, sets })
    await agentperf.ready()
    return { agentperf, url: agentperf.urlOf('takes in OTLP') }
  }
  const acknowledged: string[] = []
  let sent = 0
  for (const pauseMs of PAUSES_MS.slice(0, KILLS)) {
    const { agentperf, url } = await start()
    // Each pause ends with a kill, in the middle of all this.
    ingester.behaviours.push({ status: 503 }, 'reset', 'reset_in_answer')
    let killed = false
    const sender = async (): Promise<void> => {
      while (!killed) {
        const name = `request ${sent++}`
        const headers = { 'content-type': 'application/json' }
        const ok = await fetch(`${url}/v1/logs`, { method: 'POST', headers, body: requestOf(name) }).then(
          (response) => response.text().then(() => response.ok),
          () => false,
        )
        if (ok) acknowledged.push(name)
      }
    }
    const senders = Array.from({ length: SENDERS }, sender)
    await sleep(pauseMs)
    await agentperf.kill()
    killed = true
    await Promise.all(senders)
  }
  const { agentperf } = await start()
  const missing = new Set(acknowledged)
  let looked = 0
  const allDelivered = (): boolean => {
    const { seen } = ingester
    for (const { body } of seen.slice(looked)) missing.delete(nameIn(body))
    looked = seen.length
    return missing.size === 0
  }
  await until(allDelivered, 'all acknowledged requests are delivered', agentperf)
  expect(await agentperf.stop()).toBe(0)
  expect(acknowledged.length).toBeGreaterThan(KILLS)
  console.log(`${sent} requests sent, ${acknowledged.length} acknowledged, ${ingester.seen.length} arrivals`)
})
