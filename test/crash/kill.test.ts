import { existsSync } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { randomFrom } from '../../scripts/samples/random.ts'
import { AgentperfProcess, until } from './agentperf-process.ts'
import { crashInput, writeInput } from './input.ts'
import {
  differences,
  isDone,
  ledgerBytesOf,
  ledgerOf,
  lostItemsOf,
  outputsOf,
  remainsOf,
  reportsOf,
} from './outputs.ts'

const SEED = process.env.CRASH_SEED ?? 'kill-9'
const SESSIONS = 300
const KILLS = 20

let place: string
let input: string
let undisturbed: ReadonlyMap<string, string>
let ledgerBytes: number
/** From the start of a process until the ledger grows. */
let readingMs: number

beforeAll(async () => {
  place = await mkdtemp(join(tmpdir(), 'agentperf-kill-'))
  input = join(place, 'input')
  writeInput(crashInput({ seed: SEED, sessions: SESSIONS, faulty: true }), input)
  const directory = join(place, 'undisturbed')
  const startMs = performance.now()
  const agentperf = new AgentperfProcess({ directory, input })
  await until(() => ledgerBytesOf(directory) > 0, 'the ledger grows', agentperf)
  readingMs = performance.now() - startMs
  await until(() => isDone(directory, SESSIONS), 'all sessions are assessed', agentperf)
  expect(await agentperf.stop()).toBe(0)
  undisturbed = outputsOf(directory)
  ledgerBytes = ledgerBytesOf(directory)
})

afterAll(() => rm(place, { recursive: true, force: true }))

test('an undisturbed run leaves nothing behind and loses nothing', () => {
  const directory = join(place, 'undisturbed')
  expect(ledgerOf(directory)).toHaveLength(SESSIONS)
  expect(undisturbed.size).toBeGreaterThan(SESSIONS)
  expect(remainsOf(directory)).toEqual([])
  expect(lostItemsOf(directory)).toEqual({})
})

test(`after ${KILLS} kills at random moments everything is as without them`, async () => {
  console.log(`kill -9: seed ${SEED} (CRASH_SEED), undisturbed it reads for ${Math.round(readingMs)} ms`)
  const random = randomFrom(SEED)
  let kills = 0
  for (let round = 1; kills < KILLS; round++) {
    const directory = join(place, `round-${round}`)
    const moments: string[] = []
    for (const measure of TURNS.slice(0, KILLS - kills)) {
      const moment = await killOnce(directory, measure, random.next())
      if (moment === undefined) break
      moments.push(moment)
      kills++
    }
    console.log(`round ${round}: ${moments.join(', ')}`)
    await finish(directory)
    expect(differences(outputsOf(directory), undisturbed), `round ${round}, ${moments.join(', ')}`).toEqual([])
    expect(remainsOf(directory)).toEqual([])
    expect(lostItemsOf(directory)).toEqual({})
    await rm(directory, { recursive: true })
  }
})

/** A measure of progress at which agentperf is killed. */
interface Measure {
  readonly name: string
  /** From 0 to 1. */
  of(directory: string, elapsedMs: number): number
}

const READING: Measure = { name: 'reading', of: (_directory, elapsedMs) => elapsedMs / readingMs }
const LEDGER: Measure = { name: 'ledger', of: (directory) => ledgerBytesOf(directory) / ledgerBytes }
const REPORTS: Measure = { name: 'reports', of: (directory) => reportsOf(directory) / SESSIONS }
const TURNS = [READING, LEDGER, READING, LEDGER, REPORTS, LEDGER, REPORTS]

/**
 * Starts agentperf and kills it once a measure has come some of the way that is left.
 *
 * @param chance how much of it, from 0 to 1
 * @returns when that was; `undefined` when it was done before
 */
async function killOnce(directory: string, measure: Measure, chance: number): Promise<string | undefined> {
  const startMs = performance.now()
  const done = measure.of(directory, 0)
  const goal = done + chance * (1 - done)
  const agentperf = new AgentperfProcess({ directory, input })
  const progress = (): number => measure.of(directory, performance.now() - startMs)
  await until(() => progress() > goal || isDone(directory, SESSIONS), `${measure.name} goes on`, agentperf)
  await agentperf.kill()
  return isDone(directory, SESSIONS) ? undefined : `${measure.name} at ${percent(goal)}: ${percent(progress())}`
}

function percent(share: number): string {
  return `${Math.round(100 * share)} %`
}

async function finish(directory: string): Promise<void> {
  const agentperf = new AgentperfProcess({ directory, input })
  await agentperf.ready()
  await until(() => isDone(directory, SESSIONS), 'all sessions are assessed', agentperf)
  expect(await agentperf.stop(), agentperf.stderr).toBe(0)
  expect(existsSync(join(directory, '.agentperf', 'lock'))).toBe(false)
}
