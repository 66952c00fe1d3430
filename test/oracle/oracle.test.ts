import { appendFileSync, mkdirSync } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { randomFrom } from '../../scripts/samples/random.ts'
import { AgentperfProcess, type RunPlace, until } from '../crash/agentperf-process.ts'
import { type CrashInput, crashInput } from '../crash/input.ts'
import { isDone, ledgerOf, lostItemsOf, remainsOf } from '../crash/outputs.ts'
import { SmallDisk } from '../crash/small-disk.ts'
import { booksOf, deadLettersOf, flowOf, waitingIn } from './books.ts'
import { keyOf, Senders } from './senders.ts'
import { MOODS, MoodySink } from './sink.ts'
import { type Told, tell } from './told.ts'

/**
 * Producers, agentperf and two sinks of bad temper, with kills all the time and a full disk once. The oracle is the ledger,
 * and what the producers were told: a session that is committed there, and a request that was acknowledged, was taken by its
 * sink or is a dead letter.
 */

const SECONDS = Number(process.env.ORACLE_SECONDS ?? 120)
const SEED = process.env.ORACLE_SEED ?? 'oracle'
const SESSIONS_PER_SECOND = 4
const DISK_BYTES = 192 * 1024 * 1024
/** Of the time, when the disk is full once. */
const FULL_AT = 0.5
/** Too little room for anything. */
const FREE_BYTES = 64 * 1024
const DRAIN_MS = 240_000
/** Checkpoints that only time asks for are written every 5 s. */
const FIRST_RUN_MS = 6000
/** That the last run must acknowledge. */
const LAST_REQUESTS = 20
/** Requests that are passed on are many, and each failure holds them up. */
const PASSING_MOODS = { ...MOODS, taken: 60 }
/** What agentperf says of its OTLP receiver. */
const LISTENS = 'takes in OTLP'
const EXPORTERS = ['signoz', 'otlp'] as const

let place: string
let disk: SmallDisk

beforeAll(async () => {
  place = await mkdtemp(join(tmpdir(), 'agentperf-oracle-'))
  disk = new SmallDisk(place, DISK_BYTES)
  if (!disk.mounted) console.log('oracle: full disk SKIPPED, no tmpfs can be mounted here (it takes root)')
})

afterAll(async () => {
  disk.unmount()
  await rm(place, { recursive: true, force: true })
})

