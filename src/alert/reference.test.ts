import { expect, test } from 'vitest'
import { rememberLast } from './reference.ts'

test('the same session is compared once, another one anew', () => {
  let times = 0
  const compare = rememberLast((value, inputs) => ({ p: value / inputs, score: ++times }))
  expect(compare(1, 4)).toBe(compare(1, 4))
  expect(compare(3, 4)).toEqual({ p: 0.75, score: 2 })
  expect(compare(3, 6)).toEqual({ p: 0.5, score: 3 })
  expect(compare(1, 4)).toEqual({ p: 0.25, score: 4 })
})
