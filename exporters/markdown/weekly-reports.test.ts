import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import type { Context } from '#src/component.ts'
import { ledgerLine } from '#src/report/ledger-line.fixture.ts'
import { type OpenStore, openStore } from '#src/store/open-store.ts'
import { WeeklyReports } from './weekly-reports.ts'

const HOUR_MS = 3_600_000

let directory: string
let store: OpenStore
let nowMs: number

beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'agentperf-weekly-'))
  store = await openStore({ directory, mode: 'write', nowMs: Date.now })
})

afterEach(async () => {
  vi.unstubAllEnvs()
  await store.close()
  await rm(directory, { recursive: true })
})

function reports(): WeeklyReports {
  const log = { debug() {}, info() {}, warn() {}, error() {} }
  return new WeeklyReports({ id: 'markdown', store, log, now: () => nowMs } as unknown as Context, directory)
}

async function commitAt(...times: readonly string[]): Promise<void> {
  await store.commit(times.map((ended_at) => ({ line: ledgerLine({ session_id: ended_at, ended_at }), live: false })))
}

const files = async (): Promise<string[]> => (await readdir(directory)).filter((name) => name.startsWith('weekly-'))

// In Berlin the week of the change to winter time ends an hour later than it does in days of 24 hours.
test.for([
  { zone: 'UTC', end: Date.UTC(2026, 9, 26), inside: '2026-10-25T23:59:59.999Z', outside: '2026-10-26T00:00:00.000Z' },
  {
    zone: 'Europe/Berlin',
    end: Date.UTC(2026, 9, 25, 23),
    inside: '2026-10-25T22:59:59.999Z',
    outside: '2026-10-25T23:00:00.000Z',
  },
])(
  'in $zone a week is written two hours after its end, with the sessions up to it',
  async ({ zone, end, inside, outside }) => {
    vi.stubEnv('TZ', zone)
    await commitAt('2026-10-18T12:00:00.000Z', inside, outside)
    const weekly = reports()
    nowMs = end + 2 * HOUR_MS - 1
    await weekly.writeDue()
    expect(await files()).toEqual(['weekly-2026-10-12.md'])
    nowMs = end + 2 * HOUR_MS
    await weekly.writeDue()
    expect(await files()).toEqual(['weekly-2026-10-12.md', 'weekly-2026-10-19.md'])
    expect(await readFile(join(directory, 'weekly-2026-10-19.md'), 'utf8')).toContain('- **Total Sessions**: 1\n')
  },
)

test('a week is written once, by whichever process', async () => {
  await commitAt('2026-10-20T12:00:00.000Z')
  nowMs = Date.UTC(2026, 9, 28)
  await reports().writeDue()
  const [name = ''] = await files()
  const before = await readFile(join(directory, name), 'utf8')
  await commitAt('2026-10-21T12:00:00.000Z')
  await reports().writeDue()
  expect(await readFile(join(directory, name), 'utf8')).toBe(before)
})

test('while there are no sessions at all nothing is written', async () => {
  nowMs = Date.UTC(2026, 9, 28)
  await reports().writeDue()
  expect(await files()).toEqual([])
})
