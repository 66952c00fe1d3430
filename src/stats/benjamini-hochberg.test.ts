import { expect, test } from 'vitest'
import { discoveries } from './benjamini-hochberg.ts'

// The example of Benjamini and Hochberg (1995): thrombolysis, 15 hypotheses, rate 0.05; the first four are rejected.
const PUBLISHED = [
  0.0001, 0.0004, 0.0019, 0.0095, 0.0201, 0.0278, 0.0298, 0.0344, 0.0459, 0.324, 0.4262, 0.5719, 0.6528, 0.759, 1,
]

test('the published example', () => {
  expect(discoveries(PUBLISHED, 0.05).filter((found) => found)).toHaveLength(4)
})

test.for<[name: string, p: number[], found: boolean[]]>([
  ['none', [], []],
  ['one that is small enough', [0.09], [true]],
  ['one that is not', [0.11], [false]],
  ['any order', [0.5, 0.001, 0.06], [false, true, true]],
  ['a small one makes a larger one count', [0.1, 0.1], [true, true]],
  ['ties', [0.9, 0.9, 0.0333], [false, false, true]],
])('%s', ([, p, found]) => {
  expect(discoveries(p, 0.1)).toEqual(found)
})
