import fc from 'fast-check'
import { expect, test } from 'vitest'
import type { Stratum } from '../model/suggestion.ts'
import { type Assignment, assignSession, assignTreated } from './assignment.ts'

const SEED = 20_261_125
const STRATUM: Stratum = { model: 'claude-opus-5', agent_version: '2.1.328' }
const NEWER: Stratum = { ...STRATUM, agent_version: '2.1.329' }

const ids = fc.constantFrom(['opt-a'], ['opt-a', 'opt-b'], ['opt-a', 'opt-b', 'opt-c'])

test('in every full block each combination comes once', () => {
  fc.assert(
    fc.property(ids, fc.string(), fc.string(), (suggestionIds, salt, agentType) => {
      const size = 2 ** suggestionIds.length
      const all = assignAll(3 * size, { suggestionIds, salt, agentType })
      for (const block of [1, 2, 3]) {
        const own = all.filter((one) => one.block === block)
        expect(own.map(({ place }) => place)).toEqual(Array.from({ length: size }, (_, i) => i))
        expect(new Set(own.map(({ arms }) => JSON.stringify(arms))).size).toBe(size)
        for (const id of suggestionIds) {
          expect(own.filter(({ arms }) => arms[id] === 'treated').length).toBe(size / 2)
        }
      }
    }),
    { seed: SEED },
  )
})

test('arms follow from the salt, the agent type and the block alone', () => {
  const settings = { suggestionIds: ['opt-b', 'opt-a'], salt: 's', agentType: 'reviewer' }
  const arms = (all: readonly Assignment[]) => all.map((one) => one.arms)
  const all = arms(assignAll(40, settings))
  expect(arms(assignAll(40, { ...settings, suggestionIds: ['opt-a', 'opt-b'] }))).toEqual(all)
  expect(arms(assignAll(40, { ...settings, salt: 't' }))).not.toEqual(all)
  expect(arms(assignAll(40, { ...settings, agentType: 'tester' }))).not.toEqual(all)
})

test('over many blocks a place is on as often as off', () => {
  const firsts = Array.from({ length: 2000 }, (_, i) => assignAll(1, { salt: String(i) })[0]?.arms['opt-a'])
  const treated = firsts.filter((arm) => arm === 'treated').length
  expect(Math.abs(treated - 1000)).toBeLessThan(4 * Math.sqrt(500))
})

test('a session that goes on keeps its arms', () => {
  const earlier = assignAll(5, {})
  expect(assign('session-2', earlier, { suggestionIds: ['opt-z'], stratum: NEWER })).toBe(earlier[2])
})

test('another version or other suggestions begin a new block; the old one is gone on with', () => {
  const first = assignAll(1, { suggestionIds: ['opt-a', 'opt-b'] })
  const both = { suggestionIds: ['opt-a', 'opt-b'] }
  const upgraded = assign('u', first, { ...both, stratum: NEWER })
  expect(upgraded).toMatchObject({ block: 2, place: 0, blockSize: 4, stratum: NEWER })
  const back = assign('b', [...first, upgraded], both)
  expect(back).toMatchObject({ block: 1, place: 1 })
  const alone = assign('c', [...first, upgraded, back], {})
  expect(alone).toMatchObject({ block: 3, place: 0, blockSize: 2 })
  expect(Object.keys(alone.arms)).toEqual(['opt-a'])
  // Its block was left for another set of suggestions.
  expect(assign('d', [...first, upgraded, back, alone], both)).toMatchObject({ block: 4, place: 0 })
})

test('nothing on trial gives no arms, four at once are a mistake', () => {
  expect(assign('s', [], { suggestionIds: [] }).arms).toEqual({})
  expect(() => assign('s', [], { suggestionIds: ['a', 'b', 'c', 'd'] })).toThrow('at most 3')
})

test('without a comparison everything is on', () => {
  const first = assignTreated(nextSession('s', { suggestionIds: ['opt-a', 'opt-b'] }), [])
  expect(first).toMatchObject({ arms: { 'opt-a': 'treated', 'opt-b': 'treated' }, block: 1, blockSize: 1, place: 0 })
  expect(assignTreated(nextSession('s', {}), [first])).toBe(first)
  expect(assignTreated(nextSession('t', {}), [first]).block).toBe(2)
})

type Settings = Partial<Parameters<typeof assignSession>[0]>

function nextSession(sessionId: string, settings: Settings) {
  return { salt: 'salt', agentType: 'reviewer', suggestionIds: ['opt-a'], stratum: STRATUM, ...settings, sessionId }
}

function assign(sessionId: string, earlier: readonly Assignment[], settings: Settings): Assignment {
  return assignSession(nextSession(sessionId, settings), earlier)
}

function assignAll(count: number, settings: Settings): readonly Assignment[] {
  const all: Assignment[] = []
  for (let i = 0; i < count; i++) all.push(assign(`session-${i}`, all, settings))
  return all
}
