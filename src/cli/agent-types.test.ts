import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import type { LedgerLine } from '#src/model/assessment.ts'
import { ledgerLine } from '#src/report/ledger-line.fixture.ts'
import { lastLineOf, lastLines } from './agent-types.ts'

const NOTHING = { totals: { prompts: 1 }, tools: {} }

let directory: string

beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'agentperf-agent-types-'))
})

afterEach(() => rm(directory, { recursive: true }))

async function fill(...lines: readonly Partial<LedgerLine>[]): Promise<void> {
  await mkdir(join(directory, 'history'))
  const text = lines.map((line) => `${JSON.stringify(ledgerLine({ agent_type: 'coder', ...line }))}\n`).join('')
  await writeFile(join(directory, 'history', 'kpis.jsonl'), text)
}

test.for<{ name: string; lines: readonly Partial<LedgerLine>[]; last: string }>([
  {
    name: 'the one that was committed last, whenever it ended',
    lines: [
      { session_id: 'b', ended_at: '2026-02-10T10:02:00.000Z' },
      { session_id: 'a', ended_at: '2026-02-10T10:00:00.000Z' },
    ],
    last: 'a.1',
  },
  {
    name: 'no older one that was resumed',
    lines: [{ session_id: 'a' }, { session_id: 'b' }, { session_id: 'a', revision: 2 }],
    last: 'b.1',
  },
  {
    name: 'the last revision, behind one that did nothing',
    lines: [{ session_id: 'a' }, { session_id: 'stopped', ...NOTHING }, { session_id: 'a', revision: 2 }],
    last: 'a.2',
  },
  {
    name: 'one that did nothing, where there is no other',
    lines: [
      { session_id: 'a', ...NOTHING },
      { session_id: 'b', ...NOTHING },
    ],
    last: 'b.1',
  },
  {
    name: 'one whose first revision is lost',
    lines: [{ session_id: 'a', revision: 2 }],
    last: 'a.2',
  },
])('the last session of an agent type: $name', async ({ lines, last }) => {
  await fill(...lines, { session_id: 'other', agent_type: 'other' })
  for (const found of [lastLineOf(directory, 'coder'), lastLines(directory).find((one) => one.agent_type === 'coder')])
    expect(`${found?.session_id}.${found?.revision}`).toBe(last)
})

test('of one agent type no more is read than needed', async () => {
  // A line that nobody may read.
  await fill({ session_id: 'newer', schema: 99 }, { session_id: 'a' }, { session_id: 'other', agent_type: 'other' })
  expect(lastLineOf(directory, 'coder')?.session_id).toBe('a')
  expect(() => lastLines(directory)).toThrow()
})
