import { mkdir, mkdtemp, readdir, readFile, rm, truncate, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import type { Consumer } from '#src/component.ts'
import type { Assessment, LedgerLine } from '#src/model/assessment.ts'
import { ledgerLine } from '#src/model/ledger-line.fixture.ts'
import { Accounting, unaccounted } from '#src/service/accounting.ts'
import { InputProgress } from '#src/service/input-progress.ts'
import { type OpenStore, openStore } from '#src/store/open-store.ts'
import { jsonl } from './jsonl.ts'

const NOW_MS = Date.UTC(2026, 1, 12)

let directory: string
let store: OpenStore
let accounting: Accounting
let warnings: unknown[]

beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'agentperf-jsonl-'))
  store = await openStore({ directory, mode: 'write', nowMs: () => NOW_MS })
  accounting = new Accounting()
  warnings = []
})

afterEach(async () => {
  expect(settledCounts().unaccounted).toBe(0)
  await store.close()
  await rm(directory, { recursive: true })
})

test('sessions go to the file of the UTC day on which they started', async () => {
  const early = ledgerLine({ session_id: 'a', started_at: '2026-02-12T23:59:59.999Z' })
  const late = ledgerLine({ session_id: 'b', started_at: '2026-02-13T00:00:00.000Z' })
  const exporter = await started()
  await exporter.consume([{ line: late, live: false }, assessment(early)])
  await exporter.consume([assessment(ledgerLine({ session_id: 'c', started_at: '2026-02-12T08:00:00.000Z' }))])
  await exporter.stop()
  expect(await linesOf('2026-02-12')).toEqual([early, expect.objectContaining({ session_id: 'c' })])
  expect(await linesOf('2026-02-13')).toEqual([late])
  expect(settledCounts()).toMatchObject({ used: 3 })
})

test('sessions that are still open are ignored', async () => {
  const exporter = await started()
  await exporter.consume([{ line: ledgerLine({}), live: true }])
  await exporter.stop()
  expect(await readdir(directory)).not.toContain('sessions')
  expect(settledCounts()).toMatchObject({ 'ignored:live': 1 })
})

test('what is sent again is written only where the file lacks it', async () => {
  const all = ['a', 'b', 'c'].map((id) => assessment(lineOfDay(id)))
  const before = await started()
  await before.consume(all.slice(0, 2))
  await before.stop()
  const after = await started()
  await after.consume(all.map(replayed))
  await after.consume(all.slice(2).map(replayed))
  await after.stop()
  expect((await linesOf('2026-02-12')).map(({ session_id }) => session_id)).toEqual(['a', 'b', 'c'])
  expect(settledCounts()).toMatchObject({ used: 3, duplicate: 3 })
})

test('a new revision is a new line', async () => {
  const exporter = await started()
  await exporter.consume([assessment(lineOfDay('a')), assessment(lineOfDay('a', 2))])
  await exporter.consume([replayed(assessment(lineOfDay('a', 2)))])
  await exporter.stop()
  expect((await linesOf('2026-02-12')).map(({ revision }) => revision)).toEqual([1, 2])
})

test('a last line that a crash cut at any byte is written again', async () => {
  const items = [assessment(lineOfDay('a')), assessment(lineOfDay('é'))]
  const whole = await started()
  await whole.consume(items)
  await whole.stop()
  const file = join(directory, 'sessions', '2026-02-12.jsonl')
  const content = await readFile(file)
  const firstEnd = content.indexOf(10) + 1
  for (let length = 0; length < content.length; length += length > 40 && length < firstEnd - 20 ? 97 : 1) {
    await truncate(file, length)
    const exporter = await started()
    await exporter.consume(items.map(replayed))
    await exporter.stop()
    expect(await readFile(file)).toEqual(content)
  }
})

test('a torn line longer than the reading buffer is cut, and named in the log', async () => {
  const file = join(directory, 'sessions', '2026-02-12.jsonl')
  await mkdir(join(directory, 'sessions'))
  await writeFile(file, `{"x":1}\n{"y":"${'z'.repeat(100_000)}`)
  await writeFile(join(directory, 'sessions', 'notes.jsonl'), 'mine')
  const exporter = await started()
  await exporter.stop()
  expect(await readFile(file, 'utf8')).toBe('{"x":1}\n')
  expect(await readFile(join(directory, 'sessions', 'notes.jsonl'), 'utf8')).toBe('mine')
  expect(warnings).toEqual([{ file: '2026-02-12.jsonl' }])
})

test('after a failed write nothing stands there twice', async () => {
  const blocked = join(directory, 'sessions', '2026-02-13.jsonl')
  const batch = [
    assessment(lineOfDay('a')),
    assessment(ledgerLine({ session_id: 'b', started_at: '2026-02-13T00:00:00.000Z' })),
  ]
  const exporter = await started()
  await mkdir(blocked, { recursive: true })
  await expect(exporter.consume(batch)).rejects.toThrow(/2026-02-13\.jsonl/)
  await rm(blocked, { recursive: true })
  await exporter.consume(batch)
  await exporter.stop()
  expect(await linesOf('2026-02-12')).toHaveLength(1)
  expect(await linesOf('2026-02-13')).toHaveLength(1)
  expect(settledCounts()).toMatchObject({ used: 2, duplicate: 1 })
})

test('an own directory is used instead of the storage directory', async () => {
  const other = join(directory, 'elsewhere')
  const exporter = await started({ directory: other })
  await exporter.consume([assessment(lineOfDay('a'))])
  await exporter.stop()
  expect(await readdir(join(other, 'sessions'))).toEqual(['2026-02-12.jsonl'])
})

async function started(config: { directory?: string } = {}): Promise<Consumer<'assessment'>> {
  const exporter = jsonl.create(config, {
    id: 'jsonl',
    log: { debug() {}, info() {}, warn: (fields) => warnings.push(fields), error() {} },
    now: () => NOW_MS,
    items: accounting.itemsOf('jsonl'),
    progress: new InputProgress().of('jsonl'),
    store,
    decisions: { answerHook: () => ({ body: {}, events: [] }), nameAgentTypes() {}, tellAlarms() {} },
  })
  await exporter.start()
  return exporter
}

function lineOfDay(id: string, revision = 1): LedgerLine {
  return ledgerLine({ session_id: id, revision, started_at: '2026-02-12T12:00:00.000Z' })
}

function assessment(line: LedgerLine): Assessment {
  return { line, live: false }
}

function replayed(item: Assessment): Assessment {
  return { ...item, replayed: true }
}

async function linesOf(day: string): Promise<LedgerLine[]> {
  const text = await readFile(join(directory, 'sessions', `${day}.jsonl`), 'utf8')
  expect(text.endsWith('\n')).toBe(true)
  return text
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line))
}

function settledCounts(): Record<string, number> {
  const account = accounting.components().get('jsonl')
  if (account === undefined) return { unaccounted: 0 }
  return { ...account.settled, unaccounted: unaccounted(account) }
}
