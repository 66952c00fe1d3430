import { describe, expect, test } from 'vitest'
import type { Attributes, Span } from '../model/telemetry.ts'
import { activitiesOf, logOf, measuredBy, observationOf, pointOf, spanOf } from './telemetry.fixture.ts'

const AGENT = { service: 'travel-agent' }
const span = (operation: string, attributes: Attributes = {}, rest: Partial<Span> = {}) =>
  spanOf(AGENT, operation, { 'gen_ai.operation.name': operation, 'gen_ai.conversation.id': 's1', ...attributes }, rest)

const answer = {
  'gen_ai.response.id': 'r1',
  'gen_ai.request.model': 'asked',
  'gen_ai.response.model': 'answered',
  'gen_ai.usage.input_tokens': 1000,
  'gen_ai.usage.output_tokens': 50,
  'gen_ai.usage.cache_read.input_tokens': 600,
  'gen_ai.usage.cache_creation.input_tokens': 100,
  'gen_ai.usage.reasoning.output_tokens': 7,
}
const CALL = {
  kind: 'model_call',
  callId: 'r1',
  model: 'answered',
  tokens: { freshInput: 300, cacheRead: 600, cacheCreation: 100, output: 50, reasoning: 7 },
  costUsd: undefined,
}
const invocation = { invocationId: '471237d4b62978ce', agentType: 'booker' }

test.for<{ what: string; item: Span; told: unknown }>([
  { what: 'a chat: input includes the cache', item: span('chat', answer), told: [CALL] },
  { what: 'generated content', item: span('generate_content', answer), told: [CALL] },
  {
    what: 'older names',
    item: span('text_completion', {
      'gen_ai.usage.prompt_tokens': '10',
      'gen_ai.usage.completion_tokens': '5',
    }),
    told: [
      {
        ...CALL,
        callId: undefined,
        model: undefined,
        tokens: { freshInput: 10, cacheRead: 0, cacheCreation: 0, output: 5, reasoning: 0 },
      },
    ],
  },
  {
    what: 'a cache that gave more than the whole input (Anthropic’s numbers, passed on as they are)',
    item: span('chat', { ...answer, 'gen_ai.usage.input_tokens': 20 }),
    told: [{ ...CALL, tokens: { ...CALL.tokens, freshInput: 0 } }],
  },
  {
    what: 'a chat that failed',
    item: span('chat', answer, { status: 'error' }),
    told: [{ kind: 'model_error', callId: 'r1' }],
  },
  {
    what: 'a tool',
    item: span('execute_tool', { 'gen_ai.tool.name': 'search', 'gen_ai.tool.call.id': 't1' }),
    told: [{ kind: 'tool_call', callId: 't1', tool: 'search', outcome: 'ok' }],
  },
  {
    what: 'a tool that failed without a status',
    item: span('execute_tool', { 'gen_ai.tool.name': 'search', 'error.type': 'timeout' }),
    told: [{ kind: 'tool_call', callId: undefined, tool: 'search', outcome: 'failed' }],
  },
  {
    what: 'an agent within an agent',
    item: span('invoke_agent', { ...answer, 'gen_ai.agent.name': 'booker' }, { parentSpanId: 'b7ad6b7169203331' }),
    told: [
      { kind: 'presence' },
      { kind: 'invocation_start', ...invocation, background: false },
      { kind: 'invocation_end', ...invocation, status: 'success', final: true },
    ],
  },
  { what: 'an embedding', item: span('embeddings', answer), told: [{ kind: 'presence' }] },
])('$what', ({ item, told }) => {
  expect(activitiesOf(item)).toEqual(told)
})

test('an agent tells how long it was at work, and not its tokens once more', () => {
  const item = span('invoke_agent', { ...answer, 'gen_ai.agent.name': 'planner' })
  expect(activitiesOf(item)).toMatchObject([
    { kind: 'presence' },
    { kind: 'usage', measure: 'activeSeconds', value: 0.5 },
  ])
  expect(observationOf(item)).toMatchObject({
    source: 'gen_ai_traces',
    sessionId: 's1',
    agentType: 'planner',
    agentTypeOrigin: 'agent_name',
  })
})

test('a service that nobody named is no agent type', () => {
  const item = spanOf({ service: 'unknown_service:node' }, 'chat', { 'gen_ai.operation.name': 'chat' })
  expect(observationOf(item).agentType).toBeUndefined()
})

describe('the event with a request’s details', () => {
  const details = (attributes: Attributes) =>
    logOf(AGENT, 'gen_ai.client.inference.operation.details', { 'gen_ai.conversation.id': 's1', ...attributes })

  test('is the same call as the span’s', () => {
    expect(activitiesOf(details({ ...answer, 'gen_ai.operation.name': 'chat' }))).toEqual([CALL])
  })

  test.for([{ 'gen_ai.usage.input_tokens': 5 }, { 'gen_ai.response.id': 'r1' }])(
    'tells nothing for sure with %j alone',
    (attributes) => {
      expect(activitiesOf(details(attributes))).toEqual({ kind: 'ignored', reason: 'told_elsewhere' })
    },
  )
})

const UNUSED = '{"kind":"ignored","reason":"metric_not_used"}'

test.for<{ name: string; type?: string; measured: unknown }>([
  { name: 'gen_ai.client.token.usage', type: 'input', measured: [['input', 40]] },
  { name: 'gen_ai.client.token.usage', type: 'output', measured: [['output', 40]] },
  { name: 'gen_ai.client.token.usage', measured: UNUSED },
  { name: 'gen_ai.client.operation.duration', measured: UNUSED },
])('$name of type $type measures $measured', ({ name, type, measured }) => {
  const point = pointOf(AGENT, name, { 'gen_ai.token.type': type }, { type: 'histogram' })
  expect(measuredBy(point)).toEqual(measured)
})

test.for([
  spanOf({ service: 'shop' }, 'GET /', { 'http.request.method': 'GET' }),
  logOf({ service: 'shop' }, 'order', {}),
  pointOf({ service: 'shop' }, 'http.server.duration', {}),
])('$name$eventName of a shop is nobody’s', (item) => {
  expect(activitiesOf(item)).toBeUndefined()
})
