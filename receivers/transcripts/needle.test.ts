import { expect, test } from 'vitest'
import { Needle } from './needle.ts'

const NEEDLE = new Needle('"ab_cd":', '_')

test.for([
  '',
  '"ab_cd":',
  'x"ab_cd":',
  '"ab_cd":"ab_cd":',
  '_cd":',
  'x_cd":',
  '"xb_cd":',
  '"xb_cd": "ab_cd":',
  '_cd":"ab_cd":',
  '"ab_cd"',
  '"ab_',
  'ü"ab_cd":',
])('it is found in %j where it stands first', (text) => {
  const bytes = Buffer.from(text)
  expect(NEEDLE.indexIn(bytes)).toBe(bytes.indexOf('"ab_cd":'))
})
