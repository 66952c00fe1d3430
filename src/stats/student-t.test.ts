import fc from 'fast-check'
import { expect, test } from 'vitest'
import { incompleteBeta, studentTUpperTail } from './student-t.ts'

const SEED = 20_261_120

// Published quantiles (NIST handbook, table 1.3.6.7.2).
test.for<[degreesOfFreedom: number, t: number, p: number]>([
  [1, 12.706, 0.025],
  [5, 2.571, 0.025],
  [11, 2.201, 0.025],
  [12, 2.179, 0.025],
  [12, 3.055, 0.005],
  [12, 3.93, 0.001],
  [30, 2.042, 0.025],
  [30, 3.385, 0.001],
])('with %d degrees of freedom %d is exceeded with probability %d', ([degreesOfFreedom, t, p]) => {
  expect(studentTUpperTail(t, degreesOfFreedom) / p).toBeCloseTo(1, 2)
})

test('whole numbers of degrees have a closed form', () => {
  for (const t of [-3, -0.1, 0, 0.7, 2, 6.5, 40]) {
    expect(studentTUpperTail(t, 1)).toBeCloseTo(0.5 - Math.atan(t) / Math.PI, 12)
    expect(studentTUpperTail(t, 2)).toBeCloseTo(0.5 - t / (2 * Math.sqrt(2 + t * t)), 12)
    expect(studentTUpperTail(t, 12)).toBeCloseTo(evenDegrees(t, 12), 12)
  }
})

test('the far tail keeps its digits', () => {
  // P(X > t) → t^(−ν) · ν^(ν/2−1) / B(ν/2, 1/2) for large t.
  const ratio = studentTUpperTail(2e4, 12) / studentTUpperTail(1e4, 12)
  expect(ratio).toBeCloseTo(2 ** -12, 9)
  expect(studentTUpperTail(Number.POSITIVE_INFINITY, 12)).toBe(0)
  expect(studentTUpperTail(Number.NEGATIVE_INFINITY, 12)).toBe(1)
})

test('both sides make 1, and larger values are rarer', () => {
  const t = fc.double({ min: -50, max: 50, noNaN: true })
  const degrees = fc.double({ min: 0.5, max: 60, noNaN: true })
  fc.assert(
    fc.property(t, t, degrees, (a, b, degreesOfFreedom) => {
      const tail = (value: number): number => studentTUpperTail(value, degreesOfFreedom)
      expect(tail(a) + tail(-a)).toBeCloseTo(1, 12)
      expect(tail(Math.max(a, b))).toBeLessThanOrEqual(tail(Math.min(a, b)) + 1e-13)
    }),
    { seed: SEED },
  )
})

test('the incomplete beta function is symmetric and has its ends', () => {
  expect([incompleteBeta(2, 3, 0), incompleteBeta(2, 3, 1)]).toEqual([0, 1])
  expect(incompleteBeta(2, 3, 0.3)).toBeCloseTo(1 - incompleteBeta(3, 2, 0.7), 14)
  expect(incompleteBeta(1, 1, 0.3)).toBeCloseTo(0.3, 14)
})

/** Abramowitz & Stegun 26.7.4. */
function evenDegrees(t: number, degreesOfFreedom: number): number {
  const angle = Math.atan(t / Math.sqrt(degreesOfFreedom))
  let term = 1
  let sum = 1
  for (let k = 1; k < degreesOfFreedom / 2; k++) {
    term *= ((2 * k - 1) / (2 * k)) * Math.cos(angle) ** 2
    sum += term
  }
  return (1 - Math.sin(angle) * sum) / 2
}
