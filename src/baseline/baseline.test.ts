import fc from 'fast-check'
import { expect, test } from 'vitest'
import { type BaselineSettings, spreadOf } from './baseline.ts'

const SEED = 20_261_120
const SETTINGS: BaselineSettings = { alpha: 0.2, bootstrapSessions: 5 }

test('without values there is no baseline', () => {
  expect(spreadOf('error_rate', [], SETTINGS)).toBeUndefined()
})

test('one value is the mean, and its scatter the floor', () => {
  expect(spreadOf('cache_efficiency', [0.9], SETTINGS)).toEqual({
    mean: 0.9,
    stdDev: expect.closeTo(0.045, 12),
    n: 1,
    status: 'bootstrap',
    isUncertain: false,
  })
})

test('once alpha weighs more than the start-up, the mean is the mission’s moving average', () => {
  const values = [0.4, 0.4, 0.4, 0.4, 0.4]
  expect(spreadOf('active_time_ratio', [...values, 0.9], SETTINGS)?.mean).toBeCloseTo(0.2 * 0.9 + 0.8 * 0.4, 12)
})

test.for<{ name: string; kpi: string; values: number[]; stdDev: number }>([
  { name: 'the KPI’s own floor', kpi: 'error_rate', values: [0, 0, 0], stdDev: 0.01 },
  { name: '5 % of the mean', kpi: 'tool_overhead_ratio', values: [2, 2, 2], stdDev: 0.1 },
  { name: 'what was measured, when it is more', kpi: 'error_rate', values: [0, 0.2], stdDev: 0.1 },
  { name: 'nothing for an unknown KPI that was always 0', kpi: 'mine', values: [0, 0, 0], stdDev: 0 },
])('the standard deviation is at least $name', ({ kpi, values, stdDev }) => {
  expect(spreadOf(kpi, values, SETTINGS)?.stdDev).toBeCloseTo(stdDev, 12)
})

test.for<{ name: string; values: number[]; status: string }>([
  { name: 'steady from the fifth session on', values: [0.5, 0.5, 0.5, 0.5, 0.5], status: 'converged' },
  { name: 'too few sessions', values: [0.5, 0.5, 0.5, 0.5], status: 'bootstrap' },
  { name: 'a shock within the last three', values: [0.5, 0.5, 0.5, 0.5, 0.5, 0.1, 0.5], status: 'bootstrap' },
])('converged: $name', ({ values, status }) => {
  expect(spreadOf('active_time_ratio', values, SETTINGS)?.status).toBe(status)
})

test('three updates must have left the standard deviation within 10 % each, however few sessions are asked for', () => {
  const eager = { alpha: 0.2, bootstrapSessions: 1 }
  const steady = [0.5, 0.5, 0.5, 0.5]
  expect(spreadOf('active_time_ratio', steady.slice(0, 3), eager)?.status).toBe('bootstrap')
  expect(spreadOf('active_time_ratio', steady, eager)?.status).toBe('converged')
})

test('a baseline is uncertain when its scatter is more than half of its mean', () => {
  expect(spreadOf('error_rate', [0.01], SETTINGS)?.isUncertain).toBe(true)
  expect(spreadOf('error_rate', [0.03], SETTINGS)?.isUncertain).toBe(false)
})

test('a sustained change ends in the new value, whatever was before', () => {
  const before = fc.array(fc.double({ min: 0, max: 1, noNaN: true }), { minLength: 1, maxLength: 20 })
  fc.assert(
    fc.property(before, fc.double({ min: 0, max: 1, noNaN: true }), (values, level) => {
      const spread = spreadOf('active_time_ratio', [...values, ...Array.from({ length: 120 }, () => level)], SETTINGS)
      expect(spread?.mean).toBeCloseTo(level, 6)
      expect(spread?.status).toBe('converged')
    }),
    { seed: SEED },
  )
})
