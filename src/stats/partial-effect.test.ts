import fc from 'fast-check'
import { linearRegression, mean, tTestTwoSample } from 'simple-statistics'
import { expect, test } from 'vitest'
import { partialEffect } from './partial-effect.ts'
import { randomNormal, seededRandom } from './random.ts'

const SEED = 20_261_124
// Of two digits: where all scatter is rounding, no two formulas agree.
const number = fc.integer({ min: -10_000, max: 10_000 }).map((hundredths) => hundredths / 100)
const numbers = fc.array(number, { minLength: 3, maxLength: 15 })

test('of two groups it is the difference of means, with the variance of Student’s test', () => {
  fc.assert(
    fc.property(numbers, numbers, (treated, control) => {
      const result = compareGroups(treated, control)
      expect(result?.effect).toBeCloseTo(mean(treated) - mean(control), 6)
      const t = tTestTwoSample(treated, control)
      expect(result?.degreesOfFreedom).toBe(treated.length + control.length - 2)
      if (result === undefined || result.variance < 1e-9 || t === null) return
      expect(result.effect / Math.sqrt(result.variance)).toBeCloseTo(t, 6)
    }),
    { seed: SEED },
  )
})

test('of one number it is the slope of simple-statistics', () => {
  const random = seededRandom(SEED)
  const x = Array.from({ length: 20 }, () => randomNormal(random))
  const y = x.map((one) => 3 - 0.7 * one + randomNormal(random))
  const slope = linearRegression(x.map((one, i) => [one, y[i] ?? 0])).m
  const weights = x.map(() => 1)
  expect(partialEffect({ values: y, weights, column: x, others: [weights], minStdDev: 0 })?.effect).toBeCloseTo(
    slope,
    9,
  )
})

test('what other columns explain is not counted', () => {
  // Three factors that are on and off in all combinations, and two levels.
  const rows = Array.from({ length: 16 }, (_, i) => ({ a: i & 1, b: (i >> 1) & 1, c: (i >> 2) & 1, late: i >> 3 }))
  const values = rows.map(({ a, b, c, late }) => 1 + 0.5 * a - 2 * b + 3 * c + 10 * late)
  const weights = rows.map(() => 1)
  const others = [weights, rows.map(({ b }) => b), rows.map(({ c }) => c), rows.map(({ late }) => late)]
  const result = partialEffect({ values, weights, column: rows.map(({ a }) => a), others, minStdDev: 0 })
  expect(result?.effect).toBeCloseTo(0.5, 12)
  expect(result?.variance).toBeCloseTo(0, 12)
  expect(result?.degreesOfFreedom).toBe(11)
})

test('an observation of weight 2 counts as two', () => {
  const twice = compareGroups([5, 5, 9], [1, 2])
  const weighted = partialEffect({
    values: [5, 9, 1, 2],
    weights: [2, 1, 1, 1],
    column: [1, 1, 0, 0],
    others: [[1, 1, 1, 1]],
    minStdDev: 0,
  })
  expect(weighted?.effect).toBeCloseTo(twice?.effect ?? Number.NaN, 12)
})

test('where a column says nothing of its own, there is no effect', () => {
  const ones = [1, 1, 1, 1]
  const regression = { values: [1, 2, 3, 4], weights: ones, minStdDev: 0 }
  expect(partialEffect({ ...regression, column: ones, others: [ones] })).toBeUndefined()
  expect(partialEffect({ ...regression, column: [1, 1, 0, 0], others: [ones, [0, 0, 1, 1]] })).toBeUndefined()
  expect(partialEffect({ ...regression, column: [0, 0, 0, 0], others: [ones] })).toBeUndefined()
  const two = { values: [1, 2], weights: [1, 1], column: [1, 0], others: [[1, 1]], minStdDev: 0 }
  expect(partialEffect(two)).toBeUndefined()
})

test('values that do not scatter are taken to scatter by the least amount', () => {
  const result = compareGroups([3, 3, 3], [1, 1, 1], 0.3)
  expect(result?.effect).toBe(2)
  expect(result?.variance).toBeCloseTo(0.09 * (1 / 3 + 1 / 3), 12)
})

function compareGroups(treated: readonly number[], control: readonly number[], minStdDev = 0) {
  const values = [...treated, ...control]
  const ones = values.map(() => 1)
  const column = [...treated.map(() => 1), ...control.map(() => 0)]
  return partialEffect({ values, weights: ones, column, others: [ones], minStdDev })
}
