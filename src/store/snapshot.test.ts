import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import fc from 'fast-check'
import { afterEach, beforeEach, expect, test } from 'vitest'
import type { LedgerLine } from '#src/model/assessment.ts'
import { ledgerLine } from '#src/model/ledger-line.fixture.ts'
import { loadHistory } from './history-loader.ts'
import { layoutOf } from './layout.ts'
import { Ledger } from './ledger.ts'
import type { LedgerHistory } from './ledger-history.ts'
import { writeSnapshot } from './snapshot.ts'

const SEED = 20261120
const WANTED = { ignoreSnapshot: false, knowsNone: false }
const UNWANTED = { ignoreSnapshot: true, knowsNone: false }

let directory = ''
let ledgers = 0
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'agentperf-snapshot-'))
})
afterEach(() => rmSync(directory, { recursive: true }))

const bytesOf = (lines: readonly LedgerLine[]) => Buffer.from(lines.map((line) => `${JSON.stringify(line)}\n`).join(''))

function dump(history: LedgerHistory) {
  const { agentTypes, columns } = history.index.toBytes()
  return {
    agentTypes,
    columns: columns.map((column) => Buffer.from(column).toString('hex')),
    ranks: history.ranks.buckets(),
    histories: history.agentTypes().map((agentType) => history.of(agentType)),
  }
}

/** A ledger with lines, of which the first ones are in a snapshot. */
async function ledgerWithSnapshot(lines: readonly LedgerLine[], inSnapshot: number) {
  const layout = layoutOf(join(directory, String(ledgers++)))
  const ledger = Ledger.openForWriting(layout.ledger)
  ledger.append(bytesOf(lines.slice(0, inSnapshot)))
  const { history } = await loadHistory(ledger, layout, WANTED)
  await writeSnapshot(layout.snapshot, history, ledger)
  ledger.append(bytesOf(lines.slice(inSnapshot)))
  return { layout, ledger }
}

const lines = [1, 2, 3, 4].map((number) => ledgerLine({ session_id: `s${number}`, kpis: { error_rate: number / 10 } }))

test('a snapshot and the lines after it make the same history as the whole ledger', async () => {
  const commits = fc.array(
    fc.record({
      session: fc.nat(20),
      agent: fc.constantFrom('a', 'b', 'größe'),
      value: fc.double({ noNaN: true, noDefaultInfinity: true }),
    }),
    { maxLength: 40, size: 'max' },
  )
  await fc.assert(
    fc.asyncProperty(commits, fc.nat(), async (picks, pick) => {
      const all = picks.map(({ session, agent, value }, number) =>
        ledgerLine({ session_id: `s${session}`, agent_type: agent, revision: number + 1, kpis: { error_rate: value } }),
      )
      const { layout, ledger } = await ledgerWithSnapshot(all, pick % (all.length + 1))
      const loaded = await loadHistory(ledger, layout, WANTED)
      expect(loaded.snapshotProblem).toBeUndefined()
      expect(loaded.linesRead).toBe(all.length - (pick % (all.length + 1)))
      expect(dump(loaded.history)).toEqual(dump((await loadHistory(ledger, layout, UNWANTED)).history))
      ledger.close()
    }),
    { seed: SEED, numRuns: 50 },
  )
})

test.for<{ name: string; damage: (snapshot: Buffer) => Buffer }>([
  { name: 'cut short', damage: (bytes) => bytes.subarray(0, -5) },
  { name: 'empty', damage: () => Buffer.alloc(0) },
  { name: 'changed in one bit', damage: (bytes) => bytes.fill((bytes[40] ?? 0) ^ 1, 40, 41) },
])('a snapshot that is $name is not used', async ({ damage }) => {
  const { layout, ledger } = await ledgerWithSnapshot(lines, 2)
  writeFileSync(layout.snapshot, damage(readFileSync(layout.snapshot)))
  const { history, linesRead, snapshotProblem } = await loadHistory(ledger, layout, WANTED)
  expect({ snapshotProblem, linesRead, sessions: history.index.sessionCount }).toEqual({
    snapshotProblem: 'damaged',
    linesRead: 4,
    sessions: 4,
  })
  ledger.close()
})

test.for<{ name: string; change: (ledger: Buffer) => Buffer }>([
  { name: 'is shorter', change: (bytes) => bytes.subarray(0, bytes.indexOf(10) + 1) },
  { name: 'has other bytes there', change: (bytes) => Buffer.from(bytes.toString().replace('"s2"', '"s22"')) },
])('a snapshot is not used when the ledger $name', async ({ change }) => {
  const { layout, ledger } = await ledgerWithSnapshot(lines, 2)
  ledger.close()
  writeFileSync(layout.ledger, change(readFileSync(layout.ledger)))
  const again = Ledger.openForWriting(layout.ledger)
  expect((await loadHistory(again, layout, WANTED)).snapshotProblem).toBe('other_ledger')
  again.close()
})

test('bad lines are counted', async () => {
  const { layout, ledger } = await ledgerWithSnapshot(lines, 2)
  ledger.append(Buffer.from('nonsense\n'))
  expect((await loadHistory(ledger, layout, WANTED)).badLines).toBe(1)
  ledger.close()
})
