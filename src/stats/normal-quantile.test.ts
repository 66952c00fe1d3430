import { errorFunction } from 'simple-statistics'
import { expect, test } from 'vitest'
import { normalQuantile } from './normal-quantile.ts'

test.for<[p: number, quantile: number]>([
  [0.5, 0],
  [0.75, 0.6744897501960817],
  [0.975, 1.959963984540054],
  [0.995, 2.5758293035489004],
  [0.02, -2.053748910631823],
  [1e-5, -4.264890793922825],
  [1e-12, -7.034483825301131],
])('with probability %d a value stays below %d', ([p, quantile]) => {
  expect(normalQuantile(p)).toBeCloseTo(quantile, 7)
})

test('it agrees with another library’s error function to 6 digits', () => {
  for (let p = 0.01; p < 1; p += 0.01) {
    expect((1 + errorFunction(normalQuantile(p) / Math.SQRT2)) / 2).toBeCloseTo(p, 6)
  }
})

test('the ends are infinite', () => {
  expect([normalQuantile(0), normalQuantile(1)]).toEqual([Number.NEGATIVE_INFINITY, Number.POSITIVE_INFINITY])
})
