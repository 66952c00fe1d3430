import { expect, test } from 'vitest'
import type { Activity, AgentTypeOrigin, Observation } from '#src/model/activity.ts'
import type { SessionMeta } from '#src/store/store.ts'
import { decodeHeld, encodeHeld, onlySessionAt } from './held.ts'

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

/** With everything that may be left out: what the schema lacks would be lost in silence. */
type Whole<K extends Activity['kind']> = Required<Extract<Activity, { kind: K }>>

const TOKENS = { freshInput: 1, cacheRead: 2, cacheCreation: 3, output: 4, reasoning: 5 }
const EVERY_ACTIVITY: { readonly [K in Activity['kind']]: Whole<K> } = {
  session_start: { kind: 'session_start' },
  session_end: { kind: 'session_end' },
  prompt: { kind: 'prompt', promptId: 'p' },
  compaction: { kind: 'compaction' },
  context_added: { kind: 'context_added', characters: 120 },
  presence: { kind: 'presence' },
  token_snapshot: {
    kind: 'token_snapshot',
    counter: 'c',
    messages: 2,
    model: undefined,
    tokens: TOKENS,
    before: TOKENS,
  },
  model_call: {
    kind: 'model_call',
    callId: undefined,
    localId: 'l',
    model: 'm',
    tokens: TOKENS,
    provisional: true,
    costUsd: 0.5,
  },
  model_error: { kind: 'model_error', callId: 'r1' },
  tool_call: { kind: 'tool_call', callId: 't1', tool: undefined, outcome: 'unknown' },
  tool_name: { kind: 'tool_name', callId: 't1', tool: 'Read' },
  tool_rejection: { kind: 'tool_rejection', callId: undefined },
  usage: { kind: 'usage', measure: 'activeSeconds', model: undefined, series: 's', cumulative: true, value: 1 },
  task_change: { kind: 'task_change', change: 'updated', taskId: '1', status: 'deleted' },
  evaluation: { kind: 'evaluation', name: 'relevance', score: 0.5 },
  invocation_start: { kind: 'invocation_start', invocationId: 'i', agentType: 'a', background: true },
  invocation_end: { kind: 'invocation_end', invocationId: 'i', agentType: 'a', status: 'running', final: false },
}

const EVERY_ORIGIN: Readonly<Record<AgentTypeOrigin, true>> = {
  hook: true,
  attribute: true,
  agent_name: true,
  service: true,
  format: true,
}

function heldOf(change: Partial<Observation>): Observation {
  return {
    source: 'claude_hooks',
    key: 'k',
    sessionId: undefined,
    startMs: 1,
    endMs: 2,
    agentType: undefined,
    agentTypeOrigin: undefined,
    agentVersion: undefined,
    span: undefined,
    activities: [],
    ...change,
  }
}

test('what is held comes back from disk as it was: every activity, every origin, every part', () => {
  const all = [
    ...Object.values(EVERY_ACTIVITY).map((activity) => heldOf({ activities: [activity, PRESENCE] })),
    ...Object.keys(EVERY_ORIGIN).map((origin) =>
      heldOf({ agentType: 'a', agentTypeOrigin: origin as AgentTypeOrigin }),
    ),
    heldOf({ invocation: { id: 'i', agentType: 'a', parentId: undefined }, span: { ok: false }, agentVersion: '1' }),
  ]
  expect(decodeHeld(encodeHeld(all))).toEqual({ held: all, unreadable: 0 })
})

test('what another version held in a way of its own is told, and keeps nothing else back', () => {
  const [first, last] = [heldOf({ key: 'first' }), heldOf({ key: 'last' })]
  const saved: unknown[] = JSON.parse(encodeHeld([first, last]))
  const json = JSON.stringify([saved[0], { ...heldOf({}), activities: [{ kind: 'of_the_future' }] }, null, saved[1]])
  expect(decodeHeld(json)).toEqual({ held: [first, last], unreadable: 2 })
})
