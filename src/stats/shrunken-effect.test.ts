import fc from 'fast-check'
import { expect, test } from 'vitest'
import { credibleInterval, eValue, probabilityAbove, shrink } from './shrunken-effect.ts'

const SEED = 20_261_124
/** So many that the variance is known. */
const MANY = 1e9

test('an effect is shrunken by the share of its variance', () => {
  const shrunken = shrink({ effect: 0.6, variance: 0.09, degreesOfFreedom: 8 }, 0.3)
  expect(shrunken.mean).toBeCloseTo(0.3, 12)
  expect(shrunken.scale).toBeCloseTo(Math.sqrt(0.045), 12)
  // t of 8 degrees: 1.860 is exceeded by 5 %.
  const [low, high] = credibleInterval(shrunken, 0.9)
  expect(low).toBeCloseTo(0.3 - 1.8595480375 * Math.sqrt(0.045), 8)
  expect(high).toBeCloseTo(0.3 + 1.8595480375 * Math.sqrt(0.045), 8)
  expect(probabilityAbove(shrunken, low)).toBeCloseTo(0.95, 10)
  expect(probabilityAbove(shrunken, 0.3)).toBeCloseTo(0.5, 12)
})

test('the e-value is the ratio of likelihoods, integrated one by one', () => {
  const effect = fc.double({ min: -0.8, max: 0.8, noNaN: true })
  const variance = fc.double({ min: 0.02, max: 1, noNaN: true })
  fc.assert(
    fc.property(effect, variance, fc.double({ min: 0.1, max: 0.6, noNaN: true }), (found, of, prior) => {
      const expected = integrated(found, of, prior)
      const value = eValue({ effect: found, variance: of, degreesOfFreedom: MANY }, prior)
      expect(Math.abs(value / expected - 1)).toBeLessThan(1e-5)
    }),
    { seed: SEED, numRuns: 50 },
  )
})

test('without an effect its expected value is 1', () => {
  const variance = 0.03
  const step = 0.001
  let sum = 0
  for (let effect = -2; effect <= 2; effect += step) {
    sum += eValue({ effect, variance, degreesOfFreedom: MANY }, 0.3) * density(effect, 0, variance) * step
  }
  expect(sum).toBeCloseTo(1, 6)
})

test('a variance that is estimated from little makes it less', () => {
  const found = { effect: 0.6, variance: 0.03 }
  const known = eValue({ ...found, degreesOfFreedom: MANY }, 0.3)
  expect(eValue({ ...found, degreesOfFreedom: 8 }, 0.3)).toBeLessThan(known)
  expect(eValue({ ...found, effect: -0.6, degreesOfFreedom: 8 }, 0.3)).toBeLessThan(1)
})

function integrated(effect: number, variance: number, prior: number): number {
  const steps = 20_000
  const step = (12 * prior) / steps
  let sum = 0
  for (let i = 0; i < steps; i++) {
    const actual = (i + 0.5) * step
    sum += 2 * density(actual, 0, prior ** 2) * density(effect, actual, variance) * step
  }
  return sum / density(effect, 0, variance)
}

function density(x: number, mean: number, variance: number): number {
  return Math.exp(-((x - mean) ** 2) / (2 * variance)) / Math.sqrt(2 * Math.PI * variance)
}
