import fc from 'fast-check'
import { expect, test } from 'vitest'
import { studentTUpperTail } from './student-t.ts'
import { studentTUpperQuantile } from './student-t-quantile.ts'

const SEED = 20_261_124

// NIST handbook, table 1.3.6.7.2.
test.for<[degreesOfFreedom: number, p: number, t: number]>([
  [1, 0.05, 6.314],
  [4, 0.05, 2.132],
  [10, 0.05, 1.812],
  [28, 0.05, 1.701],
  [28, 0.95, -1.701],
  [10, 0.025, 2.228],
  [5, 0.5, 0],
])('with %d degrees of freedom, %d of the values are above %d', ([degreesOfFreedom, p, t]) => {
  expect(studentTUpperQuantile(p, degreesOfFreedom)).toBeCloseTo(t, 3)
})

test('one degree of freedom has a closed form', () => {
  for (const p of [0.4, 0.05, 0.001]) {
    expect(studentTUpperQuantile(p, 1)).toBeCloseTo(1 / Math.tan(Math.PI * p), 8)
  }
})

test('it is the inverse of the tail', () => {
  const p = fc.double({ min: 1e-6, max: 1 - 1e-6, noNaN: true })
  const degrees = fc.double({ min: 0.5, max: 60, noNaN: true })
  fc.assert(
    fc.property(p, degrees, (probability, degreesOfFreedom) => {
      const t = studentTUpperQuantile(probability, degreesOfFreedom)
      expect(studentTUpperTail(t, degreesOfFreedom)).toBeCloseTo(probability, 10)
    }),
    { seed: SEED },
  )
})
