import { describe, expect, test } from 'vitest'
import type { Attributes, Span } from '../model/telemetry.ts'
import { activitiesOf, logOf, measuredBy, observationOf, pointOf, spanOf } from './telemetry.fixture.ts'

const COPILOT = { service: 'github-copilot', resource: { 'service.instance.id': 'copilot-otel-4869-0' } }
const CHAT = { service: 'copilot-chat', resource: { 'session.id': 'window' } }

const span = (operation: string, attributes: Attributes = {}, rest: Partial<Span> = {}) => {
  const named = { 'gen_ai.operation.name': operation, 'gen_ai.conversation.id': 's1', ...attributes }
  return spanOf(COPILOT, operation, named, { parentSpanId: '39538afef9f1bb7d', ...rest })
}

/** The span of a whole turn: nothing is around it. */
const turn = (attributes: Attributes): Span => {
  const { parentSpanId: _none, ...outermost } = span('invoke_agent', attributes)
  return outermost
}

const chat = {
  'gen_ai.response.id': 'c1',
  'gen_ai.response.model': 'gpt-mock',
  'gen_ai.usage.input_tokens': 1001,
  'gen_ai.usage.output_tokens': 51,
  'gen_ai.usage.cache_read.input_tokens': 800,
  'gen_ai.usage.cache_creation.input_tokens': 100,
  'gen_ai.usage.reasoning.output_tokens': 7,
  'github.copilot.cost': 1,
}
const tool = { 'gen_ai.tool.name': 'read_file', 'gen_ai.tool.call.id': 't1' }
const invocation = { invocationId: '471237d4b62978ce', agentType: 'explore' }
const totals = { 'gen_ai.usage.input_tokens': 4010, 'gen_ai.usage.output_tokens': 210 }

test.for<{ what: string; item: Span; told: unknown }>([
  {
    what: 'a request; its cost counts premium requests, not dollars',
    item: span('chat', chat),
    told: [
      {
        kind: 'model_call',
        callId: 'c1',
        model: 'gpt-mock',
        tokens: { freshInput: 101, cacheRead: 800, cacheCreation: 100, output: 51, reasoning: 7 },
        costUsd: undefined,
      },
    ],
  },
  {
    what: 'a request that failed',
    item: span('chat', { 'error.type': '500' }, { status: 'error' }),
    told: [{ kind: 'model_error', callId: undefined }],
  },
  {
    what: 'a tool that failed',
    item: span('execute_tool', { ...tool, 'error.type': 'ToolError' }, { status: 'error' }),
    told: [{ kind: 'tool_call', callId: 't1', tool: 'read_file', outcome: 'failed' }],
  },
  {
    what: 'a tool that worked: the status stays unset',
    item: span('execute_tool', tool),
    told: [{ kind: 'tool_call', callId: 't1', tool: 'read_file', outcome: 'ok' }],
  },
  {
    what: 'the whole turn, which repeats the tokens of its requests',
    item: turn(totals),
    told: [
      { kind: 'prompt' },
      {
        kind: 'usage',
        measure: 'activeSeconds',
        model: undefined,
        series: 'invoke_agent',
        cumulative: false,
        value: 0.5,
      },
    ],
  },
  {
    what: 'a subagent, which does so too',
    item: span('invoke_agent', { ...totals, 'gen_ai.agent.name': 'explore' }),
    told: [
      { kind: 'invocation_start', ...invocation, background: false },
      { kind: 'invocation_end', ...invocation, status: 'success', final: true },
    ],
  },
  { what: 'another span', item: spanOf(COPILOT, 'execute_hook', {}), told: [{ kind: 'presence' }] },
])('$what', ({ item, told }) => {
  expect(activitiesOf(item)).toEqual(told)
})

describe('whose span it is', () => {
  test('says the conversation: VS Code’s session is that of a window', () => {
    const item = spanOf(CHAT, 'chat', { 'gen_ai.operation.name': 'chat', 'gen_ai.conversation.id': 's1' })
    expect(observationOf(item)).toMatchObject({ source: 'copilot_traces', sessionId: 's1', agentType: 'copilot-chat' })
    expect(observationOf({ ...item, attributes: {} }).sessionId).toBeUndefined()
  })

  test('is the agent that was started with a name', () => {
    const attributes = { 'gen_ai.agent.name': 'reviewer' }
    expect(observationOf(turn(attributes))).toMatchObject({
      agentType: 'reviewer',
      agentTypeOrigin: 'agent_name',
    })
    expect(observationOf(span('invoke_agent', attributes))).toMatchObject({ agentTypeOrigin: 'service' })
  })

  test('is what its attribute says before that', () => {
    const attributes = { 'gen_ai.agent.name': 'reviewer', 'agentperf.agent_type': 'lab' }
    expect(observationOf(turn(attributes))).toMatchObject({
      agentType: 'lab',
      agentTypeOrigin: 'attribute',
    })
  })
})

const UNUSED = '{"kind":"ignored","reason":"metric_not_used"}'
const USAGE = 'gen_ai.client.inference.usage'

test.for<{ name: string; measured: unknown }>([
  { name: `${USAGE}.input_tokens`, measured: [['input', 40]] },
  { name: `${USAGE}.output_tokens`, measured: [['output', 40]] },
  { name: `${USAGE}.cache_read.input_tokens`, measured: [['cacheRead', 40]] },
  { name: `${USAGE}.cache_write.input_tokens`, measured: [['cacheCreation', 40]] },
  { name: `${USAGE}.reasoning.output_tokens`, measured: [['reasoning', 40]] },
  { name: 'gen_ai.client.inference.operation.input_tokens', measured: UNUSED },
  { name: 'github.copilot.tool.call.count', measured: UNUSED },
])('$name measures $measured', ({ name, measured }) => {
  expect(measuredBy(pointOf(COPILOT, name, { 'gen_ai.response.model': 'gpt-mock' }))).toEqual(measured)
})

test('two processes have series of their own', () => {
  const seriesOf = (instance: string) => {
    const agent = { ...COPILOT, resource: { 'service.instance.id': instance } }
    return observationOf(pointOf(agent, `${USAGE}.input_tokens`, {})).activities.map((activity) =>
      activity.kind === 'usage' ? activity.series : '',
    )
  }
  expect(seriesOf('a')).toEqual(seriesOf('a'))
  expect(seriesOf('a')).not.toEqual(seriesOf('b'))
})

test('events repeat what spans tell', () => {
  const told = { kind: 'ignored', reason: 'told_elsewhere' }
  expect(activitiesOf(logOf(CHAT, 'copilot_chat.agent.turn', totals))).toEqual(told)
})
