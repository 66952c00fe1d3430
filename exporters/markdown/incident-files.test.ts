import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import type { Context } from '#src/component.ts'
import type { Alert, LedgerLine } from '#src/model/assessment.ts'
import { alert, ledgerLine } from '#src/report/ledger-line.fixture.ts'
import { type OpenStore, openStore } from '#src/store/open-store.ts'
import { IncidentFiles } from './incident-files.ts'

let directory: string
let store: OpenStore
let incidents: IncidentFiles

beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'agentperf-incidents-'))
  store = await openStore({ directory, mode: 'write', nowMs: Date.now })
  incidents = open()
})

afterEach(async () => {
  await store.close()
  await rm(directory, { recursive: true })
})

function open(): IncidentFiles {
  const log = { debug() {}, info() {}, warn() {}, error() {} }
  return new IncidentFiles({ id: 'markdown', store, log } as unknown as Context, join(directory, 'incidents'))
}

/** One session a day; from the sixth on another model is at work, and worse. */
function sessionOf(n: number, alerts: readonly Alert[], changes: Partial<LedgerLine> = {}): LedgerLine {
  const isWorse = alerts.length > 0
  const day = new Date(Date.UTC(2026, 1, n)).toISOString().slice(0, 10)
  return ledgerLine({
    session_id: `s${n}`,
    agent_type: 'coder',
    started_at: `${day}T09:00:00.000Z`,
    ended_at: `${day}T09:30:00.000Z`,
    model: n < 6 ? 'claude-opus-4-6' : 'claude-haiku-4-5',
    agent_version: '2.1.38',
    kpis: { error_rate: isWorse ? 0.2 + n / 100 : 0.02 },
    baselines: { error_rate: 0.02 },
    deviations: { error_rate: isWorse ? 4 : -0.2 },
    alerts,
    agent_file_hash: n < 6 ? '3f2a9c1d00aa11bb' : '9bc1d2e3f4a5b6c7',
    ...changes,
  })
}

const warning = alert({ reason: 'drifting' })
const info = alert({ severity: 'INFO', reason: 'still_drifting' })
const critical = alert({ severity: 'CRITICAL', reason: 'far_outside' })
const seeds = [1, 2, 3, 4, 5].map((n) => sessionOf(n, []))

async function take(...lines: readonly LedgerLine[]): Promise<void> {
  for (const line of lines) {
    await store.commit([{ line, live: false }])
    await incidents.take(line)
  }
}

const files = (): Promise<string[]> => readdir(join(directory, 'incidents')).catch(() => [])
const text = async (name: string): Promise<string> => readFile(join(directory, 'incidents', name), 'utf8')
const FILE = 'coder-error_rate-20260208T093000Z.md'

test('one incident for a streak: opened, updated, closed', async () => {
  await take(...seeds, sessionOf(6, [warning]), sessionOf(7, [info]))
  expect(await files()).toEqual([])
  await take(sessionOf(8, [critical]))
  expect(await files()).toEqual([FILE])
  expect(await text(FILE)).toContain('- **Status**: open')
  await take(sessionOf(9, [info]))
  expect(await text(FILE)).toContain('4 sessions in a row')
  await take(sessionOf(10, [], { kpis: {} }), sessionOf(11, []))
  await expect(await text(FILE)).toMatchFileSnapshot('./golden/incident.md')
  await take(sessionOf(12, []))
  expect(await files()).toEqual([FILE])
})

test.for<[name: string, lines: readonly LedgerLine[], count: number]>([
  ['two critical sessions', [sessionOf(6, [critical]), sessionOf(7, [critical])], 0],
  ['three warnings', [6, 7, 8].map((n) => sessionOf(n, [warning])), 0],
  ['a good session in between', [sessionOf(6, [critical]), sessionOf(7, []), sessionOf(8, [critical])], 0],
  ['one that drifted far', [sessionOf(6, [alert({ severity: 'CRITICAL', reason: 'drifted_far' })])], 1],
  [
    'two streaks',
    [6, 7, 8, 10, 11, 12].flatMap((n) =>
      n === 10 ? [sessionOf(9, []), sessionOf(10, [critical])] : [sessionOf(n, [critical])],
    ),
    2,
  ],
  ['three agent types', [6, 7, 8].map((n) => sessionOf(n, [critical], { agent_type: `a${n}` })), 0],
])('%s', async ([, lines, count]) => {
  await take(...seeds, ...lines)
  expect(await files()).toHaveLength(count)
})

test.for<[name: string, before: string | undefined, after: string | undefined, told: string]>([
  ['another file', 'aaaa', 'bbbb', '- Agent file: changed (aaaa → bbbb)'],
  ['the same file', 'aaaa', 'aaaa', '- Agent file: the same (aaaa)'],
  ['no file', undefined, undefined, '- Agent file: what was in it then is not known'],
  ['a file that was touched meanwhile', 'aaaa', undefined, '- Agent file: what was in it then is not known'],
])('an incident tells of %s', async ([, before, after, told]) => {
  const withHash = ({ agent_file_hash: _, ...line }: LedgerLine, hash: string | undefined): LedgerLine =>
    hash === undefined ? line : { ...line, agent_file_hash: hash }
  // Of the last one before, the hash need not be known.
  await take(...seeds.map((line, n) => withHash(line, n < 4 ? before : undefined)))
  await take(...[6, 7, 8].map((n) => withHash(sessionOf(n, [critical]), after)))
  expect(await text(FILE)).toContain(told)
})

describe('after a restart', () => {
  test('the streak goes on in the same file, and what is handed on again changes nothing', async () => {
    await take(...seeds, ...[6, 7, 8].map((n) => sessionOf(n, [critical])))
    const before = await text(FILE)
    incidents = open()
    await incidents.take(sessionOf(8, [critical]))
    expect(await text(FILE)).toBe(before)
    await take(sessionOf(9, [critical]))
    expect(await files()).toEqual([FILE])
    expect(await text(FILE)).toContain('| s6 ')
    incidents = open()
    await take(sessionOf(10, []))
    expect(await text(FILE)).toContain('- **Status**: closed 2026-02-10 09:30 UTC')
  })

  test('all of it handed on again from the beginning gives the same files', async () => {
    const lines = [...seeds, ...[6, 7, 8].map((n) => sessionOf(n, [critical])), sessionOf(9, [])]
    await take(...lines)
    const before = await text(FILE)
    await rm(join(directory, 'incidents'), { recursive: true })
    incidents = open()
    incidents.reset()
    for (const line of lines) await incidents.take(line)
    expect(await text(FILE)).toBe(before)
  })
})

test.for(['../../x', '🙂', '|x|\n# y', 'CON', 'x'.repeat(300)])(
  'agent type %j stays in the folder and in its lines',
  async (agentType) => {
    await take(...[6, 7, 8].map((n) => sessionOf(n, [critical], { agent_type: agentType })))
    const [name = ''] = await files()
    expect(name).toMatch(/^[\w.~-]+-error_rate-20260208T093000Z\.md$/)
    expect(Buffer.byteLength(name)).toBeLessThan(255)
    expect((await text(name)).match(/^#/gm)).toHaveLength(4)
    expect(await readdir(directory)).not.toContain('x')
  },
)
