import fc from 'fast-check'
import { expect, test } from 'vitest'
import type { Activity, InvocationRef, Observation, TokenCounts } from '#src/model/activity.ts'
import { Aggregate } from './aggregate.ts'

const IDLE_GAP_MS = 2

/** So few of each that many tell of the same thing at the same time, and differ. */
const SOURCES = ['claude_code_logs', 'claude_code_traces', 'claude_transcript', 'claude_hooks', 'codex_rollout']
const name = fc.constantFrom('a', 'b')
const id = fc.constantFrom('x', 'y')
const optional = <T>(values: fc.Arbitrary<T>) => fc.option(values, { nil: undefined })
const amount = fc.integer({ min: 0, max: 3 })
const tokens: fc.Arbitrary<TokenCounts> = fc.record({
  freshInput: amount,
  cacheRead: amount,
  cacheCreation: amount,
  output: amount,
  reasoning: amount,
})
const kind = <K extends string>(value: K) => fc.constant(value)

const activity: fc.Arbitrary<Activity> = fc.oneof(
  fc.record({
    kind: kind('model_call'),
    callId: optional(id),
    model: optional(name),
    tokens,
    provisional: fc.boolean(),
    costUsd: optional(amount),
  }),
  fc.record({ kind: kind('model_error'), callId: optional(id) }),
  fc.record({
    kind: kind('tool_call'),
    callId: optional(id),
    tool: optional(fc.constantFrom('a', 'b', 'mcp_tool')),
    outcome: fc.constantFrom('ok', 'failed', 'unknown'),
  }),
  fc.record({ kind: kind('tool_name'), callId: id, tool: fc.constantFrom('a', 'b', 'mcp_tool') }),
  fc.record({ kind: kind('tool_rejection'), callId: optional(id) }),
  fc.record({ kind: kind('token_snapshot'), counter: name, messages: amount, model: optional(name), tokens }),
  fc.record({
    kind: kind('task_change'),
    change: fc.constantFrom('created', 'updated'),
    taskId: optional(id),
    status: optional(fc.constantFrom('pending', 'completed', 'deleted')),
  }),
  fc.record({ kind: kind('evaluation'), name, score: fc.constantFrom(0, 0.5, 1) }),
  fc.record({
    kind: kind('invocation_start'),
    invocationId: optional(id),
    agentType: fc.constantFrom('a', 'custom', 'b'),
    background: fc.boolean(),
  }),
  fc.record({
    kind: kind('invocation_end'),
    invocationId: optional(id),
    agentType: fc.constantFrom('a', 'custom', 'b'),
    status: fc.constantFrom('success', 'failure', 'unknown'),
    final: fc.boolean(),
  }),
)

const invocation: fc.Arbitrary<InvocationRef> = fc.record({ id, agentType: optional(name), parentId: optional(id) })

const told = fc
  .record({
    source: fc.constantFrom(...SOURCES),
    startMs: fc.integer({ min: 1, max: 4 }),
    agentType: optional(name),
    agentTypeOrigin: optional(fc.constantFrom('hook', 'attribute', 'format')),
    agentVersion: optional(name),
    invocation: optional(invocation),
    activities: fc.array(activity, { minLength: 1, maxLength: 3 }),
  })
  .map(({ invocation, ...rest }) => ({ ...rest, ...(invocation === undefined ? {} : { invocation }) }))

const shuffles = fc
  .array(told, { minLength: 2, maxLength: 14 })
  .map((all) => all.map((each, n): Observation => observation(each, n)))
  .chain((all) =>
    fc.tuple(fc.constant(all), fc.shuffledSubarray(all, { minLength: all.length, maxLength: all.length })),
  )

function observation(each: Omit<Observation, 'key' | 'sessionId' | 'endMs' | 'span'>, n: number): Observation {
  return { ...each, key: `k${n}`, sessionId: 's1', endMs: each.startMs, span: undefined }
}

function sessionOf(observations: readonly Observation[]) {
  const aggregate = Aggregate.begin('s1', 0)
  for (const each of observations) aggregate.take(each, IDLE_GAP_MS)
  return aggregate.toSession('default', 'idle')
}

test('a session is the same in whatever order its telemetry comes, also where sources differ', () => {
  fc.assert(
    fc.property(shuffles, ([one, other]) => {
      expect(sessionOf(other)).toEqual(sessionOf(one))
    }),
    { numRuns: 1500 },
  )
})
