import { expect, test } from 'vitest'
import { logBeta, logGamma } from './log-gamma.ts'

test.for<[x: number, gamma: number]>([
  [0.5, Math.sqrt(Math.PI)],
  [1, 1],
  [1.5, Math.sqrt(Math.PI) / 2],
  [5, 24],
  [11, 3_628_800],
  [0.1, 9.513507698668732],
])('Γ(%d) is %d', ([x, gamma]) => {
  expect(logGamma(x)).toBeCloseTo(Math.log(gamma), 12)
})

test('large arguments follow Stirling’s series', () => {
  const x = 1e6
  const stirling = (x - 0.5) * Math.log(x) - x + Math.log(2 * Math.PI) / 2 + 1 / (12 * x)
  expect(logGamma(x) / stirling).toBeCloseTo(1, 14)
})

test('the beta function of whole numbers is a quotient of factorials', () => {
  expect(logBeta(3, 4)).toBeCloseTo(Math.log(1 / 60), 12)
})
