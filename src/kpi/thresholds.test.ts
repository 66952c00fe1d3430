import { expect, test } from 'vitest'
import { KPI_NAMES, KPI_TABLE, kpiDefinition, type Thresholds } from './table.ts'
import { misordered, thresholdNote } from './thresholds.ts'

test.for<{ kpi: 'cache_efficiency' | 'error_rate'; value: number; code: string | undefined }>([
  { kpi: 'cache_efficiency', value: 0.95, code: undefined },
  { kpi: 'cache_efficiency', value: 0.9, code: undefined },
  { kpi: 'cache_efficiency', value: 0.89, code: 'below_target' },
  { kpi: 'cache_efficiency', value: 0.8, code: 'below_target' },
  { kpi: 'cache_efficiency', value: 0.79, code: 'warning_threshold' },
  { kpi: 'cache_efficiency', value: 0.5, code: 'critical_threshold' },
  { kpi: 'error_rate', value: 0, code: undefined },
  { kpi: 'error_rate', value: 0.01, code: 'below_target' },
  { kpi: 'error_rate', value: 0.05, code: 'below_target' },
  { kpi: 'error_rate', value: 0.06, code: 'warning_threshold' },
  { kpi: 'error_rate', value: 0.2, code: 'critical_threshold' },
])('$kpi of $value: $code', ({ kpi, value, code }) => {
  const definition = { ...KPI_TABLE[kpi], thresholds: KPI_TABLE[kpi].thresholds.standard }
  expect(thresholdNote(kpi, value, definition)?.code).toBe(code)
})

test('the note says which value crossed which threshold, as people read it', () => {
  const definition = { ...KPI_TABLE.error_rate, thresholds: KPI_TABLE.error_rate.thresholds.standard }
  expect(thresholdNote('error_rate', 0.081, definition)).toEqual({
    code: 'warning_threshold',
    kpi: 'error_rate',
    message: 'Error Rate 8.1 % is above the warning threshold 5.0 %',
    threshold: 0.05,
  })
})

test('a value that only misses its target is said to be below it', () => {
  const definition = { ...KPI_TABLE.cache_efficiency, thresholds: KPI_TABLE.cache_efficiency.thresholds.standard }
  expect(thresholdNote('cache_efficiency', 0.85, definition)?.message).toBe(
    'Cache Efficiency 85.0 % is below its target 90.0 %',
  )
})

test('thresholds of which some are missing are checked as far as they go', () => {
  const definition = { ...KPI_TABLE.cache_efficiency, thresholds: { critical: 0.2 } }
  expect(thresholdNote('cache_efficiency', 0.5, definition)).toBeUndefined()
  expect(thresholdNote('cache_efficiency', 0.1, definition)?.code).toBe('critical_threshold')
})

test.for(KPI_NAMES)('the default thresholds of %s get worse from target to critical', (kpi) => {
  const { direction, thresholds } = KPI_TABLE[kpi]
  expect(misordered(thresholds.standard, direction)).toBeUndefined()
  expect(misordered(thresholds.seed, direction)).toBeUndefined()
})

test.for<{ thresholds: Thresholds; pair: unknown }>([
  { thresholds: { target: 0.5, warning: 0.6 }, pair: ['target', 'warning'] },
  { thresholds: { target: 0.9, warning: 0.6, critical: 0.7 }, pair: ['warning', 'critical'] },
  { thresholds: { target: 0.5, critical: 0.6 }, pair: ['target', 'critical'] },
  { thresholds: { target: 0.5, warning: 0.5, critical: 0.5 }, pair: undefined },
])('higher is better: $thresholds contradict each other in $pair', ({ thresholds, pair }) => {
  expect(misordered(thresholds, 'higher')).toEqual(pair)
})

test('standard definitions have no fixed threshold for token efficiency, the mission has', () => {
  expect(KPI_TABLE.token_efficiency.thresholds).toEqual({
    standard: {},
    seed: { target: 0.05, warning: 0.02, critical: 0.01 },
  })
  expect(kpiDefinition('token_efficiency')?.direction).toBe('higher')
  expect(kpiDefinition('toString')).toBeUndefined()
})
