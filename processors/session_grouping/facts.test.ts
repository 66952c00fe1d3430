import { describe, expect, test } from 'vitest'
import type { Activity } from '#src/model/activity.ts'
import { addFact, noFacts } from './facts.ts'
import { resolveMeters } from './meters.ts'
import {
  resolveCompactions,
  resolveModelUse,
  resolvePrompts,
  resolveRejections,
  resolveTasks,
  resolveTools,
} from './resolve-facts.ts'

type FactActivity = Parameters<typeof addFact>[1]
type Told = readonly [source: string, activity: FactActivity]

const LOGS = 'claude_code_logs'
const TRACES = 'claude_code_traces'
const HOOKS = 'hook_spans'
const CLAUDE_HOOKS = 'claude_hooks'
const TRANSCRIPT = 'claude_transcript'

function told(...facts: Told[]) {
  const all = noFacts()
  const sources: Record<string, number> = {}
  for (const [n, [source, activity]] of facts.entries()) {
    sources[source] = 1
    addFact(all, activity, { source, key: `k${n}`, invocationId: undefined })
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
const failed = (callId?: string): FactActivity => ({ kind: 'model_error', callId })
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

  test('that only a less trusted source told count, whatever else the session has', () => {
    const { facts, sources } = told(
      [LOGS, { kind: 'prompt' }],
      [TRANSCRIPT, { ...modelCall(undefined, 7), localId: 'm1' } as FactActivity],
    )
    expect(resolveModelUse(facts, sources)).toMatchObject({ calls: 1, tokens: { opus: { output: 7 } } })
  })

  test('that failed, without an id: logs win over traces, also when they tell of none', () => {
    const error: FactActivity = { kind: 'model_error', callId: undefined }
    const traced = told([TRACES, error], [TRACES, error])
    expect(resolveModelUse(traced.facts, traced.sources)?.errors).toBe(2)
    const both = told([TRACES, error], [TRACES, error], [LOGS, modelCall('r1', 1)])
    expect(resolveModelUse(both.facts, both.sources)?.errors).toBe(0)
  })

  test.for<{ what: string; told: Parameters<typeof told>; errors: number }>([
    {
      what: 'by logs without an id and by traces with one',
      told: [
        [LOGS, failed()],
        [TRACES, failed('r2')],
      ],
      errors: 1,
    },
    {
      what: 'by logs with and without an id',
      told: [
        [LOGS, failed('r1')],
        [LOGS, failed()],
      ],
      errors: 2,
    },
    {
      what: 'by logs, one of two with an id, and by traces with both',
      told: [
        [LOGS, failed('r1')],
        [LOGS, failed()],
        [TRACES, failed('r1')],
        [TRACES, failed('r2')],
      ],
      errors: 2,
    },
    {
      what: 'by logs once, and by traces with more ids',
      told: [
        [LOGS, failed()],
        [TRACES, failed('r1')],
        [TRACES, failed('r2')],
      ],
      errors: 2,
    },
    {
      what: 'by logs with an id and by traces without one',
      told: [
        [LOGS, failed('r1')],
        [TRACES, failed()],
      ],
      errors: 1,
    },
  ])('that failed, told $what: $errors', ({ told: observed, errors }) => {
    const { facts, sources } = told(...observed)
    expect(resolveModelUse(facts, sources)?.errors).toBe(errors)
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
    const { facts: all } = told(...facts)
    expect(resolveTools(all)).toEqual({ Bash: { calls: 1, failures: 1, unknown: 0 } })
  })

  test('with an id only from a less trusted source do not count beside those that the trusted one has without', () => {
    const { facts } = told([LOGS, toolCall(undefined, 'Bash')], [TRANSCRIPT, toolCall('t1', 'Bash')])
    expect(resolveTools(facts)).toEqual({ Bash: { calls: 1, failures: 0, unknown: 0 } })
  })

  test('that were named and never ran do not count', () => {
    const { facts } = told([TRACES, { kind: 'tool_name', callId: 't1', tool: 'Bash' }])
    expect(resolveTools(facts)).toEqual({})
  })

  test('of hooks do not count where Claude Code tells of them with ids', () => {
    const { facts } = told([HOOKS, toolCall(undefined, 'Bash')], [LOGS, toolCall('t1', 'Bash')])
    expect(resolveTools(facts)).toEqual({ Bash: { calls: 1, failures: 0, unknown: 0 } })
  })

  test.for(
    bothOrders([
      [LOGS, toolCall(undefined, 'Bash')],
      [CLAUDE_HOOKS, toolCall('t1', 'Bash')],
    ]),
  )('of old clients, whose logs have no ids, do not count beside hooks', (facts) => {
    expect(resolveTools(told(...facts).facts)).toEqual({ Bash: { calls: 1, failures: 0, unknown: 0 } })
  })

  test.for(
    bothOrders([
      [LOGS, toolCall(undefined, 'Bash')],
      [TRACES, toolCall('t1', 'Bash')],
    ]),
  )('without ids of a trusted source count instead of those with ids of a less trusted one', (facts) => {
    expect(resolveTools(told(...facts).facts)).toEqual({ Bash: { calls: 1, failures: 0, unknown: 0 } })
  })

  test.for(
    bothOrders([
      [LOGS, toolCall('t1', 'mcp_tool')],
      [CLAUDE_HOOKS, toolCall('t1', 'mcp__files__read')],
    ]),
  )('have the name that hooks give them', (facts) => {
    expect(Object.keys(resolveTools(told(...facts).facts))).toEqual(['mcp__files__read'])
  })

  test('count from the most trusted source that tells of any', () => {
    const { facts } = told([CLAUDE_HOOKS, { kind: 'prompt' }], [HOOKS, toolCall(undefined, 'Bash')])
    expect(resolveTools(facts)).toMatchObject({ Bash: { calls: 1 } })
  })
})

