import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import type { Consumer } from '#src/component.ts'
import type { LedgerLine } from '#src/model/assessment.ts'
import { EDGAR_NADYNE_HISTORY, edgarNadyneLine, ledgerLine } from '#src/report/ledger-line.fixture.ts'
import { sessionReport } from '#src/report/session-report.ts'
import { Accounting, unaccounted } from '#src/service/accounting.ts'
import { InputProgress } from '#src/service/input-progress.ts'
import { type OpenStore, openStore } from '#src/store/open-store.ts'
import { markdown } from './markdown.ts'

const NOW_MS = Date.UTC(2026, 1, 12)

let directory: string
let store: OpenStore
let accounting: Accounting

beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'agentperf-markdown-'))
  store = await openStore({ directory, mode: 'write', nowMs: () => NOW_MS })
  accounting = new Accounting()
})

afterEach(async () => {
  const account = accounting.components().get('markdown')
  expect(account && unaccounted(account)).toBe(0)
  await store.close()
  await rm(directory, { recursive: true })
})

test('each session has a report, with its history', async () => {
  const line = edgarNadyneLine()
  const exporter = await started()
  await exporter.consume([{ line, live: false, history: EDGAR_NADYNE_HISTORY }])
  await exporter.stop()
  expect(await reports()).toEqual([`${line.session_id}.md`])
  expect(await report(`${line.session_id}.md`)).toBe(sessionReport(line, EDGAR_NADYNE_HISTORY))
  expect(accounting.components().get('markdown')?.settled).toEqual({ used: 1 })
})

test('a newer revision replaces the report, an older one that is sent again does not', async () => {
  const exporter = await started()
  const first = ledgerLine({ session_id: 's', revision: 1 })
  const second = ledgerLine({ session_id: 's', revision: 2 })
  for (const line of [first, second, first]) {
    await commit(line)
    await exporter.consume([{ line, live: false }])
  }
  await exporter.stop()
  expect(await report('s.md')).toBe(sessionReport(second))
  expect(accounting.components().get('markdown')?.settled).toEqual({ used: 2, 'ignored:superseded': 1 })
})

test('sessions that are still open are ignored', async () => {
  const exporter = await started()
  await exporter.consume([{ line: ledgerLine(), live: true }])
  await exporter.stop()
  expect(await readdir(directory)).not.toContain('reports')
  expect(accounting.components().get('markdown')?.settled).toEqual({ 'ignored:live': 1 })
})

test('a session id cannot lead out of the folder', async () => {
  const exporter = await started()
  const ids = ['../../evil', '/etc/evil', 'A', 'a']
  await exporter.consume(ids.map((id) => ({ line: ledgerLine({ session_id: id }), live: false })))
  await exporter.stop()
  expect(await reports()).toHaveLength(4)
  expect(await readdir(directory)).not.toContain('evil.md')
})

test('a folder that cannot be written refuses the batch, and takes it later', async () => {
  const line = ledgerLine({ session_id: 's' })
  await writeFile(join(directory, 'reports'), 'a file where the folder belongs')
  const exporter = await started()
  await expect(exporter.consume([{ line, live: false }])).rejects.toThrow(/reports/)
  await rm(join(directory, 'reports'))
  await exporter.consume([{ line, live: false }])
  await exporter.stop()
  expect(await reports()).toEqual(['s.md'])
})

test('temporary files of a crashed process are removed at start', async () => {
  await mkdir(join(directory, 'reports'))
  await writeFile(join(directory, 'reports', '.agentperf-999999999-abc-1.tmp'), 'half a rep')
  const exporter = await started({ directory })
  await exporter.consume([{ line: ledgerLine({ session_id: 's' }), live: false }])
  await exporter.stop()
  expect(await reports()).toEqual(['s.md'])
})

async function started(config: { directory?: string; weekly?: boolean } = {}): Promise<Consumer<'assessment'>> {
  const exporter = markdown.create(
    { weekly: true, ...config },
    {
      id: 'markdown',
      log: { debug() {}, info() {}, warn() {}, error() {} },
      now: () => NOW_MS,
      items: accounting.itemsOf('markdown'),
      progress: new InputProgress().of('markdown'),
      store,
      decisions: { answerHook: () => ({ body: {}, events: [] }), nameAgentTypes() {}, tellAlarms() {} },
    },
  )
  await exporter.start()
  return exporter
}

async function commit(line: LedgerLine): Promise<void> {
  await store.commit([{ line, live: false }])
}

function reports(): Promise<string[]> {
  return readdir(join(directory, 'reports'))
}

function report(name: string): Promise<string> {
  return readFile(join(directory, 'reports', name), 'utf8')
}
