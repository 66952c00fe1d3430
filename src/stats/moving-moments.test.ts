import fc from 'fast-check'
import { mean as oracleMean, variance as oracleVariance } from 'simple-statistics'
import { expect, test } from 'vitest'
import { mean } from './mean.ts'
import { addToMoments, type MovingMoments, momentsOf, NO_MOMENTS } from './moving-moments.ts'

const SEED = 20_261_120

test('the first value is the mean', () => {
  expect(oneByOne([0.7], 0.2)).toEqual({ n: 1, mean: 0.7, variance: 0 })
})

test('the first values count alike until alpha takes over', () => {
  expect(oneByOne([1, 3], 0.2).mean).toBe(2)
  expect(oneByOne([1, 3, 5], 0.2).mean).toBe(3)
  const five = oneByOne([2, 2, 2, 2, 2], 0.2)
  expect(addToMoments(five, 12, 0.2).mean).toBeCloseTo(4, 12)
})

test('variance follows Finch: (1 − α)(v + αd²)', () => {
  const settled: MovingMoments = { n: 50, mean: 10, variance: 4 }
  expect(addToMoments(settled, 15, 0.2)).toEqual({ n: 51, mean: 11, variance: 0.8 * (4 + 0.2 * 25) })
})

test('while all values count alike, mean and variance are those of simple-statistics', () => {
  const values = fc.array(fc.double({ min: -1000, max: 1000, noNaN: true }), { minLength: 1, maxLength: 50 })
  fc.assert(
    fc.property(values, (all) => {
      const { mean: movingMean, variance } = oneByOne(all, 0.001)
      expect(movingMean).toBeCloseTo(oracleMean(all), 6)
      expect(variance).toBeCloseTo(oracleVariance(all), 6)
    }),
    { seed: SEED },
  )
})

test('all values at once give exactly what they give one by one', () => {
  const values = fc.array(fc.double({ noNaN: true, noDefaultInfinity: true }), { maxLength: 50 })
  fc.assert(
    fc.property(values, fc.double({ min: 0.1, max: 1, noNaN: true }), (all, alpha) => {
      expect(momentsOf(all, alpha)).toEqual(oneByOne(all, alpha))
    }),
    { seed: SEED },
  )
})

test('the moments are those of the weights that they stand for', () => {
  const values = fc.array(fc.double({ min: -10, max: 10, noNaN: true }), { minLength: 1, maxLength: 30 })
  fc.assert(
    fc.property(values, fc.double({ min: 0.1, max: 1, noNaN: true }), (all, alpha) => {
      let weights: number[] = []
      for (const index of all.keys()) {
        const newest = Math.max(1 / (index + 1), alpha)
        weights = [...weights.map((weight) => weight * (1 - newest)), newest]
      }
      const weigh = (numbers: number[]) => numbers.reduce((sum, value, index) => sum + value * (weights[index] ?? 0), 0)
      const expected = weigh(all)
      const { mean: movingMean, variance } = oneByOne(all, alpha)
      expect(movingMean).toBeCloseTo(expected, 6)
      expect(variance).toBeCloseTo(weigh(all.map((value) => (value - expected) ** 2)), 6)
    }),
    { seed: SEED },
  )
})

test('the mean of no values is absent, of others that of simple-statistics', () => {
  expect(mean([])).toBeUndefined()
  expect(mean([0.05, 0.03, 0.02])).toBeCloseTo(oracleMean([0.05, 0.03, 0.02]), 6)
})

function oneByOne(values: readonly number[], alpha: number): MovingMoments {
  return values.reduce((moments, value) => addToMoments(moments, value, alpha), NO_MOMENTS)
}
