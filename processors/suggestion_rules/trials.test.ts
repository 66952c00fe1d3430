import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { ledgerLine } from '#src/report/ledger-line.fixture.ts'
import { openStore } from '#src/store/open-store.ts'
import { eventOf } from '#src/suggestion/suggestion-event.fixture.ts'
import { Trials } from './trials.ts'

test('why what is proven stays a proposal is said once, not after each session', async () => {
  const directory = await mkdtemp(join(tmpdir(), 'agentperf-trials-'))
  const store = await openStore({ directory, mode: 'write', nowMs: Date.now })
  onTestFinished(async () => {
    await store.close()
    await rm(directory, { recursive: true })
  })
  await store.suggestions.append((['proposed', 'activated', 'proven'] as const).map(eventOf))
  const warnings: object[] = []
  const log = { debug() {}, info() {}, warn: (fields: object) => void warnings.push(fields), error() {} }
  const config = {
    decision: 'trial',
    max_active: 3,
    promote: 'apply',
    agents_directory: join(directory, 'agents'),
  } as const
  const trials = new Trials({ config, context: { store, log, now: Date.now }, rules: [], directory })
  for (const id of ['s1', 's2']) {
    await trials.settle({ line: ledgerLine({ session_id: id, agent_type: 'reviewer' }), live: false })
  }
  expect(warnings).toEqual([{ suggestion: 'opt-a', agent_type: 'reviewer', reason: 'there is no file reviewer.md' }])
  expect(store.suggestions.get('opt-a')?.state).toBe('proven')
})
