import fc from 'fast-check'
import { expect, test } from 'vitest'
import { didYouMean, editDistance, nearest } from './did-you-mean.ts'

test.for<[a: string, b: string, distance: number]>([
  ['', '', 0],
  ['', 'abc', 3],
  ['abc', 'abc', 0],
  ['include', 'inclde', 1],
  ['include', 'includee', 1],
  ['include', 'inclube', 1],
  ['include', 'incldue', 1],
  ['kitten', 'sitting', 3],
])('from %s to %s it is %i steps', ([a, b, distance]) => {
  expect(editDistance(a, b)).toBe(distance)
})

test('the distance is symmetric, 0 only for equal texts and at most the longer length', () => {
  const text = fc.string({ maxLength: 12 })
  fc.assert(
    fc.property(text, text, (a, b) => {
      const distance = editDistance(a, b)
      expect(distance).toBe(editDistance(b, a))
      expect(distance === 0).toBe(a === b)
      expect(distance).toBeLessThanOrEqual(Math.max(a.length, b.length))
    }),
    { seed: 20261120 },
  )
})

test.for<[written: string, known: string[], word: string | undefined]>([
  ['kpi_agregation', ['alerting', 'kpi_aggregation'], 'kpi_aggregation'],
  ['Standard', ['standard', 'seed'], 'standard'],
  ['seeds', ['standard', 'seed'], 'seed'],
  ['verbose', ['debug', 'info', 'warn', 'error'], undefined],
  ['x', ['otlp'], undefined],
  ['anything', [], undefined],
])('for %s among %j the word %s is meant', ([written, known, word]) => {
  expect(nearest(written, known)).toBe(word)
})

test('nothing is asked when no word is near', () => {
  expect(didYouMean('otpl', ['otlp'])).toBe(' (did you mean otlp?)')
  expect(didYouMean('kafka', ['otlp'])).toBe('')
})
