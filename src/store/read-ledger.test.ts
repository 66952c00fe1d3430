import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { EnvironmentError } from '#src/errors.ts'
import type { LedgerLine } from '#src/model/assessment.ts'
import { ledgerLine } from '#src/model/ledger-line.fixture.ts'
import { latestLines, readLedger } from './read-ledger.ts'

let directory = ''
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'agentperf-read-'))
})
afterEach(() => rmSync(directory, { recursive: true }))

function writeLedger(text: string) {
  mkdirSync(join(directory, 'history'))
  writeFileSync(join(directory, 'history', 'kpis.jsonl'), text)
}

const textOf = (lines: readonly LedgerLine[]) => lines.map((line) => `${JSON.stringify(line)}\n`).join('')
const line = (id: string, revision = 1, agent = 'a') => ledgerLine({ session_id: id, revision, agent_type: agent })
const shown = (lines: Iterable<LedgerLine>) =>
  Array.from(lines, ({ session_id, revision }) => `${session_id}.${revision}`)

test.for<{ name: string; text: string; found: string[] }>([
  { name: 'empty', text: '', found: [] },
  { name: 'one line', text: textOf([line('x')]), found: ['x.1'] },
  { name: 'newest first', text: textOf([line('x'), line('y'), line('z')]), found: ['z.1', 'y.1', 'x.1'] },
  { name: 'the last revision of each', text: textOf([line('x'), line('y'), line('x', 2)]), found: ['x.2', 'y.1'] },
  {
    name: 'an unfinished last line',
    text: `${textOf([line('x')])}${textOf([line('y')]).slice(0, -1)}`,
    found: ['x.1'],
  },
  { name: 'only an unfinished line', text: '{"schema"', found: [] },
  {
    name: 'bad and empty lines',
    text: `\n\n${textOf([line('x')])}bad\n\n${textOf([line('y')])}`,
    found: ['y.1', 'x.1'],
  },
])('a ledger read backwards: $name', ({ text, found }) => {
  writeLedger(text)
  expect(shown(readLedger({ directory }))).toEqual(found)
})

test('lines are whole wherever the pieces that are read begin', () => {
  const lines = Array.from({ length: 300 }, (_, number) =>
    ledgerLine({ session_id: `s${number}`, agent_version: 'é'.repeat((number * 7919) % 4000) }),
  )
  const long = ledgerLine({ session_id: 'long', agent_version: 'x'.repeat(900_000) })
  const all = [...lines.slice(0, 150), long, ...lines.slice(150)]
  writeLedger(textOf(all))
  expect(readLedger({ directory })).toEqual(all.toReversed())
})

test('sessions are limited, and chosen by the agent type of their last revision', () => {
  writeLedger(textOf([line('x'), line('y', 1, 'b'), line('z'), line('x', 2, 'b'), line('w')]))
  expect(shown(readLedger({ directory, limit: 2 }))).toEqual(['w.1', 'x.2'])
  expect(shown(readLedger({ directory, limit: 0 }))).toEqual([])
  expect(shown(readLedger({ directory, agentType: 'a' }))).toEqual(['w.1', 'z.1'])
  expect(shown(readLedger({ directory, agentType: 'b', limit: 1 }))).toEqual(['x.2'])
})

test('without a ledger there are no sessions', () => {
  expect(readLedger({ directory })).toEqual([])
  expect([...latestLines(join(directory, 'none'))]).toEqual([])
})

test('a line of a newer schema is refused', () => {
  writeLedger(textOf([{ ...line('x'), schema: 2 }]))
  expect(() => readLedger({ directory })).toThrow(EnvironmentError)
})
