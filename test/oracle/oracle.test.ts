import { execFileSync } from 'node:child_process'
import {
  appendFileSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  statfsSync,
  writeFileSync,
} from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { layoutOf } from '#src/store/layout.ts'
import { RequestFolder } from '#src/store/request-folder.ts'
import { randomFrom } from '../../scripts/samples/random.ts'
import { AgentperfProcess, until } from '../crash/agentperf-process.ts'
import { type CrashInput, crashInput } from '../crash/input.ts'
import { isDone, ledgerOf, lostItemsOf, remainsOf } from '../crash/outputs.ts'
import { MoodySink, type Told, tell } from './sink.ts'

/**
 * A producer, agentperf and a sink of bad temper, with kills all the time and a full disk once. The oracle is the ledger:
 * what is committed there was taken by the sink or is a dead letter.
 */

const SECONDS = Number(process.env.ORACLE_SECONDS ?? 120)
const SEED = process.env.ORACLE_SEED ?? 'oracle'
const SESSIONS_PER_SECOND = 4
const DISK_BYTES = 192 * 1024 * 1024
/** Of the time, when the disk is full once. */
const FULL_AT = 0.5
const DRAIN_MS = 240_000
/** Checkpoints that only time asks for are written every 5 s. */
const FIRST_RUN_MS = 6000

let place: string
let disk: string
let mounted = false

beforeAll(async () => {
  place = await mkdtemp(join(tmpdir(), 'agentperf-oracle-'))
  disk = join(place, 'disk')
  mkdirSync(disk)
  mounted = mountSmallDisk()
  if (!mounted) console.log('oracle: full disk SKIPPED, no tmpfs can be mounted here (it takes root)')
})

afterAll(async () => {
  if (mounted) execFileSync('umount', ['--lazy', disk])
  await rm(place, { recursive: true, force: true })
})

test(`${SECONDS} s of kills, refusals, resets and a full disk lose no committed session`, async () => {
  const directory = join(disk, 'state')
  const input = join(place, 'input')
  const sessions = Math.ceil(SECONDS * SESSIONS_PER_SECOND)
  const telemetry = crashInput({ seed: SEED, sessions, faulty: true })
  const sink = new MoodySink(randomFrom(`${SEED} sink`))
  const sets = [`exporters.signoz.endpoint=${await sink.start()}`, 'exporters.signoz.timeout=1s']
  const where = { directory, input, sets }

  mkdirSync(input)
  const startMs = performance.now()
  const share = (): number => (performance.now() - startMs) / (SECONDS * 1000)
  const written = appendOver(telemetry, input, share)
  const killed = await killUntilOver(where, share)
  await written

  // The last run ends by itself, and keeps its books.
  const before = booksOf(directory)
  const agentperf = new AgentperfProcess(where)
  await agentperf.ready()
  await until(() => isDone(directory, sessions), 'all sessions are assessed', agentperf, DRAIN_MS)
  await until(() => waitingIn(directory) === 0, 'the queue is empty', agentperf, DRAIN_MS)
  expect(await agentperf.stop(), agentperf.stderr).toBe(0)
  await sink.stop()
  const after = booksOf(directory)

  const dead = await deadLettersOf(directory)
  const ledger = ledgerOf(directory)
  const committed = ledger.map(({ revision, session_id }) => `${revision} ${session_id}`)
  const arrived = [...sink.taken.records, ...dead.records]
  const duplicates = arrived.length - new Set(arrived).size
  const counted = countsOf([...sink.taken.ends, ...dead.ends])
  console.log(
    [
      `oracle: seed ${SEED} (ORACLE_SEED), ${SECONDS} s (ORACLE_SECONDS)`,
      `${killed.kills} kills${killed.diskWasFull ? ', the disk was full once' : ''}`,
      `${committed.length} committed, ${new Set(sink.taken.records).size} taken, ${new Set(dead.records).size} dead letters, ${duplicates} duplicates`,
      `sink: ${JSON.stringify(sink.counts)}`,
    ].join('; '),
  )

  expect(new Set(ledger.map(({ session_id }) => session_id))).toEqual(telemetry.sessionIds)
  expect(committed.filter((key) => !arrived.includes(key))).toEqual([])
  expect(arrived.filter((key) => !committed.includes(key))).toEqual([])
  // Counted as often as committed, or more often: never less.
  const ends = ledger.filter(({ revision }) => revision === 1).map(({ ended_at }) => `${Date.parse(ended_at)}000000`)
  expect([...countsOf(ends)].filter(([end, count]) => (counted.get(end) ?? 0) < count)).toEqual([])

  const passed = [
    'requests_delivered',
    'requests_refused',
    'requests_dropped_queue_full',
    'requests_dropped_unreadable',
  ]
  const outMore = passed.reduce((sum, name) => sum + (after.noticed[name] ?? 0) - (before.noticed[name] ?? 0), 0)
  const inMore = (after.noticed.requests_queued ?? 0) - (before.noticed.requests_queued ?? 0)
  expect(before.waiting + inMore, 'what was queued went out or waits').toBe(outMore + after.waiting)
  expect(after.noticed.requests_dropped_queue_full).toBeUndefined()
  expect(lostItemsOf(directory)).toEqual({})
  expect(remainsOf(directory)).toEqual([])

  // Otherwise it was no test.
  expect(killed.kills).toBeGreaterThan(3)
  expect(killed.diskWasFull).toBe(mounted)
  expect(dead.records.length + dead.ends.length).toBeGreaterThan(0)
  expect(Object.entries(sink.counts).filter(([, count]) => count === 0)).toEqual([])
})

