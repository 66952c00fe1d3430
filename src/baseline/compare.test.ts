import { expect, test } from 'vitest'
import type { Direction } from '../kpi/table.ts'
import { compare } from './compare.ts'

const SETTINGS = { alpha: 0.2, bootstrapSessions: 5 }
const HIGHER = (): Direction => 'higher'
const LOWER = (): Direction => 'lower'

test.for<{ name: string; value: number; directionOf: () => Direction; deviation: number }>([
  { name: 'less of what should be high', value: 0.3, directionOf: HIGHER, deviation: 4 },
  { name: 'more of what should be high', value: 0.6, directionOf: HIGHER, deviation: -2 },
  { name: 'more of what should be low', value: 0.6, directionOf: LOWER, deviation: 2 },
  { name: 'less of what should be low', value: 0.3, directionOf: LOWER, deviation: -4 },
])('positive is worse: $name', ({ value, directionOf, deviation }) => {
  // Always 0.5, so that the standard deviation is its floor, 5 % of the mean… and 0.05 for this KPI.
  const comparison = compare(
    { tool_overhead_ratio: value },
    past(5, { tool_overhead_ratio: 0.5 }),
    SETTINGS,
    directionOf,
  )
  expect(comparison.baselines).toEqual({ tool_overhead_ratio: 0.5 })
  expect(comparison.std_devs.tool_overhead_ratio).toBeCloseTo(0.05, 12)
  expect(comparison.deviations.tool_overhead_ratio).toBeCloseTo(deviation, 9)
})

test('a value at the mean deviates by 0, not -0', () => {
  const { deviations } = compare({ error_rate: 0 }, past(5, { error_rate: 0 }), SETTINGS, HIGHER)
  expect(deviations.error_rate).toBe(0)
})

test('before enough sessions nothing is compared', () => {
  expect(compare({ error_rate: 1 }, past(4, { error_rate: 0 }), SETTINGS, LOWER)).toEqual({
    baselines: {},
    std_devs: {},
    deviations: {},
  })
})

test('sessions without the KPI do not count as sessions with it', () => {
  const values = new Map([...past(4, { error_rate: 0 }), ...past(6, { cache_efficiency: 0.9 })])
  const { baselines } = compare({ error_rate: 0, cache_efficiency: 0.9 }, values, SETTINGS, LOWER)
  expect(Object.keys(baselines)).toEqual(['cache_efficiency'])
})

test('a KPI that is absent now is skipped', () => {
  expect(compare({}, past(9, { error_rate: 0 }), SETTINGS, LOWER).baselines).toEqual({})
})

test('a KPI without a known direction has a baseline but no deviation', () => {
  const comparison = compare({ old: 3 }, past(5, { old: 2 }), SETTINGS, () => undefined)
  expect(comparison).toEqual({ baselines: { old: 2 }, std_devs: { old: 0.1 }, deviations: {} })
})

test('what was always 0 and has no floor cannot be divided by', () => {
  expect(compare({ mine: 1 }, past(5, { mine: 0 }), SETTINGS, HIGHER).deviations).toEqual({})
})

function past(count: number, kpis: Readonly<Record<string, number>>): ReadonlyMap<string, readonly number[]> {
  return new Map(Object.entries(kpis).map(([kpi, value]) => [kpi, new Array<number>(count).fill(value)]))
}
