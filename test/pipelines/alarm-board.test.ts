import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { AlarmBoard } from '#processors/alerting/alarms.ts'
import { configSchema } from '#processors/alerting/config.ts'
import { lastLineOf } from '#src/cli/agent-types.ts'
import type { Context } from '#src/component.ts'
import type { LedgerLine } from '#src/model/assessment.ts'
import { alert, ledgerLine } from '#src/report/ledger-line.fixture.ts'
import { type OpenStore, openStore } from '#src/store/open-store.ts'

const ALARMING = {
  session_id: 'a',
  ended_at: '2026-02-10T10:00:00.000Z',
  alert_level: 'CRITICAL',
  alerts: [alert({ severity: 'CRITICAL' })],
} as const
const FINE_AFTER_ALL = { session_id: 'a', revision: 2 }
const STOPPED = { session_id: 'stopped', totals: { prompts: 1 }, tools: {} }
const LATER_END = { session_id: 'b', ended_at: '2026-02-10T10:02:00.000Z' }

let directory: string
let store: OpenStore
let board: AlarmBoard

beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'agentperf-alarms-'))
  store = await openStore({ directory, mode: 'write', nowMs: () => 0 })
  board = new AlarmBoard({ id: 'alerting', store } as unknown as Context, configSchema.parse({ block: 'confirm' }))
})

afterEach(async () => {
  await store.close()
  await rm(directory, { recursive: true })
})

async function commit(line: Partial<LedgerLine>): Promise<void> {
  const batch = [{ line: ledgerLine({ agent_type: 'coder', ...line }), live: false }]
  await store.commit(batch)
  board.committed(batch)
}

const warning = () => board.atStart({ sessionId: 'next', agentType: 'coder', begins: true })

test.for<{ name: string; lines: readonly Partial<LedgerLine>[]; alarming: boolean }>([
  { name: 'that ended before another', lines: [LATER_END, ALARMING], alarming: true },
  { name: 'behind which one did nothing', lines: [ALARMING, STOPPED], alarming: true },
  { name: 'that is fine after all', lines: [ALARMING, FINE_AFTER_ALL], alarming: false },
  {
    name: 'that is fine after all, behind it a stopped one',
    lines: [ALARMING, STOPPED, FINE_AFTER_ALL],
    alarming: false,
  },
  { name: 'that is an older one', lines: [ALARMING, LATER_END, { ...ALARMING, revision: 2 }], alarming: false },
])('the alarm is that of the session which ack means: one $name', async ({ lines, alarming }) => {
  for (const line of lines) await commit(line)
  expect(warning() !== '').toBe(alarming)
  expect(lastLineOf(directory, 'coder')?.alert_level === 'CRITICAL').toBe(alarming)
})

test('a better revision lifts its alarm where the history begins anew behind it', async () => {
  await commit(ALARMING)
  await store.resetHistory('coder', '2026-02-11T00:00:00.000Z')
  expect(warning()).not.toBe('')
  await commit(FINE_AFTER_ALL)
  expect(warning()).toBe('')
})
