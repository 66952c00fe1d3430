import { describe, expect, test } from 'vitest'
import type { Attributes, Span } from '../model/telemetry.ts'
import { activitiesOf, logOf, measuredBy, observationOf, pointOf, spanOf, TIME_MS } from './telemetry.fixture.ts'

const QWEN = { service: 'qwen-code', version: '0.24.4' }
const event = (name: string, attributes: Attributes = {}) => logOf(QWEN, name, { 'session.id': 's1', ...attributes })

const PRESENCE = [{ kind: 'presence' }]
const NOISE = { kind: 'ignored', reason: 'qwen_code_noise' }
const CALL = {
  kind: 'model_call',
  callId: 'c1',
  model: 'qwen3-coder',
  tokens: { freshInput: 201, cacheRead: 800, cacheCreation: 0, output: 51, reasoning: 7 },
  costUsd: undefined,
}

test.for<{ what: string; name: string; attributes?: Attributes; told: unknown }>([
  { what: 'a start', name: 'session.start', told: [{ kind: 'session_start' }] },
  { what: 'an end', name: 'session.end', told: [{ kind: 'session_end' }] },
  { what: 'a prompt', name: 'qwen-code.user_prompt', told: [{ kind: 'prompt' }] },
  {
    what: 'an answer: input includes the cache, output the thoughts',
    name: 'qwen-code.api_response',
    attributes: {
      response_id: 'c1',
      model: 'qwen3-coder',
      input_token_count: 1001,
      output_token_count: 51,
      cached_content_token_count: 800,
      thoughts_token_count: 7,
    },
    told: [CALL],
  },
  {
    what: 'a failure',
    name: 'qwen-code.api_error',
    attributes: { response_id: 'c1' },
    told: [{ kind: 'model_error', callId: 'c1' }],
  },
  {
    what: 'a tool that was not there',
    name: 'qwen-code.tool_call',
    attributes: { call_id: 't1', function_name: 'todo_write', success: false, execution_status: 'not_started' },
    told: [{ kind: 'tool_call', callId: 't1', tool: 'todo_write', outcome: 'failed' }],
  },
  {
    what: 'a tool that the user did not allow',
    name: 'qwen-code.tool_call',
    attributes: { call_id: 't1', function_name: 'edit', success: false, decision: 'reject' },
    told: [{ kind: 'tool_rejection', callId: 't1' }],
  },
  { what: 'a compaction', name: 'qwen-code.chat_compression', told: [{ kind: 'compaction' }] },
  { what: 'work', name: 'qwen-code.api_request', told: PRESENCE },
  { what: 'housekeeping', name: 'qwen-code.config', told: NOISE },
  { what: 'housekeeping', name: 'qwen-code.memory.recall.delivery', told: NOISE },
  { what: 'an event of tomorrow', name: 'qwen-code.warp', told: { kind: 'unknown', name: 'qwen-code.warp' } },
  {
    what: 'a copy under the conventions',
    name: 'gen_ai.client.inference.operation.details',
    told: { kind: 'ignored', reason: 'told_elsewhere' },
  },
])('$what: $name', ({ name, attributes, told }) => {
  expect(activitiesOf(event(name, attributes))).toEqual(told)
})

test('a log record knows its session, its service and its version', () => {
  expect(observationOf(event('qwen-code.api_response', { duration_ms: 377 }))).toMatchObject({
    source: 'qwen_code_logs',
    sessionId: 's1',
    startMs: TIME_MS - 377,
    agentType: 'qwen-code',
    agentVersion: '0.24.4',
  })
})

test('a session’s start is left alone where another service tells it', () => {
  expect(activitiesOf(logOf({ service: 'shop' }, 'session.start', { 'session.id': 's1' }))).toBeUndefined()
})