interface Killed {
  readonly kills: number
  readonly diskWasFull: boolean
}

async function killUntilOver(
  where: { readonly directory: string; readonly input: string; readonly sets: readonly string[] },
  share: () => number,
): Promise<Killed> {
  const random = randomFrom(`${SEED} killer`)
  const ballast = join(disk, 'ballast')
  let kills = 0
  let diskWasFull = false
  while (share() < 1) {
    const isFullNow: boolean = mounted && !diskWasFull && share() >= FULL_AT
    if (isFullNow) fill(ballast)
    const agentperf = new AgentperfProcess(where)
    if (isFullNow) await agentperf.says('The disk is full')
    // Most of the time it has begun its work, and now and then not even that.
    else if (kills === 0 || random.chance(0.8)) await agentperf.ready()
    await sleep(kills === 0 ? FIRST_RUN_MS : random.between(100, 4000))
    await agentperf.kill()
    kills += 1
    rmSync(ballast, { force: true })
    diskWasFull ||= isFullNow
  }
  return { kills, diskWasFull }
}

/** Leaves too little room for anything. */
function fill(ballast: string): void {
  const { bavail, bsize } = statfsSync(disk)
  writeFileSync(ballast, Buffer.alloc(Math.max(0, bavail * bsize - 64 * 1024)))
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

/** The exporter's counters as they were saved, and how many requests wait. */
function booksOf(directory: string): { readonly noticed: Readonly<Record<string, number>>; readonly waiting: number } {
  const { checkpoint } = layoutOf(directory)
  const { counters } = existsSync(checkpoint) ? JSON.parse(readFileSync(checkpoint, 'utf8')) : { counters: {} }
  return { noticed: counters['exporter/signoz']?.noticed ?? {}, waiting: waitingIn(directory) }
}

function waitingIn(directory: string): number {
  return namesIn(layoutOf(directory).queues).filter((name) => name.endsWith('.request')).length
}

async function deadLettersOf(directory: string): Promise<Told> {
  const told: Told = { records: [], ends: [] }
  const { deadLetters } = layoutOf(directory)
  for (const exporter of readdirSync(deadLetters)) {
    const folder = await RequestFolder.open(join(deadLetters, exporter), Number.POSITIVE_INFINITY)
    for (const id of folder.ids()) {
      const { path, body } = await folder.read(id)
      tell(told, path, Buffer.from(body))
    }
  }
  return told
}

function namesIn(folder: string): readonly string[] {
  return readdirSync(folder, { recursive: true }).map(String)
}

function countsOf(keys: readonly string[]): ReadonlyMap<string, number> {
  return new Map([...Map.groupBy(keys, (key) => key)].map(([key, all]) => [key, all.length]))
}

function mountSmallDisk(): boolean {
  try {
    execFileSync('mount', ['-t', 'tmpfs', '-o', `size=${DISK_BYTES}`, 'none', disk], { stdio: 'ignore' })
    return true
  } catch {
    return false
  }
}