test(`${SECONDS} s of kills, refusals, resets and a full disk lose no session and no request`, async () => {
  const directory = join(disk.path, 'state')
  const input = join(place, 'input')
  const sessions = Math.ceil(SECONDS * SESSIONS_PER_SECOND)
  const telemetry = crashInput({ seed: SEED, sessions, faulty: true })
  const told: Told = { records: [], ends: [] }
  const passed: string[] = []
  const sink = new MoodySink(randomFrom(`${SEED} sink`), MOODS, (path, body) => tell(told, path, body))
  const passingSink = new MoodySink(randomFrom(`${SEED} passing`), PASSING_MOODS, (_, body) => passed.push(keyOf(body)))
  const sets = [
    `exporters.signoz.endpoint=${await sink.start()}`,
    'exporters.signoz.timeout=1s',
    'processors.redact={}',
    `exporters.otlp={ endpoint: "${await passingSink.start()}", timeout: 1s }`,
    'service.pipelines.sessions.receivers=[jsonl_file]',
    'service.pipelines.passthrough={ receivers: [otlp], processors: [redact], exporters: [otlp] }',
  ]
  const where = { directory, input, sets }

  mkdirSync(input)
  const senders = new Senders(randomFrom(`${SEED} senders`))
  const startMs = performance.now()
  const share = (): number => (performance.now() - startMs) / (SECONDS * 1000)
  const written = appendOver(telemetry, input, share)
  const killed = await killUntilOver(where, senders, share)
  await written

  // The last run ends by itself, and keeps its books.
  const before = EXPORTERS.map((exporter) => booksOf(directory, exporter))
  const acknowledgedBefore = senders.acknowledged.size
  const agentperf = new AgentperfProcess(where)
  await agentperf.ready()
  senders.url = agentperf.urlOf(LISTENS)
  const acknowledgedLast = (): number => senders.acknowledged.size - acknowledgedBefore
  await until(() => acknowledgedLast() >= LAST_REQUESTS, 'requests are acknowledged', agentperf)
  await senders.end()
  await until(() => isDone(directory, sessions), 'all sessions are assessed', agentperf, DRAIN_MS)
  for (const exporter of EXPORTERS) {
    await until(() => waitingIn(directory, exporter) === 0, `the queue of ${exporter} is empty`, agentperf, DRAIN_MS)
  }
  expect(await agentperf.stop(), agentperf.stderr).toBe(0)
  await Promise.all([sink.stop(), passingSink.stop()])

  const taken = { sessions: new Set(told.records).size, requests: new Set(passed).size }
  const dead = { sessions: 0, requests: 0 }
  for (const { path, body } of await deadLettersOf(directory, 'signoz')) {
    tell(told, path, Buffer.from(body))
    dead.sessions += 1
  }
  for (const { body } of await deadLettersOf(directory, 'otlp')) {
    passed.push(keyOf(body))
    dead.requests += 1
  }
  const ledger = ledgerOf(directory)
  const committed = new Set(ledger.map(({ revision, session_id }) => `${revision} ${session_id}`))
  const arrived = { sessions: new Set(told.records), requests: new Set(passed) }
  const duplicates = {
    sessions: told.records.length - arrived.sessions.size,
    requests: passed.length - arrived.requests.size,
  }
  console.log(
    [
      `oracle: seed ${SEED} (ORACLE_SEED), ${SECONDS} s (ORACLE_SECONDS)`,
      `${killed.kills} kills${killed.diskWasFull ? ', the disk was full once' : ''}`,
      `${committed.size} sessions committed, ${taken.sessions} taken, ${dead.sessions} dead letters, ${duplicates.sessions} duplicates`,
      `sink: ${JSON.stringify(sink.counts)}`,
      `${senders.sent.size} requests sent, ${senders.acknowledged.size} acknowledged, ${senders.refused} refused, ${taken.requests} taken, ${dead.requests} dead letters, ${duplicates.requests} duplicates`,
      `sink: ${JSON.stringify(passingSink.counts)}`,
    ].join('; '),
  )

  expect(new Set(ledger.map(({ session_id }) => session_id))).toEqual(telemetry.sessionIds)
  expect(arrived.sessions).toEqual(committed)
  // Counted as often as committed, or more often: never less.
  const counted = countsOf(told.ends)
  const ends = ledger.filter(({ revision }) => revision === 1).map(({ ended_at }) => `${Date.parse(ended_at)}000000`)
  expect([...countsOf(ends)].filter(([end, count]) => (counted.get(end) ?? 0) < count)).toEqual([])

  // One that was killed before it could answer may have kept a request all the same.
  expect(senders.acknowledged.difference(arrived.requests)).toEqual(new Set())
  expect(arrived.requests.difference(senders.sent)).toEqual(new Set())

  const after = EXPORTERS.map((exporter) => booksOf(directory, exporter))
  const flows = before.map((books, n) => flowOf(books, after[n] ?? books))
  expect(
    flows.map(({ missing }) => missing),
    'what was queued went out or waits',
  ).toEqual([0, 0])
  expect(flows[1]?.queued).toBe(acknowledgedLast())
  for (const { noticed } of after) expect(noticed.requests_dropped_queue_full).toBeUndefined()
  expect(lostItemsOf(directory)).toEqual({})
  expect(remainsOf(directory)).toEqual([])

  // Otherwise it was no test.
  expect(killed).toEqual({ kills: expect.any(Number), diskWasFull: disk.mounted })
  expect(killed.kills).toBeGreaterThan(3)
  expect(dead.sessions).toBeGreaterThan(0)
  expect(dead.requests).toBeGreaterThan(0)
  for (const { counts } of [sink, passingSink])
    expect(Object.entries(counts).filter(([, count]) => count === 0)).toEqual([])
})

interface Killed {
  readonly kills: number
  readonly diskWasFull: boolean
}

async function killUntilOver(where: RunPlace, senders: Senders, share: () => number): Promise<Killed> {
  const random = randomFrom(`${SEED} killer`)
  let kills = 0
  let diskWasFull = false
  while (share() < 1) {
    const isFullNow: boolean = disk.mounted && !diskWasFull && share() >= FULL_AT
    if (isFullNow) disk.fill(FREE_BYTES)
    const agentperf = new AgentperfProcess(where)
    // Most of the time it has begun its work, and now and then not even that.
    if (isFullNow || kills === 0 || random.chance(0.8)) {
      await agentperf.says(LISTENS)
      senders.url = agentperf.urlOf(LISTENS)
    }
    if (isFullNow) {
      const { refused } = senders
      await agentperf.says('The disk is full')
      await until(() => senders.refused > refused, 'a request is refused while the disk is full', agentperf)
    }
    await sleep(kills === 0 ? FIRST_RUN_MS : random.between(100, 4000))
    senders.url = undefined
    await agentperf.kill()
    kills += 1
    disk.empty()
    diskWasFull ||= isFullNow
  }
  return { kills, diskWasFull }
}

/** Writes the telemetry bit by bit, until a little before the time is over. */
async function appendOver({ lines }: CrashInput, directory: string, share: () => number): Promise<void> {
  for (let next = 0; next < lines.length; ) {
    const due = Math.min(lines.length, Math.ceil((lines.length * share()) / 0.9))
    for (const [file, ofFile] of Map.groupBy(lines.slice(next, due), ({ file }) => file)) {
      appendFileSync(join(directory, file), ofFile.map(({ text }) => `${text}\n`).join(''))
    }
    next = due
    await sleep(50)
  }
}

function countsOf(keys: readonly string[]): ReadonlyMap<string, number> {
  return new Map([...Map.groupBy(keys, (key) => key)].map(([key, all]) => [key, all.length]))
}
