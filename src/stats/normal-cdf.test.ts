import fc from 'fast-check'
import { cumulativeStdNormalProbability, errorFunction } from 'simple-statistics'
import { expect, test } from 'vitest'
import { normalCdf } from './normal-cdf.ts'
import { normalQuantile } from './normal-quantile.ts'

const SEED = 20_261_124

// Abramowitz & Stegun, table 26.1.
test.for<[x: number, p: number]>([
  [0, 0.5],
  [1, 0.841344746068543],
  [1.96, 0.97500210485178],
  [-2.5, 0.006209665325776],
  [4, 0.999968328758167],
])('a standard normal variable is below %d with probability %d', ([x, p]) => {
  expect(normalCdf(x)).toBeCloseTo(p, 14)
})

test('it agrees with simple-statistics to 6 digits', () => {
  for (let x = -3; x <= 3; x += 0.01) {
    expect(normalCdf(x)).toBeCloseTo((1 + errorFunction(x / Math.SQRT2)) / 2, 6)
    // Its table has 4 digits.
    expect(Math.abs(normalCdf(x) - cumulativeStdNormalProbability(x))).toBeLessThan(5e-3)
  }
})

test('it is the inverse of the quantile, and symmetric', () => {
  fc.assert(
    fc.property(fc.double({ min: -6, max: 6, noNaN: true }), (x) => {
      expect(normalQuantile(normalCdf(x))).toBeCloseTo(x, 5)
      expect(normalCdf(x) + normalCdf(-x)).toBeCloseTo(1, 14)
    }),
    { seed: SEED },
  )
})

test('the ends are certain', () => {
  expect([-9, 9, Number.NEGATIVE_INFINITY, Number.POSITIVE_INFINITY].map(normalCdf)).toEqual([0, 1, 0, 1])
})
