import { mkdtemp, readdir, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import type { LedgerLine } from '#src/model/assessment.ts'
import { edgarNadyneLine, ledgerLine } from '#src/report/ledger-line.fixture.ts'
import { sessionReport } from '#src/report/session-report.ts'
import { openStore } from '#src/store/open-store.ts'
import { type MemoryIo, memoryIo } from './memory-io.fixture.ts'
import { leaveSessions } from './open-sessions.fixture.ts'
import { run } from './report.ts'

const NOW_MS = Date.UTC(2026, 1, 14)
const PIPELINES = resolve(import.meta.dirname, '../../pipelines.yaml')

let directory: string
let io: MemoryIo

beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'agentperf-report-'))
  io = memoryIo({ env: { HOME: directory }, cwd: directory, nowMs: () => NOW_MS })
})

afterEach(() => rm(directory, { recursive: true }))

test('the beginning of an id is enough, and the report ranks the session', async () => {
  const line = edgarNadyneLine()
  await commit(lineOf('other', { kpis: { token_efficiency: 0.5 } }), line)
  expect(await report('d1d142a6')).toBe(0)
  expect(io.written.out).toContain('- **Session ID**: d1d142a6-51f3-49d3-b283-c00093880453\n')
  expect(io.written.out).toMatch(/\| Token Efficiency .*better than 25 % of 2 \|/)
  expect(io.written.out.replace(/.*Percentile[\s\S]*/, '')).toBe(sessionReport(line).replace(/.*\| Metric[\s\S]*/, ''))
  expect(io.written.err).toBe('')
})

test('a whole id wins over longer ones that begin with it', async () => {
  await commit(lineOf('abc'), lineOf('abcd'))
  expect(await report('abc')).toBe(0)
  expect(io.written.out).toContain('- **Session ID**: abc\n')
})

test('the last revision is reported', async () => {
  await commit(lineOf('abc'), lineOf('abc', { revision: 2 }))
  expect(await report('a')).toBe(0)
  expect(io.written.out).toContain('- **Session ID**: abc (revision 2)\n')
})

test('an ambiguous beginning lists the sessions', async () => {
  await commit(...Array.from({ length: 12 }, (_, n) => lineOf(`abc-${n}`)))
  expect(await report('abc-')).toBe(1)
  expect(io.written.out).toBe('')
  expect(io.written.err).toMatch(
    /^Expected one session, found 12 .*"abc-":\n {2}abc-11 {2}2026-02-10 09:00 UTC {2}code-reviewer\n/,
  )
  expect(io.written.err).toMatch(/ {2}abc-2 .*\n {2}and 2 more\n$/)
})

test('an unknown session is a finding with a hint', async () => {
  await commit(lineOf('abc'))
  expect(await report('xyz\u001b[2J')).toBe(1)
  expect(io.written.out).toBe('')
  expect(io.written.err).toBe(
    `Expected a session id or its beginning, found none that begins with "xyz [2J" in ${directory}. \`agentperf sessions\` lists them.\n`,
  )
})

test('an open session has no report, and it says so', async () => {
  await leaveSessions(directory, ['open-1', 'closed-1'], NOW_MS)
  expect(await report('open')).toBe(1)
  expect(io.written.err).toContain('still open')
  expect(await report('closed')).toBe(1)
  expect(io.written.err).toContain('found none that begins with "closed"')
})

test('nothing is written, not even where there is no ledger', async () => {
  expect(await report('abc')).toBe(1)
  expect(await readdir(directory)).toEqual([])
})

function lineOf(id: string, changes: Partial<LedgerLine> = {}): LedgerLine {
  return ledgerLine({ session_id: id, ...changes })
}

async function commit(...lines: LedgerLine[]): Promise<void> {
  const store = await openStore({ directory, mode: 'write', nowMs: () => NOW_MS })
  await store.commit(lines.map((line) => ({ line, live: false })))
  await store.close()
}

function report(session: string): Promise<number> {
  return run(
    {
      session,
      config: [PIPELINES],
      set: [`service.storage.directory=${directory}`],
    },
    io,
  )
}
