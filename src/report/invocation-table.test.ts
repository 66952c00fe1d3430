import { expect, test } from 'vitest'
import type { LedgerInvocation } from '../model/assessment.ts'
import { invocationTable } from './invocation-table.ts'
import { ledgerLine } from './ledger-line.fixture.ts'

function invocation(id: string, parent: string | null, changes: Partial<LedgerInvocation> = {}): LedgerInvocation {
  return {
    invocation_id: id,
    parent_id: parent,
    agent_type: 'general-purpose',
    status: 'success',
    duration_seconds: 12,
    kpis: { error_rate: 0.125 },
    totals: { fresh_input_tokens: 40, cache_read_tokens: 12_000, cache_creation_tokens: 300, output_tokens: 512 },
    ...changes,
  }
}

test('subagents stand below those that started them, with what they used and did', async () => {
  const invocations = [
    invocation('a1', null, { duration_seconds: 754 }),
    invocation('b1', null, { agent_type: 'my|reviewer', status: 'unknown', totals: { tool_calls: 4 }, kpis: {} }),
    invocation('a2', 'a1', {
      totals: { ...invocation('a2', 'a1').totals, tool_calls: 9, tool_failures: 2, cost_usd: 0.0123 },
    }),
    invocation('a3', 'a2', { agent_type: 'Explore', status: 'failure', duration_seconds: 0.8 }),
    // Its parent is unknown.
    invocation('c1', 'elsewhere', { agent_type: 'Plan' }),
  ]
  await expect(`${invocationTable(ledgerLine({ invocations }))}\n`).toMatchFileSnapshot('invocation-table.golden.md')
})

test('what nothing is known of has no column', () => {
  const bare = { agent_type: 'x', status: 'running', kpis: {}, totals: {} } as const
  const invocations = [{ ...bare, invocation_id: 'a1', parent_id: null }]
  expect(invocationTable(ledgerLine({ invocations })).split('\n')[0]).toBe('| Agent Type | Status  |')
})

test('those that are said to have started each other are shown all the same', () => {
  const invocations = [invocation('a1', 'a2'), invocation('a2', 'a1')]
  expect(invocationTable(ledgerLine({ invocations })).split('\n')).toHaveLength(4)
})
