import { describe, expect, test } from 'vitest'
import type { Activity } from '#src/model/activity.ts'
import {
  addFact,
  noFacts,
  resolveMeters,
  resolveModelUse,
  resolvePrompts,
  resolveRejections,
  resolveTasks,
  resolveTools,
} from './facts.ts'

type FactActivity = Parameters<typeof addFact>[1]
type Told = readonly [source: string, activity: FactActivity]

const LOGS = 'claude_code_logs'
const TRACES = 'claude_code_traces'
const HOOKS = 'hook_spans'
const TRANSCRIPT = 'claude_transcript'

function told(...facts: Told[]) {
  const all = noFacts()
  const sources: Record<string, number> = {}
  for (const [n, [source, activity]] of facts.entries()) {
    sources[source] = 1
    addFact(all, activity, source, `k${n}`)
  }
  return { facts: all, sources }
}

const modelCall = (callId: string | undefined, output: number, costUsd?: number): FactActivity => ({
  kind: 'model_call',
  callId,
  model: 'opus',
  tokens: { freshInput: 0, cacheRead: 0, cacheCreation: 0, output, reasoning: 0 },
  costUsd,
})
const toolCall = (
  callId: string | undefined,
  tool: string | undefined,
  outcome: 'ok' | 'failed' = 'ok',
): FactActivity => ({
  kind: 'tool_call',
  callId,
  tool,
  outcome,
})

/** In both orders: what comes first must not matter. */
function bothOrders(facts: Told[]): Told[][] {
  return [facts, facts.toReversed()]
}

describe('model calls', () => {
  test.for(
    bothOrders([
      [LOGS, modelCall('r1', 100, 0.5)],
      [TRACES, modelCall('r1', 100)],
    ]),
  )('of one id count once', (facts) => {
    const { facts: all, sources } = told(...facts)
    expect(resolveModelUse(all, sources)).toMatchObject({ calls: 1, costUsd: 0.5, tokens: { opus: { output: 100 } } })
  })

  test.for(
    bothOrders([
      [LOGS, modelCall('r1', 100, 0.5)],
      [TRACES, modelCall('r1', 7)],
    ]),
  )('logs are right where traces say something else', (facts) => {
    const { facts: all, sources } = told(...facts)
    expect(resolveModelUse(all, sources)?.tokens.opus?.output).toBe(100)
  })

  test('that only traces tell count too, without a cost', () => {
    const { facts, sources } = told([LOGS, modelCall('r1', 100, 0.5)], [TRACES, modelCall('r2', 10)])
    expect(resolveModelUse(facts, sources)).toMatchObject({ calls: 2, costUsd: 0.5, tokens: { opus: { output: 110 } } })
  })

  test('without an id count only from the trusted source', () => {
    const { facts, sources } = told([LOGS, modelCall(undefined, 100)], [TRACES, modelCall(undefined, 100)])
    expect(resolveModelUse(facts, sources)?.calls).toBe(1)
  })

  test.for(
    bothOrders([
      [TRANSCRIPT, { ...modelCall('r1', 1), provisional: true }],
      [TRANSCRIPT, { ...modelCall('r1', 100), provisional: false }],
      [TRANSCRIPT, { ...modelCall('r2', 1), provisional: true }],
    ] as Told[]),
  )('that one source tells in pieces count up to the largest', (facts) => {
    const { facts: all, sources } = told(...facts)
    expect(resolveModelUse(all, sources)).toMatchObject({
      calls: 2,
      provisionalCalls: 1,
      tokens: { opus: { output: 101 } },
    })
  })

  test.for(
    bothOrders([
      [TRANSCRIPT, { ...modelCall('r1', 1), provisional: true }],
      [LOGS, modelCall('r1', 100)],
    ] as Told[]),
  )('placeholders of a transcript give way to logs', (facts) => {
    const { facts: all, sources } = told(...facts)
    expect(resolveModelUse(all, sources)).toMatchObject({
      calls: 1,
      provisionalCalls: 0,
      tokens: { opus: { output: 100 } },
    })
  })

  test('under a name of their own source are one call, and count only if that source is trusted', () => {
    const piece = { ...modelCall(undefined, 7), localId: 'm1' } as FactActivity
    const alone = told([TRANSCRIPT, piece], [TRANSCRIPT, piece])
    expect(resolveModelUse(alone.facts, alone.sources)).toMatchObject({ calls: 1, tokens: { opus: { output: 7 } } })
    const both = told([TRANSCRIPT, piece], [LOGS, modelCall(undefined, 7)])
    expect(resolveModelUse(both.facts, both.sources)?.calls).toBe(1)
  })

  test('with an id only from a less trusted source do not count beside those that the trusted one has without', () => {
    const { facts, sources } = told([LOGS, modelCall(undefined, 100)], [TRANSCRIPT, modelCall('r1', 1)])
    expect(resolveModelUse(facts, sources)).toMatchObject({ calls: 1, tokens: { opus: { output: 100 } } })
  })

  test('that failed, without an id: logs win over traces, also when they tell of none', () => {
    const error: FactActivity = { kind: 'model_error', callId: undefined }
    const traced = told([TRACES, error], [TRACES, error])
    expect(resolveModelUse(traced.facts, traced.sources)?.errors).toBe(2)
    const both = told([TRACES, error], [TRACES, error], [LOGS, modelCall('r1', 1)])
    expect(resolveModelUse(both.facts, both.sources)?.errors).toBe(0)
  })

  test('are absent when no source tells of them', () => {
    const { facts, sources } = told([HOOKS, toolCall(undefined, 'Read')])
    expect(resolveModelUse(facts, sources)).toBeUndefined()
    expect(resolveRejections(facts, sources)).toBeUndefined()
  })
})

