import fc from 'fast-check'
import { expect, test } from 'vitest'
import { betaBinomialUpperTail } from './beta-binomial.ts'

const SEED = 20_261_121

test('a uniform rate makes every count equally likely', () => {
  // a = b = 1
  const tail = betaBinomialUpperTail(7, { n: 9, rate: 0.5, overdispersion: 1 / 3 })
  expect(tail.exactly).toBeCloseTo(0.1, 12)
  expect(tail.atLeast).toBeCloseTo(0.3, 12)
})

test('without overdispersion it is the binomial distribution', () => {
  const tail = betaBinomialUpperTail(3, { n: 10, rate: 0.1, overdispersion: 1e-7 })
  expect(tail.exactly).toBeCloseTo(0.057395628, 6)
  expect(tail.atLeast).toBeCloseTo(0.0701908264, 6)
})

test('it is the sum of all counts, computed one by one', () => {
  const share = fc.double({ min: 0.01, max: 0.99, noNaN: true })
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 60 }), fc.nat(60), share, share, (n, pick, rate, overdispersion) => {
      const y = pick % (n + 1)
      const masses = Array.from({ length: n + 1 }, (_, k) => mass(k, n, rate, overdispersion))
      const expected = masses.slice(y).reduce((sum, one) => sum + one, 0)
      const tail = betaBinomialUpperTail(y, { n, rate, overdispersion })
      expect(masses.reduce((sum, one) => sum + one, 0)).toBeCloseTo(1, 9)
      expect(tail.exactly).toBeCloseTo(masses[y] ?? Number.NaN, 9)
      expect(tail.atLeast).toBeCloseTo(expected, 9)
    }),
    { seed: SEED, numRuns: 300 },
  )
})

test('large counts take no time and keep to [0, 1]', () => {
  for (const y of [0, 4, 20_000, 100_000]) {
    const { atLeast } = betaBinomialUpperTail(y, { n: 100_000, rate: 0.2, overdispersion: 0.01 })
    expect(atLeast).toBeGreaterThanOrEqual(0)
    expect(atLeast).toBeLessThanOrEqual(1)
  }
})

/** By rising factorials: no gamma function. */
function mass(k: number, n: number, rate: number, overdispersion: number): number {
  const concentration = (1 - overdispersion) / overdispersion
  const [a, b] = [rate * concentration, (1 - rate) * concentration]
  let result = 1
  for (let i = 0; i < k; i++) result *= ((n - i) * (a + i)) / ((i + 1) * (a + b + i))
  for (let i = 0; i < n - k; i++) result *= (b + i) / (a + b + k + i)
  return result
}
