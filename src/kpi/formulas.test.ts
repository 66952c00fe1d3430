import { expect, test } from 'vitest'
import type { Session } from '../model/session.ts'
import { FORMULAS } from './formulas.ts'
import { priceTable } from './model-prices.ts'
import { edgarAndNadyne, session } from './session.fixture.ts'
import { type Definitions, KPI_NAMES, type KpiName } from './table.ts'
import { MANAGEMENT_TOOLS } from './tool-overhead-ratio.ts'

const TOOLS = { prices: priceTable(), managementTools: MANAGEMENT_TOOLS }

test.for<{ variant: 'A' | 'B'; definitions: Definitions; kpi: KpiName; value: number; digits: number }>([
  { variant: 'A', definitions: 'standard', kpi: 'token_efficiency', value: 0.001016, digits: 6 },
  { variant: 'A', definitions: 'standard', kpi: 'task_completion_rate', value: 0.8, digits: 6 },
  { variant: 'A', definitions: 'standard', kpi: 'tool_overhead_ratio', value: 1.7333, digits: 4 },
  { variant: 'A', definitions: 'standard', kpi: 'cache_efficiency', value: 0.9827, digits: 4 },
  { variant: 'A', definitions: 'standard', kpi: 'error_rate', value: 0, digits: 6 },
  { variant: 'A', definitions: 'standard', kpi: 'active_time_ratio', value: 0.093, digits: 3 },
  { variant: 'A', definitions: 'standard', kpi: 'quality_relevance', value: 0.95, digits: 6 },
  { variant: 'A', definitions: 'standard', kpi: 'quality_faithfulness', value: 0.95, digits: 6 },
  { variant: 'A', definitions: 'standard', kpi: 'quality_coherence', value: 0.93, digits: 6 },
  { variant: 'A', definitions: 'standard', kpi: 'quality_hallucination', value: 0.0333, digits: 4 },
  {
    variant: 'A',
    definitions: 'standard',
    kpi: 'fresh_token_efficiency',
    value: 1752 / (19 + 30_305 + 1752),
    digits: 9,
  },
  { variant: 'B', definitions: 'standard', kpi: 'token_efficiency', value: 0.001042, digits: 6 },
  { variant: 'B', definitions: 'standard', kpi: 'cache_efficiency', value: 0.9369, digits: 4 },
  { variant: 'B', definitions: 'standard', kpi: 'compactions', value: 1, digits: 6 },
  { variant: 'A', definitions: 'seed', kpi: 'token_efficiency', value: 0.001016, digits: 6 },
  { variant: 'A', definitions: 'seed', kpi: 'task_completion_rate', value: 1, digits: 6 },
  { variant: 'A', definitions: 'seed', kpi: 'tool_overhead_ratio', value: 2.3636, digits: 4 },
  { variant: 'A', definitions: 'seed', kpi: 'cache_efficiency', value: 0.99999, digits: 5 },
  { variant: 'A', definitions: 'seed', kpi: 'active_time_ratio', value: 0, digits: 6 },
  { variant: 'A', definitions: 'seed', kpi: 'error_rate', value: 0, digits: 6 },
  { variant: 'A', definitions: 'seed', kpi: 'quality_faithfulness', value: 0.95, digits: 6 },
  { variant: 'B', definitions: 'seed', kpi: 'cache_efficiency', value: 0.9516, digits: 4 },
])('Edgar & Nadyne $variant, $definitions: $kpi is $value', ({ variant, definitions, kpi, value, digits }) => {
  expect(measured(definitions, kpi, edgarAndNadyne(variant))).toBeCloseTo(value, digits)
})

test('the task completion of Edgar & Nadyne is marked as estimated', () => {
  expect(FORMULAS.standard.task_completion_rate(edgarAndNadyne('A'), TOOLS)).toMatchObject({ estimated: true, n: 10 })
})

test.for((['standard', 'seed'] as const).flatMap((definitions) => KPI_NAMES.map((kpi) => ({ definitions, kpi }))))(
  'a session without any record has no $kpi ($definitions), rather than 0 or 1',
  ({ definitions, kpi }) => {
    expect(FORMULAS[definitions][kpi](session(), TOOLS)).toEqual({ absent: expect.stringMatching(/\w/) })
  },
)

test('a session whose wall clock stood still has no active time ratio under the mission’s formula either', () => {
  const still = { ...edgarAndNadyne('A'), endedAtMs: edgarAndNadyne('A').startedAtMs }
  expect(FORMULAS.seed.active_time_ratio(still, TOOLS)).toEqual({ absent: 'the session has no duration' })
})

test('the mission’s active time counts overlapping spans twice and is cut off at 1', () => {
  const busy = session({ spans: { count: 3, notOk: 1, longMs: 3 * 3_600_000 } })
  expect(measured('seed', 'active_time_ratio', busy)).toBe(1)
  expect(measured('seed', 'error_rate', busy)).toBeCloseTo(1 / 3, 12)
})

test('the mission’s median of an even number of scores is the upper one', () => {
  const judged = session({ evaluations: { relevance: [0.5, 0.9, 0.7, 0.6] } })
  expect(measured('seed', 'quality_relevance', judged)).toBe(0.7)
  expect(measured('standard', 'quality_relevance', judged)).toBeCloseTo(0.65, 12)
})

function measured(definitions: Definitions, kpi: KpiName, of: Session): number {
  const result = FORMULAS[definitions][kpi](of, TOOLS)
  if ('absent' in result) throw new Error(`${kpi} is absent: ${result.absent}`)
  return result.value
}
