import { expect, test } from 'vitest'
import type { Attributes } from '../model/telemetry.ts'
import { attributesKey } from './record-key.ts'

const ATTRIBUTES: Attributes = { b: 'x', a: 1, c: 2n ** 60n, d: ['y', true] }

test('attributes have one key in whatever order they come', () => {
  const reversed = Object.fromEntries(Object.entries(ATTRIBUTES).toReversed())
  const sorted = Object.fromEntries(Object.entries(ATTRIBUTES).toSorted(([a], [b]) => (a < b ? -1 : 1)))
  expect([attributesKey(reversed), attributesKey(sorted)]).toEqual([
    attributesKey(ATTRIBUTES),
    attributesKey(ATTRIBUTES),
  ])
})

test.for<Attributes>([
  { ...ATTRIBUTES, b: 'y' },
  { ...ATTRIBUTES, c: 2n ** 60n + 1n },
  { ...ATTRIBUTES, d: [true, 'y'] },
  { ...ATTRIBUTES, e: 0 },
  { a: 1 },
])('others have another: %o', (others) => {
  expect(attributesKey(others)).not.toBe(attributesKey(ATTRIBUTES))
})
