import { expect, test } from 'vitest'
import { starPattern } from './star-pattern.ts'

test.for([
  ['a', 'a', true],
  ['a', 'ab', false],
  ['*', '', true],
  ['a*', 'a', true],
  ['a*b', 'axb', true],
  ['a*b', 'axbc', false],
  ['ab*ba', 'aba', false],
  ['a*b*c', 'a1b2c', true],
  ['a*b*c', 'ac', false],
  ['*bc*c', 'abc', false],
  ['a.b', 'axb', false],
] as const)('%s fits %s: %s', ([pattern, text, fits]) => {
  expect(starPattern(pattern)(text)).toBe(fits)
})

test('many stars take no longer than few', () => {
  expect(starPattern(`${'a*'.repeat(5000)}b`)('a'.repeat(100_000))).toBe(false)
})
