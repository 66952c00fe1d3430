import fc from 'fast-check'
import { quantile as oracle } from 'simple-statistics'
import { expect, test } from 'vitest'
import { quantile, weightedQuantiles } from './quantile.ts'

const SEED = 20_261_120
const numbers = fc.array(fc.double({ min: -1e6, max: 1e6, noNaN: true }), { minLength: 1, maxLength: 40 })
const shares = fc.double({ min: 0, max: 1, noNaN: true })

test.for<{ name: string; values: number[]; p: number; expected: number | undefined }>([
  { name: 'no values', values: [], p: 0.5, expected: undefined },
  { name: 'one value', values: [7], p: 0.95, expected: 7 },
  { name: 'the median of two lies between them', values: [4, 2], p: 0.5, expected: 3 },
  { name: 'the median of three is the middle one', values: [9, 1, 5], p: 0.5, expected: 5 },
  { name: 'the smallest', values: [3, 1, 2], p: 0, expected: 1 },
  { name: 'the largest', values: [3, 1, 2], p: 1, expected: 3 },
  { name: 'R: quantile(1:10, .95, type = 7)', values: [1, 2, 3, 4, 5, 6, 7, 8, 9, 10], p: 0.95, expected: 9.55 },
  { name: 'numpy.percentile([15, 20, 35, 40, 50], 40)', values: [15, 20, 35, 40, 50], p: 0.4, expected: 29 },
])('quantile: $name', ({ values, p, expected }) => {
  const found = quantile(values, p)
  if (expected === undefined) expect(found).toBeUndefined()
  else expect(found).toBeCloseTo(expected, 10)
})

test('the median is that of simple-statistics', () => {
  fc.assert(
    fc.property(numbers, (values) => {
      expect(quantile(values, 0.5)).toBeCloseTo(oracle(values, 0.5), 6)
    }),
    { seed: SEED },
  )
})

test('with equal weights the weighted quantile is the plain one', () => {
  fc.assert(
    fc.property(numbers, shares, fc.double({ min: 0.01, max: 100, noNaN: true }), (values, p, weight) => {
      const quantileAt = weightedQuantiles(values, Array<number>(values.length).fill(weight))
      const expected = quantile(values, p) ?? Number.NaN
      expect(Math.abs((quantileAt(p) ?? Number.NaN) - expected)).toBeLessThan(1e-5)
    }),
    { seed: SEED },
  )
})

test('a weighted quantile lies between the smallest and the largest value and grows with p', () => {
  const weighted = fc.array(
    fc.record({
      value: fc.double({ min: -100, max: 100, noNaN: true }),
      weight: fc.double({ min: 0.01, max: 1, noNaN: true }),
    }),
    { minLength: 1, maxLength: 40 },
  )
  fc.assert(
    fc.property(weighted, shares, shares, (pairs, a, b) => {
      const values = pairs.map(({ value }) => value)
      const quantileAt = weightedQuantiles(
        values,
        pairs.map(({ weight }) => weight),
      )
      const low = quantileAt(Math.min(a, b)) ?? Number.NaN
      const high = quantileAt(Math.max(a, b)) ?? Number.NaN
      expect(low).toBeGreaterThanOrEqual(Math.min(...values))
      expect(high).toBeLessThanOrEqual(Math.max(...values))
      expect(high - low).toBeGreaterThanOrEqual(-1e-9)
    }),
    { seed: SEED },
  )
})

test.for<{ name: string; values: [value: number, weight: number][]; p: number; expected: number | undefined }>([
  { name: 'no values', values: [], p: 0.5, expected: undefined },
  { name: 'one value, whatever its weight', values: [[7, 0.3]], p: 0.95, expected: 7 },
  // Effective size 16 / 10 = 1.6: the window runs from 0.3 / 1.6 to 1.3 / 1.6, the value 0 covers all but a tenth.
  {
    name: 'the heavy value pulls the median',
    values: [
      [0, 3],
      [1, 1],
    ],
    p: 0.5,
    expected: 0.1,
  },
  {
    name: 'its order does not matter',
    values: [
      [1, 1],
      [0, 3],
    ],
    p: 0.5,
    expected: 0.1,
  },
  {
    name: 'equal values merge',
    values: [
      [0, 1],
      [1, 1],
      [0, 1],
      [0, 1],
    ],
    p: 0,
    expected: 0,
  },
])('weighted quantile: $name', ({ values, p, expected }) => {
  const quantileAt = weightedQuantiles(
    values.map(([value]) => value),
    values.map(([, weight]) => weight),
  )
  const found = quantileAt(p)
  if (expected === undefined) expect(found).toBeUndefined()
  else expect(found).toBeCloseTo(expected, 12)
})
