import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { Activity, Observation } from '#src/model/activity.ts'
import type { Session } from '#src/model/session.ts'
import { Aggregate } from './aggregate.ts'
import { aggregateCodec } from './aggregate-codec.ts'

const IDLE_GAP_MS = 300_000

let serial = 0
function observation(startMs: number, activities: readonly Activity[], rest: Partial<Observation> = {}): Observation {
  return {
    source: 'hook_spans',
    key: `k${serial++}`,
    sessionId: 's1',
    startMs,
    endMs: startMs,
    agentType: undefined,
    agentVersion: undefined,
    span: { ok: true },
    activities,
    ...rest,
  }
}

function aggregated(observations: readonly Observation[]): Aggregate {
  const aggregate = Aggregate.begin('s1', 0)
  for (const each of observations) aggregate.take(each, IDLE_GAP_MS)
  return aggregate
}

const sessionOf = (...observations: Observation[]): Session => aggregated(observations).toSession('default', 'idle')

const call = (tool: string, outcome: 'ok' | 'failed' | 'unknown' = 'ok'): Activity => ({
  kind: 'tool_call',
  callId: undefined,
  tool,
  outcome,
})
const task = (status: 'pending' | 'in_progress' | 'completed' | 'deleted', taskId?: string): Activity => ({
  kind: 'task_change',
  change: 'updated',
  taskId,
  status,
})
const snapshot = (messages: number, output: number): Activity => ({
  kind: 'token_snapshot',
  counter: 'opus',
  messages,
  model: 'opus',
  tokens: { freshInput: 1, cacheRead: 0, cacheCreation: 0, output, reasoning: 0 },
})
const score = (value: number): Activity => ({ kind: 'evaluation', name: 'relevance', score: value })

test('what was added to the context of a subagent is told of the subagent', () => {
  const added = (characters: number): Activity => ({ kind: 'context_added', characters })
  const invocation = { id: 'a1', agentType: undefined, parentId: undefined }
  const session = sessionOf(
    observation(0, [call('Read')]),
    observation(1, [added(80)]),
    observation(2, [added(0)], { invocation }),
    observation(2, [added(480)], { invocation }),
  )
  expect(session.contextCharacters).toBe(80)
  expect(session.invocations).toMatchObject([{ invocationId: 'a1', contextCharacters: 480, status: 'unknown' }])
})

describe('a session', () => {
  test.for([false, true])('has the agent type that hooks tell, whoever was first (reversed: %s)', (reversed) => {
    const observations = [
      observation(1000, [call('Read')], { source: 'claude_code_logs', agentType: 'set' }),
      observation(3000, [call('Read')], { agentType: 'second', agentTypeOrigin: 'hook' }),
      observation(2000, [call('Read')], { agentType: 'reviewer', agentTypeOrigin: 'hook' }),
    ]
    const aggregate = aggregated(reversed ? observations.toReversed() : observations)
    expect(aggregate.fields.agentType).toBe('reviewer')
  })

  test('begins with its first and ends with its last activity, the end of a span included', () => {
    const session = sessionOf(observation(5000, [call('Read')]), observation(1000, [call('Read')], { endMs: 9000 }))
    expect([session.startedAtMs, session.endedAtMs]).toEqual([1000, 9000])
  })

  test('is not stretched by an evaluation that was made a day later', () => {
    const session = sessionOf(observation(1000, [call('Read')]), observation(90_000_000, [score(0.9)]))
    expect(session.endedAtMs).toBe(1000)
    expect(session.evaluations).toEqual({ relevance: [0.9] })
  })

  test('of nothing but evaluations lies where they were made', () => {
    const session = sessionOf(observation(7000, [score(0.9)]))
    expect([session.startedAtMs, session.endedAtMs, session.activeIntervals]).toEqual([7000, 7000, []])
  })

  test('counts calls, failures and unknown outcomes by tool', () => {
    const session = sessionOf(observation(1, [call('Edit'), call('Edit', 'failed'), call('Read', 'unknown')]))
    expect(session.tools).toEqual({
      Edit: { calls: 2, failures: 1, unknown: 0 },
      Read: { calls: 1, failures: 0, unknown: 1 },
    })
  })

  test('takes tool names as they come, even those of Object', () => {
    const { tools } = sessionOf(observation(1, [call('__proto__'), call('toString'), call('__proto__')]))
    expect(Object.getOwnPropertyDescriptor(tools, '__proto__')?.value).toEqual({ calls: 2, failures: 0, unknown: 0 })
    expect(tools.toString).toEqual({ calls: 1, failures: 0, unknown: 0 })
  })

  test('keeps the furthest status of a task (D-13)', () => {
    const { tasks } = sessionOf(
      observation(1, [task('completed', '1'), task('in_progress', '1'), task('deleted', '2')]),
    )
    expect(tasks.statuses).toEqual({ '1': 'completed', '2': 'deleted' })
  })

  test('orders snapshots by time, whenever they arrive', () => {
    const { tokenCounters } = sessionOf(
      observation(300, [snapshot(6, 30)]),
      observation(100, [snapshot(2, 10)]),
      observation(200, [snapshot(42, 20)]),
    )
    expect(tokenCounters[0]?.snapshots.map(({ messages }) => messages)).toEqual([2, 42, 6])
  })

  test('takes the agent type that was told first', () => {
    const session = aggregated([
      observation(200, [call('Read')], { agentType: 'second' }),
      observation(100, [call('Read')], { agentType: 'first' }),
    ])
    expect(session.fields.agentType).toBe('first')
  })

  test('takes an item once (duplicates)', () => {
    const aggregate = Aggregate.begin('s1', 0)
    const item = observation(1, [call('Read')])
    expect([aggregate.take(item, IDLE_GAP_MS), aggregate.take(item, IDLE_GAP_MS)]).toEqual(['used', 'duplicate'])
    expect(aggregate.toSession('default', 'idle').tools.Read?.calls).toBe(1)
  })

  test('sums the mission’s «active» spans, those of more than a second', () => {
    const { spans } = sessionOf(
      observation(0, [call('Bash')], { endMs: 40_000 }),
      observation(50_000, [call('Bash')], { endMs: 50_900, span: { ok: false } }),
    )
    expect(spans).toEqual({ count: 2, notOk: 1, longMs: 40_000 })
  })

  test('survives 70,000 spans (D-17) in one file', () => {
    const aggregate = Aggregate.begin('s1', 0)
    for (let n = 0; n < 70_000; n++) aggregate.take(observation(n * 10, [call('Read')]), IDLE_GAP_MS)
    expect(aggregate.toSession('default', 'idle')).toMatchObject({ startedAtMs: 0, endedAtMs: 699_990 })
  })

  test('refuses more repeats than it can hold', () => {
    const aggregate = Aggregate.begin('s1', 0)
    for (let n = 0; n < 10_000; n++) aggregate.take(observation(n, [score(0.5)]), IDLE_GAP_MS)
    expect(aggregate.take(observation(10_001, [score(0.5)]), IDLE_GAP_MS)).toBe('over_limit')
  })
})

