import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { Agent, request } from 'node:http'
import { join, resolve } from 'node:path'
import { createInterface } from 'node:readline/promises'
import { setTimeout as sleep } from 'node:timers/promises'
import { hookEvent } from './hook-events.ts'
import { median } from './medians.ts'
import { milliseconds, printTable, ratio } from './table.ts'
import { stateFolder, type WorkFolder } from './work-folder.ts'

const EVENTS_PER_SECOND = 200
const SECONDS = 10
const ROUNDS = 3

/** Before the clock counts: connections and compiled code. */
const WARM_UP_EVENTS = 200

const PIPELINES = resolve(import.meta.dirname, '../pipelines.yaml')
const BARE = 'a server that does nothing'
const AGENTPERF = 'agentperf, all of pipelines.yaml'

/** How long a hook waits for its answer, against a server that reads the body and does nothing. */
export async function benchHooks(folder: WorkFolder): Promise<void> {
  const contenders: readonly (readonly [name: string, configuration: readonly string[]])[] = [
    [BARE, []],
    [AGENTPERF, [PIPELINES]],
  ]
  const rounds = new Map<string, Latencies[]>()
  for (let round = 0; round < ROUNDS; round++) {
    for (const [name, configuration] of contenders) {
      const program = [join(folder.programs, 'serve-hooks.mjs'), await stateFolder(folder), ...configuration]
      rounds.set(name, [...(rounds.get(name) ?? []), await latenciesOf(program)])
    }
  }
  const bareP99Ms = median((rounds.get(BARE) ?? []).map(({ p99Ms }) => p99Ms))
  const rows = [...rounds].map(([name, taken]) => {
    const p99Ms = median(taken.map((each) => each.p99Ms))
    const worstMs = Math.max(...taken.map((each) => each.worstMs))
    return [
      name,
      ...[median(taken.map((each) => each.p50Ms)), p99Ms, worstMs].map(milliseconds),
      ratio(p99Ms / bareP99Ms),
      milliseconds(median(taken.map((each) => each.cpuMs))),
    ]
  })
  const title = `hooks: ${EVENTS_PER_SECOND} events/s for ${SECONDS} s, medians of ${ROUNDS} and the worst of all`
  printTable(title, ['', 'p50', 'p99', 'worst', 'ratio of p99', 'CPU an event'], rows)
}

interface Latencies {
  readonly p50Ms: number
  readonly p99Ms: number
  readonly worstMs: number
  /** Of the server, for each event. */
  readonly cpuMs: number
}

async function latenciesOf(program: readonly string[]): Promise<Latencies> {
  const child = spawn(process.execPath, program, { stdio: ['pipe', 'pipe', 'inherit'] })
  const closed = once(child, 'close')
  const lines = createInterface(child.stdout)[Symbol.asyncIterator]()
  const { value: url = '' } = await lines.next()
  const agent = new Agent({ keepAlive: true })
  for (let n = 0; n < WARM_UP_EVENTS; n++) await post(url, agent, hookEvent(n))
  const count = EVENTS_PER_SECOND * SECONDS
  const startMs = performance.now()
  const answers: Promise<number>[] = []
  for (let n = 0; n < count; n++) {
    const body = hookEvent(WARM_UP_EVENTS + n)
    const dueMs = startMs + (n * 1000) / EVENTS_PER_SECOND
    await sleep(Math.max(0, dueMs - performance.now()))
    // Counted from its own start: a late start would be the client's fault.
    answers.push(post(url, agent, body))
  }
  const sortedMs = (await Promise.all(answers)).toSorted((a, b) => a - b)
  agent.destroy()
  child.stdin.end()
  const { value: settled = '{}' } = await lines.next()
  await closed
  const { used, cpuMs = Number.NaN }: { used?: number; cpuMs?: number } = JSON.parse(settled)
  if (used !== count + WARM_UP_EVENTS) throw new Error(`${count + WARM_UP_EVENTS} events were sent: ${settled}`)
  const at = (share: number): number => sortedMs[Math.floor(share * sortedMs.length)] ?? Number.NaN
  return { p50Ms: at(0.5), p99Ms: at(0.99), worstMs: sortedMs.at(-1) ?? Number.NaN, cpuMs: cpuMs / used }
}

/** @returns milliseconds until the whole answer was there */
function post(url: string, agent: Agent, body: string): Promise<number> {
  const { promise, resolve, reject } = Promise.withResolvers<number>()
  const bytes = Buffer.from(body)
  const headers = { 'content-type': 'application/json', 'content-length': bytes.length }
  const startMs = performance.now()
  request(url, { method: 'POST', agent, headers }, (response) => {
    response.resume().on('end', () => {
      if (response.statusCode === 200) resolve(performance.now() - startMs)
      else reject(new Error(`expected 200, got ${response.statusCode}`))
    })
  })
    .on('error', reject)
    .end(bytes)
  return promise
}
