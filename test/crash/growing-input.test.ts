import { appendFileSync, mkdirSync } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, beforeAll, expect, test } from 'vitest'
import type { LedgerLine } from '#src/model/assessment.ts'
import { type Random, randomFrom } from '../../scripts/samples/random.ts'
import { AgentperfProcess, until } from './agentperf-process.ts'
import { type CrashInput, crashInput } from './input.ts'
import { isDone, ledgerOf, lostItemsOf, remainsOf } from './outputs.ts'

const SEED = process.env.CRASH_SEED ?? 'growing'
const SESSIONS = 200
const WRITING_MS = 15_000
/** Checkpoints that only time asks for are written every 5 s. */
const FIRST_RUN_MS = 6000

let place: string

beforeAll(async () => {
  place = await mkdtemp(join(tmpdir(), 'agentperf-growing-'))
})

afterAll(() => rm(place, { recursive: true, force: true }))

test('killed while its input grows, it has every session whole in the end', async () => {
  const directory = join(place, 'killed')
  const input = join(place, 'input')
  const telemetry = crashInput({ seed: SEED, sessions: SESSIONS, faulty: false })
  let writing = true
  const written = appendSlowly(telemetry, input, randomFrom(`${SEED} writer`)).finally(() => {
    writing = false
  })
  const random = randomFrom(`${SEED} killer`)
  let kills = 0
  for (; writing; kills++) {
    const agentperf = new AgentperfProcess({ directory, input })
    await sleep(kills === 0 ? FIRST_RUN_MS : random.between(400, 2500))
    await agentperf.kill()
  }
  await written
  console.log(`growing input: seed ${SEED} (CRASH_SEED), ${kills} kills, ${ledgerOf(directory).length} revisions`)
  expect(kills).toBeGreaterThan(3)

  const expected = await undisturbedSessions(input)
  const agentperf = new AgentperfProcess({ directory, input })
  await agentperf.ready()
  const toolCalls = (sessions: readonly Facts[]): number => sessions.reduce((sum, facts) => sum + toolCallsOf(facts), 0)
  await until(
    () => toolCalls(lastRevisions(directory)) === toolCalls(expected) && isDone(directory, SESSIONS),
    'the last lines are read',
    agentperf,
  )
  expect(await agentperf.stop()).toBe(0)
  expect(lastRevisions(directory)).toEqual(expected)
  expect(remainsOf(directory)).toEqual([])
  expect(lostItemsOf(directory)).toEqual({})
})

async function undisturbedSessions(input: string): Promise<readonly Facts[]> {
  const directory = join(place, 'undisturbed')
  const agentperf = new AgentperfProcess({ directory, input })
  await agentperf.ready()
  await until(() => isDone(directory, SESSIONS), 'all sessions are assessed', agentperf)
  expect(await agentperf.stop()).toBe(0)
  return lastRevisions(directory)
}

/** What a session itself says; the rest depends on what was committed before it, and on how often it was reopened. */
type Facts = Omit<LedgerLine, 'revision' | 'baselines' | 'std_devs' | 'deviations'>

function lastRevisions(directory: string): readonly Facts[] {
  const last = new Map(ledgerOf(directory).map((line) => [line.session_id, line]))
  return [...last.values()]
    .toSorted((a, b) => (a.session_id < b.session_id ? -1 : 1))
    .map(({ revision, baselines, std_devs, deviations, ...facts }) => facts)
}

function toolCallsOf({ totals }: Facts): number {
  return totals.tool_calls ?? 0
}

/** Writes some lines at a time, and now and then only the beginning of one. */
async function appendSlowly({ lines }: CrashInput, directory: string, random: Random): Promise<void> {
  mkdirSync(directory, { recursive: true })
  const startMs = performance.now()
  for (let next = 0; next < lines.length; ) {
    const some = lines.slice(next, next + random.integer(1, 200))
    next += some.length
    for (const [file, ofFile] of Map.groupBy(some, ({ file }) => file)) {
      const bytes = Buffer.from(ofFile.map(({ text }) => `${text}\n`).join(''))
      const cut = random.chance(0.5) ? random.integer(0, bytes.length) : bytes.length
      appendFileSync(join(directory, file), bytes.subarray(0, cut))
      await sleep(random.integer(0, 10))
      appendFileSync(join(directory, file), bytes.subarray(cut))
    }
    const dueMs = startMs + (WRITING_MS * next) / lines.length
    await sleep(Math.max(0, dueMs - performance.now()))
  }
}