test.for(['constructor', '__proto__'])('a model named %s is a name like any other', (model) => {
  const call = (callId: string): FactActivity => ({ ...modelCall(callId, 100), model }) as FactActivity
  const { facts, sources } = told([LOGS, call('r1')], [LOGS, call('r2')])
  const tokens = Object.entries(resolveModelUse(facts, sources)?.tokens ?? {})
  expect(tokens).toMatchObject([[model, { output: 200 }]])
})

describe('tools', () => {
  test.for(
    bothOrders([
      [LOGS, toolCall('t1', 'Bash', 'failed')],
      [TRACES, { kind: 'tool_name', callId: 't1', tool: 'Bash' }],
      [TRACES, toolCall('t1', undefined, 'failed')],
    ]),
  )('of one id count once', (facts) => {
    const { facts: all, sources } = told(...facts)
    expect(resolveTools(all, sources)).toEqual({ Bash: { calls: 1, failures: 1, unknown: 0 } })
  })

  test('with an id only from a less trusted source do not count beside those that the trusted one has without', () => {
    const { facts, sources } = told([LOGS, toolCall(undefined, 'Bash')], [TRANSCRIPT, toolCall('t1', 'Bash')])
    expect(resolveTools(facts, sources)).toEqual({ Bash: { calls: 1, failures: 0, unknown: 0 } })
  })

  test('that were named and never ran do not count', () => {
    const { facts, sources } = told([TRACES, { kind: 'tool_name', callId: 't1', tool: 'Bash' }])
    expect(resolveTools(facts, sources)).toEqual({})
  })

  test('of hooks do not count where Claude Code tells of them with ids', () => {
    const { facts, sources } = told([HOOKS, toolCall(undefined, 'Bash')], [LOGS, toolCall('t1', 'Bash')])
    expect(resolveTools(facts, sources)).toEqual({ Bash: { calls: 1, failures: 0, unknown: 0 } })
  })
})

test('prompts and tasks come from the trusted source alone', () => {
  const update: FactActivity = { kind: 'task_change', change: 'updated', taskId: '1', status: 'completed' }
  const { facts, sources } = told(
    [HOOKS, { kind: 'prompt' }],
    [LOGS, { kind: 'prompt' }],
    [HOOKS, update],
    [LOGS, { ...update, taskId: undefined, status: undefined } as Extract<Activity, { kind: 'task_change' }>],
  )
  expect(resolvePrompts(facts, sources)).toBe(1)
  expect(resolveTasks(facts, sources)).toMatchObject({ updates: 1, statuses: { '1': 'completed' } })
})

test('meters add deltas and take the highest of cumulative readings', () => {
  const usage = (value: number, cumulative: boolean): FactActivity => ({
    kind: 'usage',
    measure: 'output',
    model: 'opus',
    series: cumulative ? 'c' : 'd',
    cumulative,
    value,
  })
  const { facts } = told(
    ...[usage(5, false), usage(6, false), usage(20, true), usage(10, true)].map(
      (each): Told => ['claude_code_metrics', each],
    ),
  )
  expect(resolveMeters(facts)).toMatchObject({ tokens: { opus: { output: 31 } }, costUsd: undefined })
})

test('a session that has taken in 10,000 calls takes no more', () => {
  const facts = noFacts()
  for (let n = 0; n < 10_000; n++) addFact(facts, modelCall(`r${n}`, 1), LOGS, `k${n}`)
  expect(addFact(facts, modelCall('one more', 1), LOGS, 'k')).toBe(false)
  expect(addFact(facts, modelCall('r1', 1), LOGS, 'k')).toBe(true)
})
