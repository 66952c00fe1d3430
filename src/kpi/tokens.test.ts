import { expect, test } from 'vitest'
import type { TokenSnapshot } from '../model/session.ts'
import { session, snapshot } from './session.fixture.ts'
import { tokenEfficiency } from './token-efficiency.ts'
import { counterResets, counterTotal, dominantModel, tokenUse } from './tokens.ts'

test.for<{ name: string; snapshots: TokenSnapshot[]; output: number; resets: number }>([
  { name: 'no reading', snapshots: [], output: 0, resets: 0 },
  { name: 'one reading', snapshots: [snapshot(4, { output: 10 })], output: 10, resets: 0 },
  {
    name: 'readings are cumulative, not added',
    snapshots: [snapshot(4, { output: 10 }), snapshot(8, { output: 30 }), snapshot(12, { output: 45 })],
    output: 45,
    resets: 0,
  },
  {
    name: 'the same reading again adds nothing',
    snapshots: [snapshot(4, { output: 10 }), snapshot(4, { output: 10 })],
    output: 10,
    resets: 0,
  },
  {
    name: 'a reset starts a new segment',
    snapshots: [snapshot(40, { output: 500 }), snapshot(6, { output: 20 }), snapshot(9, { output: 60 })],
    output: 560,
    resets: 1,
  },
  {
    name: 'a field that falls without a reset keeps its maximum',
    snapshots: [snapshot(4, { output: 10 }), snapshot(5, { output: 8 })],
    output: 10,
    resets: 0,
  },
  {
    name: 'each reset counts',
    snapshots: [snapshot(9, { output: 5 }), snapshot(2, { output: 3 }), snapshot(1, { output: 2 })],
    output: 10,
    resets: 2,
  },
  {
    name: 'a fork’s, which begins with what it came from',
    snapshots: [snapshot(40, { output: 510 }, { output: 500 }), snapshot(50, { output: 530 }, { output: 510 })],
    output: 30,
    resets: 0,
  },
  {
    name: 'a fork’s that starts anew',
    snapshots: [snapshot(40, { output: 510 }, { output: 500 }), snapshot(2, { output: 8 }, { output: 3 })],
    output: 18,
    resets: 1,
  },
])('token counter: $name', ({ snapshots, output, resets }) => {
  const counter = { counter: 'c', model: undefined, snapshots }
  expect(counterTotal(counter).output).toBe(output)
  expect(counterResets(counter)).toBe(resets)
})

test('segment maxima are taken field by field', () => {
  const snapshots = [snapshot(1, { freshInput: 5, cacheRead: 100 }), snapshot(2, { freshInput: 9, cacheRead: 90 })]
  expect(counterTotal({ counter: 'c', model: undefined, snapshots })).toMatchObject({ freshInput: 9, cacheRead: 100 })
})

test('the counters of a session add up', () => {
  const counters = [
    { counter: 'a', model: 'opus', snapshots: [snapshot(4, { output: 10, cacheRead: 1 })] },
    { counter: 'b', model: 'haiku', snapshots: [snapshot(2, { output: 5 }), snapshot(3, { output: 7 })] },
  ]
  expect(tokenUse(session({ tokenCounters: counters }))).toMatchObject({
    tokens: { output: 17, cacheRead: 1 },
    n: 3,
  })
})

test('readings that are all zero did not measure anything', () => {
  const counters = [{ counter: 'a', model: 'opus', snapshots: [snapshot(4, {})] }]
  expect(tokenUse(session({ tokenCounters: counters }))).toEqual({ absent: 'no token counts were recorded' })
})

test('the dominant model wrote most of the output, over all its counters', () => {
  const counters = [
    { counter: 'a', model: 'opus', snapshots: [snapshot(4, { output: 10 })] },
    { counter: 'b', model: 'haiku', snapshots: [snapshot(4, { output: 8 })] },
    { counter: 'c', model: 'haiku', snapshots: [snapshot(4, { output: 8 })] },
    { counter: 'd', model: undefined, snapshots: [snapshot(4, { output: 900 })] },
  ]
  expect(dominantModel(session({ tokenCounters: counters }))).toBe('haiku')
  expect(dominantModel(session())).toBeUndefined()
})

test('output that a placeholder stands for is an estimate, with a note that says so', () => {
  const tokens = { opus: { freshInput: 50, cacheRead: 0, cacheCreation: 0, output: 50, reasoning: 0 } }
  const modelUse = { calls: 3, errors: 0, provisionalCalls: 2, tokens, costUsd: undefined }
  expect(tokenEfficiency(session({ modelUse }))).toMatchObject({
    value: 0.5,
    estimated: true,
    note: { code: 'placeholder_output', message: expect.stringContaining('2 of 3 model calls') },
  })
  expect(tokenEfficiency(session({ modelUse: { ...modelUse, provisionalCalls: 0 } }))).not.toHaveProperty('note')
})
