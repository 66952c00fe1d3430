import { mean, sampleStandardDeviation } from 'simple-statistics'
import { expect, test } from 'vitest'
import { randomBeta, randomBinomial, randomGamma, randomNormal, seededRandom } from './random.ts'

const DRAWS = 20_000

test('a seed gives the same stream, another seed another', () => {
  const stream = (seed: number): number[] => Array.from({ length: 5 }, seededRandom(seed))
  expect(stream(1)).toEqual(stream(1))
  expect(stream(1)).not.toEqual(stream(2))
  for (const value of stream(3)) expect(value >= 0 && value < 1).toBe(true)
})

test.for<{ name: string; draw: (random: () => number) => number; mean: number; stdDev: number }>([
  { name: 'uniform', draw: (random) => random(), mean: 0.5, stdDev: Math.sqrt(1 / 12) },
  { name: 'normal', draw: randomNormal, mean: 0, stdDev: 1 },
  { name: 'gamma of shape 3', draw: (random) => randomGamma(3, random), mean: 3, stdDev: Math.sqrt(3) },
  { name: 'gamma of shape 0.3', draw: (random) => randomGamma(0.3, random), mean: 0.3, stdDev: Math.sqrt(0.3) },
  {
    name: 'beta',
    draw: (random) => randomBeta(0.2, 0.05, random),
    mean: 0.2,
    stdDev: Math.sqrt(0.05 * 0.2 * 0.8),
  },
  { name: 'binomial', draw: (random) => randomBinomial(30, 0.1, random), mean: 3, stdDev: Math.sqrt(2.7) },
])('$name variables have mean $mean and standard deviation $stdDev', ({ draw, mean: expected, stdDev }) => {
  const random = seededRandom(20_261_122)
  const draws = Array.from({ length: DRAWS }, () => draw(random))
  expect(Math.abs(mean(draws) - expected)).toBeLessThan(4 * (stdDev / Math.sqrt(DRAWS)))
  expect(sampleStandardDeviation(draws) / stdDev).toBeCloseTo(1, 1)
})
