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
  const text = JSON.stringify(expected)
  await until(() => JSON.stringify(lastRevisions(directory)) === text, 'the last lines are read', agentperf).catch(
    () => {
      expect(lastRevisions(directory), agentperf.stderr).toEqual(expected)
    },
  )
  await until(() => isDone(directory, SESSIONS), 'all is exported', agentperf)
  expect(await agentperf.stop()).toBe(0)
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

/** What follows from a session alone: the rest depends on what was committed before it, and on how often it was reopened. */
const FACTS = [
  ...(['session_id', 'started_at', 'ended_at', 'agent_type', 'model', 'sources', 'trigger'] as const),
  ...(['kpis', 'evidence', 'absent', 'completeness', 'totals', 'tools', 'invocations'] as const),
]
type Facts = Partial<LedgerLine>

function lastRevisions(directory: string): readonly Facts[] {
  const last = new Map(ledgerOf(directory).map((line) => [line.session_id, line]))
  return [...last.values()]
    .toSorted((a, b) => (a.session_id < b.session_id ? -1 : 1))
    .map((line) => Object.fromEntries(FACTS.map((name) => [name, line[name]])))
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
