import { expect, test } from 'vitest'
import { quantile } from '../stats/quantile.ts'
import { percentilesOf } from './percentiles.ts'

test('without values there are no percentiles', () => {
  expect(percentilesOf('error_rate', [])).toEqual({})
})

test('below 30 values there is no 99th percentile', () => {
  expect(percentilesOf('active_time_ratio', ratios(29))).not.toHaveProperty('p99')
  expect(percentilesOf('active_time_ratio', ratios(30))).toHaveProperty('p99')
})

test('the tails of few values come from a log-normal distribution where the KPI is on a log scale', () => {
  const values = Array.from({ length: 60 }, (_, index) => Math.exp(index % 2 === 0 ? 1 : 2))
  const { p95, p99 } = percentilesOf('tool_overhead_ratio', values)
  // Logarithms of 1 and 2 in turn: their moving mean is near 1.5, their standard deviation near 0.5.
  expect(Math.log(p95 ?? 0)).toBeCloseTo(1.5 + 1.645 * 0.5, 1)
  expect(Math.log(p99 ?? 0)).toBeCloseTo(1.5 + 2.326 * 0.5, 1)
})

test('the tails of a ratio stay below 1', () => {
  const { p95 = 0, p99 = 0 } = percentilesOf(
    'cache_efficiency',
    ratios(60).map((value) => 0.9 + value / 11),
  )
  expect(p95).toBeGreaterThan(0.9)
  expect(p99).toBeGreaterThan(p95)
  expect(p99).toBeLessThan(1)
})

test('where a value stands at the bound, the tails are those of the values', () => {
  const values = [...Array.from({ length: 40 }, () => 0), 0.02, 0.04]
  const { p50, p95, p99 } = percentilesOf('error_rate', values)
  expect(p50).toBe(0)
  expect(p95).toBeGreaterThan(0)
  expect(p99).toBeLessThanOrEqual(0.04)
})

test('from 100 values on the tails are exact, with newer values counting more', () => {
  const values = Array.from({ length: 200 }, (_, index) => index)
  const { p50 = 0, p95 = 0 } = percentilesOf('compactions', values)
  expect(p50).toBeGreaterThan(quantile(values, 0.5) ?? 0)
  expect(p95).toBeLessThanOrEqual(199)
  expect(p95).toBeGreaterThan(quantile(values, 0.95) ?? 0)
})

test('few values of a KPI that the configuration defines are taken for normal', () => {
  expect(percentilesOf('mine', [1, 1, 1])).toEqual({ p50: 1, p95: 1 })
})

function ratios(count: number): readonly number[] {
  return Array.from({ length: count }, (_, index) => ((index * 7) % 10) / 10 + 0.05)
}