describe('prompts', () => {
  const prompt = (promptId?: string): FactActivity =>
    promptId === undefined ? { kind: 'prompt' } : { kind: 'prompt', promptId }

  test.for<{ name: string; facts: Told[]; prompts: number }>([
    {
      name: 'of one id that one source tells twice',
      facts: [
        [LOGS, prompt('p1')],
        [LOGS, prompt('p1')],
      ],
      prompts: 1,
    },
    { name: 'nobody tells of any', facts: [], prompts: 0 },
    {
      name: 'of one id',
      facts: [
        [LOGS, prompt('p1')],
        [CLAUDE_HOOKS, prompt('p1')],
      ],
      prompts: 1,
    },
    {
      name: 'of which each source missed one',
      facts: [
        [LOGS, prompt('p1')],
        [CLAUDE_HOOKS, prompt('p2')],
      ],
      prompts: 2,
    },
    {
      name: 'without ids beside one with an id',
      facts: [
        [LOGS, prompt()],
        [CLAUDE_HOOKS, prompt('p1')],
      ],
      prompts: 1,
    },
    {
      name: 'of which ids tell only some',
      facts: [
        [LOGS, prompt()],
        [LOGS, prompt()],
        [TRACES, prompt('p1')],
      ],
      prompts: 2,
    },
    {
      name: 'of less trusted sources',
      facts: [
        [CLAUDE_HOOKS, prompt('p1')],
        [TRACES, prompt()],
        [TRACES, prompt()],
      ],
      prompts: 1,
    },
  ])('$name: $prompts', ({ facts, prompts }) => {
    for (const ordered of bothOrders(facts)) expect(resolvePrompts(told(...ordered).facts)).toBe(prompts)
  })
})

