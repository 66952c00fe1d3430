import { describe, expect, test } from 'vitest'
import type { Json, Positions } from '#src/store/store.ts'
import { type FilePosition, filePositions, retireGone } from './position.ts'
import { positionsInMemory } from './recording-consumer.fixture.ts'

const DAY_MS = 86_400_000
const POSITION: FilePosition = { path: '/x', offset: 12, headBytes: 12, head: 'h', tail: 't' }

function storeWith(value: Json): Positions {
  return { get: () => value, set() {}, delete() {}, keys: () => ['id'] }
}

test.for<[stored: Json, read: FilePosition | undefined]>([
  [{ ...POSITION }, POSITION],
  [
    { ...POSITION, gzipBytes: 5, goneSinceMs: 1 },
    { ...POSITION, gzipBytes: 5, goneSinceMs: 1 },
  ],
  [{ ...POSITION, more: true, gzipBytes: 'x' }, POSITION],
  [{ ...POSITION, offset: -1 }, undefined],
  [{ ...POSITION, offset: 1.5 }, undefined],
  [{ ...POSITION, tail: null }, undefined],
  [{}, undefined],
  [[], undefined],
  ['x', undefined],
  [null, undefined],
])('%j is read as %j', ([stored, read]) => {
  expect(filePositions(storeWith(stored), 'c').get('id')).toEqual(read)
})

describe('files that are gone', () => {
  test('are noted, kept for a week, and then forgotten', () => {
    const positions = positionsInMemory()
    positions.set('here', POSITION)
    positions.set('gone', POSITION)
    const present = new Map([['here', true]])
    retireGone(positions, present, 1000)
    expect(positions.get('gone')).toEqual({ ...POSITION, goneSinceMs: 1000 })
    retireGone(positions, present, 1000 + 7 * DAY_MS)
    expect(positions.get('gone')).toEqual({ ...POSITION, goneSinceMs: 1000 })
    retireGone(positions, present, 1001 + 7 * DAY_MS)
    expect(positions.identities()).toEqual(['here'])
    expect(positions.get('here')).toEqual(POSITION)
  })
})
