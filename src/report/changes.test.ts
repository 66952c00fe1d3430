import { expect, test } from 'vitest'
import { whatChanged } from './changes.ts'
import { ledgerLine } from './ledger-line.fixture.ts'

function lines(kpi: string, values: readonly number[]) {
  return values.map((value) => ledgerLine({ agent_type: 'coder', kpis: { [kpi]: value } }))
}

const STEADY = [0.1, 0.12, 0.08, 0.11, 0.09, 0.1]

test.for<{ name: string; kpi: string; values: number[]; worse: boolean | undefined }>([
  { name: 'errors rose', kpi: 'error_rate', values: [...STEADY, 0.3, 0.3, 0.3], worse: true },
  { name: 'errors fell', kpi: 'error_rate', values: [...STEADY, 0, 0, 0.01], worse: false },
  { name: 'efficiency rose', kpi: 'token_efficiency', values: [...STEADY, 0.3, 0.3, 0.3], worse: false },
  { name: 'nothing changed', kpi: 'error_rate', values: [...STEADY, 0.1, 0.11, 0.09], worse: undefined },
  { name: 'too few sessions before', kpi: 'error_rate', values: [0.1, 0.12, 0.3, 0.3, 0.3], worse: undefined },
  {
    name: 'nothing to compare with: always the same',
    kpi: 'error_rate',
    values: [0, 0, 0, 0, 0, 1, 1, 1],
    worse: undefined,
  },
])('$name', ({ kpi, values, worse }) => {
  const [change] = whatChanged(lines(kpi, values))
  expect(change === undefined ? undefined : change.deviation > 0).toBe(worse)
})
