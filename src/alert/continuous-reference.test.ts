import { mean, sampleStandardDeviation } from 'simple-statistics'
import { expect, test } from 'vitest'
import type { PositionScale } from '../kpi/position-scale.ts'
import { studentTUpperTail } from '../stats/student-t.ts'
import { continuousReference } from './continuous-reference.ts'
import type { Reference } from './reference.ts'

const LINEAR: PositionScale = { toPosition: (value) => value, fromPosition: (value) => value, minStdDevAt: () => 0 }
const VALUES = [10, 12, 9, 11, 10.5, 8, 11.5, 10, 9.5, 12.5, 10, 11]

function learned(values: readonly number[], direction: 'higher' | 'lower' = 'lower', scale = LINEAR): Reference {
  return values.reduce<Reference>((known, value) => known.learn(value, 0), continuousReference(scale, direction))
}

test('while all sessions count alike it is the predictive t distribution of a sample', () => {
  const reference = learned(VALUES.slice(0, 8))
  const sample = VALUES.slice(0, 8)
  const t = (13 - mean(sample)) / (sampleStandardDeviation(sample) * Math.sqrt(1 + 1 / 8))
  expect(reference.usual).toBeCloseTo(mean(sample), 12)
  expect(reference.compare(13, 0).p).toBeCloseTo(studentTUpperTail(t, 7), 12)
})

test('only the bad side is unlikely', () => {
  const [low, high] = [6, 15]
  expect(learned(VALUES, 'lower').compare(high, 0).p).toBeLessThan(0.01)
  expect(learned(VALUES, 'lower').compare(low, 0).p).toBeGreaterThan(0.99)
  expect(learned(VALUES, 'higher').compare(low, 0).p).toBeLessThan(0.01)
  expect(learned(VALUES, 'higher').compare(high, 0).score).toBeLessThan(-2)
})

test('the tail is judged with more caution than the score', () => {
  const { p, score } = learned(Array.from({ length: 5 }, () => VALUES).flat()).compare(14, 0)
  // P(Z > score) by the usual bound on the normal tail.
  expect(p).toBeGreaterThan(Math.exp((-score * score) / 2) / (score * Math.sqrt(2 * Math.PI)))
})

test('a single session moves what is usual by a twentieth at most, an outlier by much less', () => {
  const reference = learned(Array.from({ length: 10 }, () => VALUES).flat())
  expect(reference.sessions).toBe(120)
  expect(reference.learn(11, 0).usual - reference.usual).toBeCloseTo(0.05 * (11 - reference.usual), 9)
  expect(reference.learn(1e9, 0).usual - reference.usual).toBeLessThan(0.2)
})

test('a KPI that never varied still has the noise of its measurement', () => {
  const steady = Array.from({ length: 12 }, () => 5)
  const floored = { ...LINEAR, minStdDevAt: () => 1 }
  expect(learned(steady, 'lower', floored).compare(5.1, 0).p).toBeGreaterThan(0.4)
  expect(learned(steady).compare(5.1, 0).p).toBe(0)
  expect(learned(steady).compare(5, 0).p).toBe(0.5)
})

test('before anything is known every session is as likely as any', () => {
  expect(learned([]).compare(1e6, 0)).toEqual({ p: 0.5, score: expect.closeTo(0, 9) })
  expect(learned([3]).compare(1e6, 0).p).toBe(0.5)
})
