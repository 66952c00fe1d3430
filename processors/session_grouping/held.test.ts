import { expect, test } from 'vitest'
import type { Activity } from '#src/model/activity.ts'
import type { SessionMeta } from '#src/store/store.ts'
import { onlySessionAt } from './held.ts'

const PRESENCE: Activity = { kind: 'presence' }
const USAGE: Activity = {
  kind: 'usage',
  measure: 'output',
  model: undefined,
  series: 'output',
  cumulative: true,
  value: 1,
}

type Window = readonly [id: string, startMs: number, endMs: number]

const A: Window = ['a', 10_000, 20_000]
const B: Window = ['b', 15_000, 40_000]
const C: Window = ['c', 60_000, 70_000]

test.for<{ what: string; at: [startMs: number, endMs: number]; activity?: Activity; among: Window[]; id?: string }>([
  { what: 'within one session', at: [11_000, 11_000], among: [A, C], id: 'a' },
  { what: 'within two', at: [16_000, 16_000], among: [A, B] },
  { what: 'just after one', at: [20_001, 20_001], among: [A] },
  { what: 'measured just after one', at: [20_001, 20_050], activity: USAGE, among: [A, C], id: 'a' },
  { what: 'measured from before one on', at: [9000, 30_000], activity: USAGE, among: [A, C], id: 'a' },
  { what: 'measured over two', at: [9000, 65_000], activity: USAGE, among: [A, C] },
  { what: 'measured long after', at: [30_000, 31_000], activity: USAGE, among: [A, C] },
  { what: 'measured while two were at work', at: [16_000, 17_000], activity: USAGE, among: [A, B] },
])('$what → $id', ({ at: [startMs, endMs], activity = PRESENCE, among, id }) => {
  const sessions = among.map(([name, fromMs, untilMs]): [string, SessionMeta] => [
    name,
    { phase: 'open', startMs: fromMs, endMs: untilMs, endSignalled: false },
  ])
  expect(onlySessionAt({ startMs, endMs, activities: [activity] }, sessions, () => true)).toBe(id)
})

test('a session of another emitter does not count', () => {
  const meta: SessionMeta = { phase: 'open', startMs: 0, endMs: 100, endSignalled: false }
  const at = { startMs: 5, endMs: 5, activities: [USAGE] }
  const both = [
    ['claude', meta],
    ['codex', meta],
  ] as const
  expect(onlySessionAt(at, both, (id) => id === 'codex')).toBe('codex')
  expect(onlySessionAt(at, both, () => false)).toBeUndefined()
})