test.for<{ name: string; observations: [timeMs: number, kind: Activity['kind']][]; ended: boolean }>([
  { name: 'no end signal', observations: [[0, 'prompt']], ended: false },
  {
    name: 'an end signal',
    observations: [
      [0, 'prompt'],
      [10, 'session_end'],
    ],
    ended: true,
  },
  {
    name: 'an end signal and the hooks of the same stop',
    observations: [
      [0, 'session_end'],
      [30_000, 'presence'],
    ],
    ended: true,
  },
  {
    name: 'work after it',
    observations: [
      [0, 'session_end'],
      [61_000, 'presence'],
    ],
    ended: false,
  },
  {
    name: 'resumed after it',
    observations: [
      [0, 'session_end'],
      [5000, 'session_start'],
    ],
    ended: false,
  },
  {
    name: 'resumed and ended again',
    observations: [
      [0, 'session_end'],
      [5000, 'session_start'],
      [9000, 'session_end'],
    ],
    ended: true,
  },
])('the end is signalled: $name → $ended', ({ observations, ended }) => {
  const aggregate = aggregated(
    observations.map(([timeMs, kind]) =>
      observation(timeMs, [{ kind } as Extract<Activity, { kind: 'prompt' | 'session_end' | 'session_start' }>]),
    ),
  )
  expect(aggregate.endSignalled).toBe(ended)
})

const anyActivity: fc.Arbitrary<Activity> = fc.oneof(
  fc.constantFrom<Activity>(
    { kind: 'prompt' },
    { kind: 'presence' },
    { kind: 'session_start' },
    { kind: 'session_end' },
    { kind: 'compaction' },
  ),
  fc
    .tuple(fc.constantFrom('Read', 'Edit'), fc.constantFrom('ok', 'failed', 'unknown'))
    .map(([tool, outcome]): Activity => ({ kind: 'tool_call', callId: undefined, tool, outcome: outcome as 'ok' })),
  fc
    .tuple(fc.constantFrom('pending', 'completed', 'deleted'), fc.constantFrom('1', '2', undefined))
    .map(([status, taskId]) => task(status as 'pending', taskId)),
  fc.double({ min: 0, max: 1, noNaN: true }).map(score),
)
const anyObservation = fc
  .record({ startMs: fc.nat(10_000_000), length: fc.nat(5000), key: fc.uuid(), activity: anyActivity })
  .map(({ startMs, length, key, activity }) => observation(startMs, [activity], { endMs: startMs + length, key }))

test('the order of arrival and duplicates do not matter, nor does a trip to disk on the way', () => {
  fc.assert(
    fc.property(
      fc.uniqueArray(anyObservation, { maxLength: 25, selector: ({ key }) => key }),
      fc.nat(),
      (observations, cut) => {
        const straight = aggregated(observations).toSession('default', 'idle')
        const doubled = [...observations.toReversed(), ...observations.slice(0, cut % 5)]
        const parted = aggregated(doubled.slice(0, cut % (doubled.length + 1)))
        const back = aggregateCodec.decode(aggregateCodec.encode(parted))
        for (const each of doubled.slice(cut % (doubled.length + 1))) back.take(each, IDLE_GAP_MS)
        expect(back.toSession('default', 'idle')).toEqual(straight)
      },
    ),
    { seed: 20_261_120 },
  )
})
