import { mkdtemp, readdir, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { ledgerLine } from '#src/report/ledger-line.fixture.ts'
import { openStore } from '#src/store/open-store.ts'
import { eventOf } from '#src/suggestion/suggestion-event.fixture.ts'
import { type MemoryIo, memoryIo } from './memory-io.fixture.ts'
import { run } from './weekly.ts'

const NOW_MS = Date.UTC(2026, 1, 18)
const PIPELINES = resolve(import.meta.dirname, '../../pipelines.yaml')

let directory: string
let io: MemoryIo

beforeEach(async () => {
  vi.stubEnv('TZ', 'UTC')
  directory = await mkdtemp(join(tmpdir(), 'agentperf-weekly-'))
  io = memoryIo({ env: { HOME: directory }, cwd: directory, nowMs: () => NOW_MS })
  const store = await openStore({ directory, mode: 'write', nowMs: () => NOW_MS })
  await store.commit([{ line: ledgerLine(), live: false }])
  await store.close()
})

afterEach(async () => {
  vi.unstubAllEnvs()
  await rm(directory, { recursive: true })
})

const weekly = (week?: string, json = false): Promise<number> =>
  run(
    {
      config: [PIPELINES],
      set: [`service.storage.directory=${directory}`],
      json,
      ...(week === undefined ? {} : { week }),
    },
    io,
  )
const reports = (): Promise<string[]> => readdir(join(directory, 'reports')).catch(() => [])

test('the last week that is over is printed and written, also while another process holds the lock', async () => {
  const store = await openStore({ directory, mode: 'write', nowMs: () => NOW_MS })
  expect(await weekly()).toBe(0)
  await store.close()
  expect(io.written.out).toMatch(/^# Weekly Performance Summary: 2026-02-09 to 2026-02-15 \(2026-W07\)\n/)
  expect(io.written.out).toContain('- **Total Sessions**: 1\n')
  expect(await reports()).toEqual(['weekly-2026-02-09.md'])
})

test('a week that goes on, and an empty one, are only printed', async () => {
  expect(await weekly('2026-W08')).toBe(0)
  expect(io.written.err).toContain('2026-W08 is not over')
  expect(await weekly('2020-W53', true)).toBe(0)
  expect(io.written.out).toContain('"week": "2020-W53",\n  "sessions": 0,')
  expect(await reports()).toEqual([])
})

test('a week that is long over tells the suggestions as they were at its end', async () => {
  const store = await openStore({ directory, mode: 'write', nowMs: () => NOW_MS })
  const events = [
    ['2026-02-09', 'proposed'],
    ['2026-02-10', 'activated'],
    ['2026-02-11', 'proven'],
    ['2026-02-12', 'promoted'],
    ['2026-02-17', 'reverted'],
  ] as const
  await store.suggestions.append(events.map(([day, name]) => ({ ...eventOf(name), at: `${day}T12:00:00.000Z` })))
  await store.suggestions.append(
    (['proposed', 'activated'] as const).map((name) => ({ ...eventOf(name), suggestion_id: 'opt-later' })),
  )
  await store.close()
  expect(await weekly('2026-W07')).toBe(0)
  expect(io.written.out).toContain('- **opt-a** (reviewer, promoted): Batch tasks')
  expect(io.written.out).not.toContain('opt-later')
})

test('what is no week is refused', async () => {
  expect(await weekly('2026-02-09')).toBe(2)
  expect(io.written).toEqual({ out: '', err: 'Expected a week of ISO 8601 as 2026-W07, got "2026-02-09".\n' })
})
