import { expect, test } from 'vitest'
import { type Trend, trendOf } from './trend.ts'

test.for<{ values: number[]; higher: Trend | undefined; lower: Trend | undefined; unjudged: Trend | undefined }>([
  { values: [], higher: undefined, lower: undefined, unjudged: undefined },
  { values: [1, 2], higher: undefined, lower: undefined, unjudged: undefined },
  { values: [1, 1, 1], higher: 'stable', lower: 'stable', unjudged: 'stable' },
  { values: [0, 0, 0], higher: 'stable', lower: 'stable', unjudged: 'stable' },
  { values: [1, 1, 1.04], higher: 'stable', lower: 'stable', unjudged: 'stable' },
  { values: [1, 9, 1, 2], higher: 'improving', lower: 'worsening', unjudged: 'rising' },
  { values: [3, 2, 2, 1], higher: 'worsening', lower: 'improving', unjudged: 'falling' },
  { values: [0, 0, 0.1], higher: 'improving', lower: 'worsening', unjudged: 'rising' },
])('$values: $higher where higher is better', ({ values, higher, lower, unjudged }) => {
  expect(trendOf(values, 'higher')).toBe(higher)
  expect(trendOf(values, 'lower')).toBe(lower)
  expect(trendOf(values, undefined)).toBe(unjudged)
})