const request = {
  'gen_ai.operation.name': 'chat',
  'gen_ai.response.id': 'c1',
  'gen_ai.response.model': 'qwen3-coder',
  'gen_ai.usage.input_tokens': 1001,
  'gen_ai.usage.output_tokens': 51,
  'gen_ai.usage.cache_read.input_tokens': 800,
  thoughts_token_count: 7,
}
const subagent = { 'qwen-code.subagent.id': 'a1', 'qwen-code.subagent.name': 'Explore' }

describe('a span', () => {
  test.for<{ what: string; name: string; attributes: Attributes; rest?: Partial<Span>; told: unknown }>([
    { what: 'of a request: the same call as the log’s', name: 'llm_request', attributes: request, told: [CALL] },
    {
      what: 'of a request that failed',
      name: 'llm_request',
      attributes: { ...request, success: false },
      told: [{ kind: 'model_error', callId: 'c1' }],
    },
    {
      what: 'of a tool that failed',
      name: 'tool',
      attributes: { call_id: 't1', 'gen_ai.tool.name': 'read_file', success: false },
      rest: { status: 'error' },
      told: [{ kind: 'tool_call', callId: 't1', tool: 'read_file', outcome: 'failed' }],
    },
    {
      what: 'of what runs within a tool: the same once more',
      name: 'tool.execution',
      attributes: { 'tool.call_id': 't1', success: true },
      told: PRESENCE,
    },
    { what: 'of a hook that failed', name: 'hook', attributes: {}, rest: { status: 'error' }, told: PRESENCE },
    {
      what: 'of a turn',
      name: 'interaction',
      attributes: { 'qwen-code.message_type': 'userQuery' },
      told: [
        { kind: 'prompt' },
        {
          kind: 'usage',
          measure: 'activeSeconds',
          model: undefined,
          series: 'interaction',
          cumulative: false,
          value: 0.5,
        },
      ],
    },
    {
      what: 'of a subagent',
      name: 'subagent',
      attributes: { ...subagent, 'qwen-code.subagent.status': 'completed' },
      told: [
        { kind: 'invocation_start', invocationId: 'a1', agentType: 'Explore', background: false },
        { kind: 'invocation_end', invocationId: 'a1', agentType: 'Explore', status: 'success', final: true },
      ],
    },
    {
      what: 'of a subagent that was cancelled',
      name: 'subagent',
      attributes: { ...subagent, 'qwen-code.subagent.status': 'cancelled' },
      told: [
        { kind: 'invocation_start', invocationId: 'a1', agentType: 'Explore', background: false },
        { kind: 'invocation_end', invocationId: 'a1', agentType: 'Explore', status: 'unknown', final: true },
      ],
    },
  ])('$what', ({ name, attributes, rest, told }) => {
    expect(activitiesOf(spanOf(QWEN, `qwen-code.${name}`, attributes, rest))).toEqual(told)
  })

  test('of a turn that Qwen began by itself is no prompt', () => {
    const span = spanOf(QWEN, 'qwen-code.interaction', { 'qwen-code.message_type': 'notification' })
    expect(activitiesOf(span)).toMatchObject([{ kind: 'presence' }, { kind: 'usage' }])
  })
})

const UNUSED = '{"kind":"ignored","reason":"metric_not_used"}'

test.for<{ name: string; type?: string; measured: unknown }>([
  { name: 'qwen-code.token.usage', type: 'input', measured: [['input', 40]] },
  { name: 'qwen-code.token.usage', type: 'output', measured: [['output', 40]] },
  { name: 'qwen-code.token.usage', type: 'cache', measured: [['cacheRead', 40]] },
  { name: 'qwen-code.token.usage', type: 'thought', measured: [['reasoning', 40]] },
  { name: 'qwen-code.token.usage', measured: UNUSED },
  { name: 'qwen-code.tool.call.count', measured: UNUSED },
])('$name of type $type measures $measured, of no known session', ({ name, type, measured }) => {
  const point = pointOf(QWEN, name, { model: 'qwen3-coder', type })
  expect(measuredBy(point)).toEqual(measured)
  if (measured !== UNUSED) expect(observationOf(point).sessionId).toBeUndefined()
})