describe('tasks', () => {
  const change = (
    kind: 'created' | 'updated',
    taskId?: string,
    status?: 'completed' | 'in_progress',
  ): FactActivity => ({
    kind: 'task_change',
    change: kind,
    taskId,
    status,
  })

  test('of one id are created once, however many events tell it', () => {
    const { facts } = told([CLAUDE_HOOKS, change('created', '1')], [CLAUDE_HOOKS, change('created', '1')])
    expect(resolveTasks(facts)).toMatchObject({ creates: 1, statuses: {} })
  })

  test.for(
    bothOrders([
      [CLAUDE_HOOKS, change('created', '1')],
      [LOGS, change('created')],
      [LOGS, change('updated', '1', 'completed')],
    ]),
  )('come from a source that knows what became of them, if there is one', (facts) => {
    expect(resolveTasks(told(...facts).facts)).toEqual({
      creates: 1,
      updates: 1,
      completedWithoutId: 0,
      statuses: { '1': 'completed' },
    })
  })

  test.for(
    bothOrders([
      [CLAUDE_HOOKS, change('updated', '1', 'completed')],
      [LOGS, change('updated', '1', 'in_progress')],
    ]),
  )('have the status that hooks tell', (facts) => {
    expect(resolveTasks(told(...facts).facts).statuses).toEqual({ '1': 'completed' })
  })
})

test('compactions come from the most trusted source that tells of any', () => {
  const compaction: FactActivity = { kind: 'compaction' }
  const { facts } = told([LOGS, { kind: 'prompt' }], [CLAUDE_HOOKS, compaction], [CLAUDE_HOOKS, compaction])
  expect(resolveCompactions(facts)).toBe(2)
  addFact(facts, compaction, { source: LOGS, key: 'k', invocationId: undefined })
  expect(resolveCompactions(facts)).toBe(1)
})

test('prompts and tasks come from the trusted source alone', () => {
  const update: FactActivity = { kind: 'task_change', change: 'updated', taskId: '1', status: 'completed' }
  const { facts } = told(
    [HOOKS, { kind: 'prompt' }],
    [LOGS, { kind: 'prompt' }],
    [HOOKS, update],
    [LOGS, { ...update, taskId: undefined, status: undefined } as Extract<Activity, { kind: 'task_change' }>],
  )
  expect(resolvePrompts(facts)).toBe(1)
  expect(resolveTasks(facts)).toMatchObject({ updates: 1, statuses: { '1': 'completed' } })
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
  expect(resolveMeters(facts.meters)).toMatchObject({ tokens: { opus: { output: 31 } }, costUsd: undefined })
})

test('a session that has taken in 10,000 calls takes no more', () => {
  const facts = noFacts()
  for (let n = 0; n < 10_000; n++)
    addFact(facts, modelCall(`r${n}`, 1), { source: LOGS, key: `k${n}`, invocationId: undefined })
  expect(addFact(facts, modelCall('one more', 1), { source: LOGS, key: 'k', invocationId: undefined })).toBe(false)
  expect(addFact(facts, modelCall('r1', 1), { source: LOGS, key: 'k', invocationId: undefined })).toBe(true)
})

describe('a trusted source that tells things without ids', () => {
  const CODEX = 'codex_logs'
  const OTHER = 'claude_code_traces'

  test.for(
    bothOrders([
      [CODEX, modelCall(undefined, 50)],
      [CODEX, modelCall(undefined, 60)],
      [OTHER, modelCall('r1', 50)],
      [OTHER, modelCall('r2', 60)],
    ]),
  )('is not added to what another source tells of the same calls', (facts) => {
    const { facts: all, sources } = told(...facts)
    expect(resolveModelUse(all, sources)).toMatchObject({ calls: 2, tokens: { opus: { output: 110 } } })
  })

  test.for(
    bothOrders([
      [CODEX, toolCall(undefined, 'exec_command')],
      [CODEX, toolCall('t1', 'apply_patch')],
      [OTHER, toolCall('t1', 'apply_patch')],
      [OTHER, toolCall('t2', 'exec_command')],
    ]),
  )('nor with its tools', (facts) => {
    const tools = resolveTools(told(...facts).facts)
    expect(tools.exec_command?.calls).toBe(1)
    expect(tools.apply_patch?.calls).toBe(1)
  })
})
