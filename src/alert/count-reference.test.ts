import { expect, test } from 'vitest'
import { normalQuantile } from '../stats/normal-quantile.ts'
import { randomBeta, randomBinomial, seededRandom } from '../stats/random.ts'
import { countReference } from './count-reference.ts'
import type { Reference } from './reference.ts'

function learned(
  sessions: readonly (readonly [value: number, inputs: number])[],
  direction: 'higher' | 'lower',
): Reference {
  return sessions.reduce<Reference>((known, [value, n]) => known.learn(value, n), countReference(direction))
}

const STEADY = Array.from({ length: 20 }, (_, index) => [index % 2 === 0 ? 0.05 : 0, 40] as const)

test('few inputs say little, many say much', () => {
  const errors = learned(STEADY, 'lower')
  expect(errors.usual).toBeCloseTo(0.026, 2)
  expect(errors.compare(1 / 3, 3).p).toBeGreaterThan(0.05)
  expect(errors.compare(0.3, 40).p).toBeLessThan(0.001)
})

test('a share of successes is judged by what is missing', () => {
  const completion = learned(
    STEADY.map(([value, n]) => [1 - value, n] as const),
    'higher',
  )
  expect(completion.usual).toBeCloseTo(0.974, 2)
  expect(completion.compare(0.7, 40).p).toBeLessThan(0.001)
  expect(completion.compare(1, 40).p).toBe(1)
})

test('sessions that differ much among themselves make a bad one less unusual', () => {
  const clustered = Array.from({ length: 20 }, (_, index) => [index % 10 === 0 ? 0.25 : 0, 40] as const)
  expect(learned(clustered, 'lower').compare(0.25, 40).p).toBeGreaterThan(
    10 * learned(STEADY, 'lower').compare(0.25, 40).p,
  )
})

test('scores of sessions like those before average 0 and vary by 1, also where they are few and skewed', () => {
  const random = seededRandom(20_261_124)
  const session = (): [number, number] => {
    const n = 5 + Math.floor(60 * random())
    return [randomBinomial(n, randomBeta(0.05, 0.03, random), random) / n, n]
  }
  let reference = countReference('lower')
  const scores: number[] = []
  for (let index = 0; index < 3000; index++) {
    const [value, n] = session()
    if (index > 60) scores.push(reference.compare(value, n).score)
    reference = reference.learn(value, n)
  }
  const mean = scores.reduce((sum, score) => sum + score, 0) / scores.length
  expect(Math.abs(mean)).toBeLessThan(0.15)
  expect(scores.filter((score) => score > normalQuantile(0.99)).length / scores.length).toBeLessThan(0.02)
})

test('values that are no shares do no harm', () => {
  const reference = learned(
    [
      [2, 10],
      [-1, 0],
      [Number.MIN_VALUE, 1e7],
    ],
    'lower',
  )
  expect(Number.isFinite(reference.usual)).toBe(true)
  expect(Number.isFinite(reference.compare(3, 5).p)).toBe(true)
})
