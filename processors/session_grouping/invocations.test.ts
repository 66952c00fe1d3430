import { describe, expect, test } from 'vitest'
import type { InvocationRef, InvocationStatus } from '#src/model/activity.ts'
import type { Invocation } from '#src/model/session.ts'
import { addFact, noFacts } from './facts.ts'
import { type InvocationMark, type InvocationRun, resolveInvocations, stretchRun } from './invocations.ts'

const GAP_MS = 1000
const LOGS = 'claude_code_logs'

const start = (timeMs: number, invocationId?: string, agentType = 'explore'): InvocationMark => ({
  kind: 'start',
  timeMs,
  agentType,
  invocationId,
  status: 'running',
  final: true,
})

const end = (
  timeMs: number,
  status: InvocationStatus,
  invocationId?: string,
  agentType = 'explore',
): InvocationMark => ({ kind: 'end', timeMs, agentType, invocationId, status, final: true })

interface Work extends InvocationRef {
  readonly startMs: number
  readonly endMs: number
}

const work = (id: string, startMs: number, endMs: number, agentType?: string, parentId?: string): Work => ({
  id,
  startMs,
  endMs,
  agentType,
  parentId,
})

function resolved(marks: readonly InvocationMark[], works: readonly Work[] = []): readonly Invocation[] {
  const runs = new Map<string, InvocationRun>()
  for (const each of works) stretchRun(runs, each, each.startMs, each.endMs, GAP_MS)
  return resolveInvocations({ id: 's1', marks, runs, facts: noFacts(), sources: {} })
}

function shape(invocations: readonly Invocation[]): unknown[] {
  return invocations.map(({ invocationId, agentType, startedAtMs, endedAtMs, status }) => [
    invocationId,
    agentType,
    startedAtMs,
    endedAtMs,
    status,
  ])
}

test.for<{ name: string; marks?: InvocationMark[]; works?: Work[]; invocations: unknown[] }>([
  { name: 'none', invocations: [] },
  {
    name: 'told by several sources, once',
    marks: [start(2, 'a'), start(1, 'a'), end(8, 'unknown', 'a'), end(9, 'success', 'a')],
    invocations: [['a', 'explore', 1, 9, 'success']],
  },
  {
    name: 'a failure that one source saw',
    marks: [end(9, 'success', 'a'), end(8, 'failure', 'a')],
    invocations: [['a', 'explore', undefined, 9, 'failure']],
  },
  {
    name: 'of one type, by id',
    marks: [start(1, 'a'), start(2, 'b'), end(5, 'success', 'b')],
    invocations: [
      ['a', 'explore', 1, undefined, 'running'],
      ['b', 'explore', 2, 5, 'success'],
    ],
  },
  {
    name: 'known from its work alone: how it ended is not told',
    works: [work('a', 3, 4, 'explore'), work('a', 8, 9)],
    invocations: [['a', 'explore', 3, 9, 'unknown']],
  },
  {
    name: 'a name that the client hid and another source knows',
    marks: [end(9, 'success', 'a', 'custom')],
    works: [work('a', 3, 4, 'code-reviewer')],
    invocations: [['a', 'code-reviewer', 3, 9, 'success']],
  },
  {
    name: 'without ids beside some with ids: the same runs once more',
    marks: [start(1), end(9, 'success')],
    works: [work('a', 1, 9, 'explore')],
    invocations: [['a', 'explore', 1, 9, 'unknown']],
  },
  {
    name: 'without ids at all',
    marks: [start(1), end(9, 'success')],
    invocations: [['s1/explore/0', 'explore', 1, 9, 'success']],
  },
])('$name', ({ marks = [], works = [], invocations }) => {
  expect(shape(resolved(marks, works))).toEqual(invocations)
  expect(shape(resolved(marks.toReversed(), works.toReversed()))).toEqual(invocations)
})

test('a nested invocation names its parent', () => {
  const [outer, inner] = resolved([], [work('a', 1, 9), work('b', 2, 3, 'explore', 'a')])
  expect([outer?.parentId, inner?.parentId]).toEqual([undefined, 'a'])
})

test('work that is close together is one interval', () => {
  const [invocation] = resolved([], [work('a', 0, 100), work('a', 900, 1000), work('a', 5000, 5001)])
  expect(invocation?.work.activeIntervals).toEqual([
    [0, 1000],
    [5000, 5001],
  ])
})

describe('the work of an invocation', () => {
  const tokens = { freshInput: 1, cacheRead: 2, cacheCreation: 3, output: 4, reasoning: 0 }
  const facts = noFacts()
  const tell = (activity: Parameters<typeof addFact>[1], invocationId: string | undefined): void => {
    addFact(facts, activity, { source: LOGS, key: `k${JSON.stringify(activity)}`, invocationId })
  }
  tell({ kind: 'model_call', callId: 'r1', model: 'opus', tokens, costUsd: 0.25 }, 'a')
  tell({ kind: 'model_call', callId: 'r2', model: 'opus', tokens, costUsd: 0.5 }, undefined)
  tell({ kind: 'model_error', callId: 'r3' }, 'a')
  tell({ kind: 'tool_call', callId: 't1', tool: 'Read', outcome: 'failed' }, 'a')
  tell({ kind: 'tool_call', callId: 't2', tool: 'Agent', outcome: 'ok' }, undefined)
  tell({ kind: 'tool_call', callId: 't3', tool: 'Read', outcome: 'ok' }, 'b')
  tell({ kind: 'tool_rejection', callId: 't4' }, 'b')
  const marks = [end(9, 'success', 'a'), end(9, 'success', 'b'), end(9, 'success', 'c')]
  const runs = new Map<string, InvocationRun>()
  const [a, b, c] = resolveInvocations({ id: 's1', marks, runs, facts, sources: { [LOGS]: 1 } })

  test('is its own, not the main agent’s', () => {
    expect(a?.work).toEqual({
      activeIntervals: [],
      modelUse: { calls: 1, errors: 1, provisionalCalls: 0, tokens: { opus: tokens }, costUsd: 0.25 },
      tools: { Read: { calls: 1, failures: 1, unknown: 0 } },
      rejections: 0,
    })
  })

  test('has no model use where no call is known to be its own', () => {
    expect(b?.work).toMatchObject({ modelUse: undefined, rejections: 1 })
  })

  test('is absent, not 0, where nothing was told', () => {
    expect(c?.work).toEqual({ activeIntervals: [], modelUse: undefined, tools: {}, rejections: undefined })
  })
})
