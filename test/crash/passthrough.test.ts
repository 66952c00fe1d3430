import { mkdir, mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { expect, onTestFinished, test } from 'vitest'
import { FakeIngester } from '#src/delivery/fake-ingester.fixture.ts'
import { AgentperfProcess, until } from './agentperf-process.ts'
import { SmallDisk } from './small-disk.ts'

const EXAMPLE = resolve(import.meta.dirname, '../../examples/passthrough.yaml')
const KILLS = 6
const SENDERS = 4
const PAUSES_MS = [40, 150, 400, 90, 250, 700]
const DISK_BYTES = 24 * 1024 * 1024

/** A request of one log record, which has its name. */
function requestOf(name: string, padding = ''): string {
  const attributes = [{ key: 'padding', value: { stringValue: padding } }]
  const record = { timeUnixNano: '1770920884000000000', body: { stringValue: name }, attributes }
  return JSON.stringify({ resourceLogs: [{ scopeLogs: [{ logRecords: [record] }] }] })
}

function nameIn(body: Buffer): string {
  return JSON.parse(body.toString()).resourceLogs[0].scopeLogs[0].logRecords[0].body.stringValue
}

/** @returns the status; 0 when agentperf was killed meanwhile */
async function post(url: string, body: string): Promise<number> {
  const request = { method: 'POST', headers: { 'content-type': 'application/json' }, body }
  return await fetch(`${url}/v1/logs`, request).then(
    (response) => response.text().then(() => response.status),
    () => 0,
  )
}

async function workspace(): Promise<string> {
  const place = await mkdtemp(join(tmpdir(), 'agentperf-passing-'))
  onTestFinished(() => rm(place, { recursive: true, force: true }))
  return place
}

interface Passing {
  readonly agentperf: AgentperfProcess
  readonly url: string
}

/** @param state where it is kept, again and again */
async function startPassing(state: string, { url }: FakeIngester): Promise<Passing> {
  const input = join(state, '../input')
  await mkdir(input, { recursive: true })
  const sets = [`exporters.otlp.endpoint=${url}`]
  const agentperf = new AgentperfProcess({ directory: state, input, config: EXAMPLE, sets })
  await agentperf.ready()
  return { agentperf, url: agentperf.urlOf('takes in OTLP') }
}

async function untilDelivered(names: readonly string[], { seen }: FakeIngester, agentperf: AgentperfProcess) {
  const missing = new Set(names)
  let looked = 0
  const allDelivered = (): boolean => {
    for (const { body } of seen.slice(looked)) missing.delete(nameIn(body))
    looked = seen.length
    return missing.size === 0
  }
  await until(allDelivered, 'all acknowledged requests are delivered', agentperf)
}

test('what was acknowledged is delivered, whenever agentperf is killed', async () => {
  const state = join(await workspace(), 'state')
  const ingester = await new FakeIngester().start()
  const acknowledged: string[] = []
  let sent = 0
  for (const pauseMs of PAUSES_MS.slice(0, KILLS)) {
    const { agentperf, url } = await startPassing(state, ingester)
    // Each pause ends with a kill, in the middle of all this.
    ingester.behaviours.push({ status: 503 }, 'reset', 'reset_in_answer')
    let killed = false
    const sender = async (): Promise<void> => {
      while (!killed) {
        const name = `request ${sent++}`
        if ((await post(url, requestOf(name))) === 200) acknowledged.push(name)
      }
    }
    const senders = Array.from({ length: SENDERS }, sender)
    await sleep(pauseMs)
    await agentperf.kill()
    killed = true
    await Promise.all(senders)
  }
  const { agentperf } = await startPassing(state, ingester)
  await untilDelivered(acknowledged, ingester, agentperf)
  expect(await agentperf.stop()).toBe(0)
  expect(acknowledged.length).toBeGreaterThan(KILLS)
  console.log(`${sent} requests sent, ${acknowledged.length} acknowledged, ${ingester.seen.length} arrivals`)
})

test('with a full disk senders are asked to come again, and what was acknowledged is not lost', async (context) => {
  const disk = new SmallDisk(await workspace(), DISK_BYTES)
  onTestFinished(() => disk.unmount())
  disk.neededBy(context)
  const state = join(disk.path, 'state')
  const ingester = await new FakeIngester().start()
  ingester.always = { status: 503 }
  const acknowledged: string[] = []
  let sent = 0
  const send = async (url: string): Promise<number> => {
    const name = `request ${sent++}`
    const status = await post(url, requestOf(name, '.'.repeat(10_000)))
    if (status === 200) acknowledged.push(name)
    return status
  }

  const first = await startPassing(state, ingester)
  disk.fill(200 * 1024)
  const statuses = await Promise.all(Array.from({ length: 100 }, () => send(first.url)))
  expect(new Set(statuses)).toEqual(new Set([200, 503]))
  expect(await send(first.url)).toBe(503)
  expect(first.agentperf.running, first.agentperf.stderr).toBe(true)
  await first.agentperf.kill()

  disk.empty()
  const second = await startPassing(state, ingester)
  disk.fill(0)
  // What can be delivered makes room, also on a full disk.
  expect(await send(second.url)).toBe(503)
  ingester.always = undefined
  await untilDelivered(acknowledged, ingester, second.agentperf)
  await until(async () => (await send(second.url)) === 200, 'there is room again', second.agentperf)
  disk.empty()
  await untilDelivered(acknowledged, ingester, second.agentperf)
  expect(await second.agentperf.stop(), second.agentperf.stderr).toBe(0)
  const arrived = new Set(ingester.seen.map(({ body }) => nameIn(body)))
  expect(arrived).toEqual(new Set(acknowledged))
})
