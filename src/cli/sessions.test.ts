import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { stripVTControlCharacters } from 'node:util'
import { afterEach, beforeEach, expect, test } from 'vitest'
import type { LedgerLine } from '#src/model/assessment.ts'
import { displayWidth } from '#src/report/display-width.ts'
import { edgarNadyneLine, ledgerLine } from '#src/report/ledger-line.fixture.ts'
import { openStore } from '#src/store/open-store.ts'
import { type MemoryIo, memoryIo } from './memory-io.fixture.ts'
import { leaveSessions } from './open-sessions.fixture.ts'
import { run, sessionsTable } from './sessions.ts'

const NOW_MS = Date.UTC(2026, 1, 14)
const PIPELINES = resolve(import.meta.dirname, '../../pipelines.yaml')

let directory: string
let io: MemoryIo

beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'agentperf-sessions-'))
  io = memoryIo({ env: { HOME: directory }, cwd: directory, nowMs: () => NOW_MS })
})

afterEach(() => rm(directory, { recursive: true }))

test('the last sessions are listed, the newest first, each in its last revision', async () => {
  await commit(lineOf('one'), lineOf('two'), lineOf('three'), lineOf('two', 2))
  expect(await sessions({ limit: 2 })).toBe(0)
  expect(io.written.out.split('\n').map((row) => row.trim().split(/ {2,}/)[2])).toEqual([
    'session',
    'two',
    'three',
    undefined,
  ])
  expect(io.written.err).toBe('')
})

test('JSON has whole ledger lines and nothing else', async () => {
  const line = edgarNadyneLine()
  await commit(lineOf('one'), line)
  expect(await sessions({ json: true, agentType: 'translation-agent' })).toBe(0)
  expect(JSON.parse(io.written.out)).toEqual([line])
})

test('without sessions it says so, and JSON is an empty array', async () => {
  expect(await sessions({})).toBe(0)
  expect(io.written.out).toBe('')
  expect(io.written.err).toContain(directory)
  expect(await sessions({ json: true })).toBe(0)
  expect(io.written.out).toBe('[]\n')
})

test('an agent type without sessions is named', async () => {
  await commit(lineOf('one'))
  expect(await sessions({ agentType: 'no-such' })).toBe(0)
  expect(io.written.err).toContain('no-such')
})

test('sessions that have not ended are named after those that have, and not in JSON', async () => {
  await commit(lineOf('one'))
  await leaveSessions(directory, ['open-1', 'closed-1', 'open-2'], NOW_MS - 120_000)
  expect(await sessions({})).toBe(0)
  const [, open = ''] = io.written.out.split('\n\n')
  expect(open.trimEnd().split('\n')).toEqual([
    expect.stringMatching(/^Open;/),
    '  open-1  last heard of 2m ago',
    '  open-2  last heard of 2m ago',
  ])
  io.written.out = ''
  expect(await sessions({ json: true })).toBe(0)
  expect(JSON.parse(io.written.out)).toHaveLength(1)
})

test('the table tells the main numbers within 80 columns', () => {
  const rows = tableOf([lineOf('one')])
  expect(rows[0]).toMatch(/^start +agent type +session +length +tokens +tasks +tools +errors +status$/)
  expect(rows[1]).toMatch(/^02-10 +code-reviewer +one +30m +- +- +- +5\.0% +PASS$/)
  for (const row of rows) expect(displayWidth(row)).toBeLessThanOrEqual(80)
})

test('where sessions are alarming, 80 columns tell why, and how many suggestions there are', () => {
  const rows = tableOf([edgarNadyneLine(), lineOf('one')])
  expect(rows[0]).toMatch(/^start +agent type +session +tokens +errors +status +because of +sugg\.$/)
  expect(rows[1]).toMatch(/^02-12 +translation-… +d1d142a6 +0\.0010 +0\.0% +CRITICAL +Tool Overhead .* 2$/)
  expect(rows[2]).toMatch(/^02-10 +code-reviewer +one +- +5\.0% +PASS$/)
  for (const row of rows) expect(displayWidth(row)).toBeLessThanOrEqual(80)
})

test('a wide terminal shows why, in colours', () => {
  const output = { write() {}, isTTY: true, columns: 200 }
  const table = sessionsTable([edgarNadyneLine()], { stdout: output, env: {} })
  expect(table).toContain('\u001b[31mCRITICAL\u001b[39m')
  expect(stripVTControlCharacters(table)).toMatch(/ active .* because of +sugg\.\n.* 0\.09 .*Tool Overhead/)
})

test('the year is told where sessions are of several', () => {
  const rows = tableOf([lineOf('new'), ledgerLine({ session_id: 'old', started_at: '2025-12-31T12:00:00.000Z' })])
  expect(rows.slice(1).map((row) => row.split(' ')[0])).toEqual(['2026-02-10', '2025-12-31'])
})

test.for<[seconds: number, text: string]>([
  [0, '0s'],
  [59, '59s'],
  [3599, '1h0m'],
  [31_019, '8h37m'],
  [97_200, '1d3h'],
])('a session of %d seconds lasts %s', ([seconds, text]) => {
  expect(tableOf([ledgerLine({ duration_seconds: seconds })])[1]).toContain(` ${text} `)
})

function lineOf(id: string, revision = 1): LedgerLine {
  return ledgerLine({ session_id: id, revision })
}

function tableOf(lines: readonly LedgerLine[]): string[] {
  return sessionsTable(lines, { stdout: { write() {} }, env: {} })
    .trimEnd()
    .split('\n')
}

async function commit(...lines: LedgerLine[]): Promise<void> {
  const store = await openStore({ directory, mode: 'write', nowMs: () => NOW_MS })
  await store.commit(lines.map((line) => ({ line, live: false })))
  await store.close()
}

function sessions(options: { agentType?: string; limit?: number; json?: boolean }): Promise<number> {
  return run(
    {
      json: false,
      config: [PIPELINES],
      set: [`service.storage.directory=${directory}`],
      ...options,
    },
    io,
  )
}
