import { describe, expect, test } from 'vitest'
import type { Attributes } from '../model/telemetry.ts'
import { activitiesOf, logOf, measuredBy, observationOf, pointOf, spanOf, TIME_MS } from './telemetry.fixture.ts'

const GEMINI = { service: 'gemini-cli', version: 'v20.20.2', resource: { 'session.id': 's1' } }
const event = (name: string, attributes: Attributes = {}) => logOf(GEMINI, `gemini_cli.${name}`, attributes)

const PRESENCE = [{ kind: 'presence' }]
const NOISE = { kind: 'ignored', reason: 'gemini_cli_noise' }
const COPY = { kind: 'ignored', reason: 'told_elsewhere' }

const answered = {
  model: 'gemini-3.8-flash',
  input_token_count: 1001,
  output_token_count: 51,
  cached_content_token_count: 800,
  thoughts_token_count: 7,
  tool_token_count: 0,
}
const call = (tokens: object) => [
  {
    kind: 'model_call',
    callId: undefined,
    model: 'gemini-3.8-flash',
    tokens: { freshInput: 201, cacheRead: 800, cacheCreation: 0, output: 58, reasoning: 7, ...tokens },
    costUsd: undefined,
  },
]
const tool = { function_name: 'read_file', decision: 'accept', mcp_server_name: null }

test.for<{ what: string; name: string; attributes?: Attributes; told: unknown }>([
  { what: 'a start', name: 'config', told: [{ kind: 'session_start' }] },
  { what: 'a prompt', name: 'user_prompt', attributes: { prompt_length: 11 }, told: [{ kind: 'prompt' }] },
  {
    what: 'an answer: input includes the cache, output leaves out the thoughts',
    name: 'api_response',
    attributes: answered,
    told: call({}),
  },
  {
    what: 'an answer with what tools gave to read, which input leaves out',
    name: 'api_response',
    attributes: { ...answered, tool_token_count: 9 },
    told: call({ freshInput: 210 }),
  },
  {
    what: 'an answer with empty values',
    name: 'api_response',
    attributes: { ...answered, cached_content_token_count: null, thoughts_token_count: null },
    told: call({ freshInput: 1001, cacheRead: 0, output: 51, reasoning: 0 }),
  },
  {
    what: 'a failure',
    name: 'api_error',
    attributes: { status_code: 429 },
    told: [{ kind: 'model_error', callId: undefined }],
  },
  {
    what: 'a tool that failed',
    name: 'tool_call',
    attributes: { ...tool, success: false },
    told: [{ kind: 'tool_call', callId: undefined, tool: 'read_file', outcome: 'failed' }],
  },
  {
    what: 'a tool of an MCP server',
    name: 'tool_call',
    attributes: { function_name: 'get_me', mcp_server_name: 'github', success: true },
    told: [{ kind: 'tool_call', callId: undefined, tool: 'mcp__github__get_me', outcome: 'ok' }],
  },
  {
    what: 'a tool that the user did not allow',
    name: 'tool_call',
    attributes: { ...tool, decision: 'reject', success: false },
    told: [{ kind: 'tool_rejection', callId: undefined }],
  },
  { what: 'a compaction', name: 'chat_compression', told: [{ kind: 'compaction' }] },
  {
    what: 'a subagent that begins',
    name: 'agent.start',
    attributes: { agent_id: 'a1', agent_name: 'codebase_investigator' },
    told: [{ kind: 'invocation_start', invocationId: 'a1', agentType: 'codebase_investigator', background: false }],
  },
  {
    what: 'a subagent that gave up',
    name: 'agent.finish',
    attributes: { agent_id: 'a1', agent_name: 'codebase_investigator', terminate_reason: 'TIMEOUT' },
    told: [
      {
        kind: 'invocation_end',
        invocationId: 'a1',
        agentType: 'codebase_investigator',
        status: 'failure',
        final: true,
      },
    ],
  },
  { what: 'work', name: 'api_request', told: PRESENCE },
  { what: 'housekeeping', name: 'startup_stats', told: NOISE },
  { what: 'housekeeping', name: 'plan.approval_mode_duration', told: NOISE },
  { what: 'an event of tomorrow', name: 'time_travel', told: { kind: 'unknown', name: 'gemini_cli.time_travel' } },
])('$what: gemini_cli.$name', ({ name, attributes, told }) => {
  expect(activitiesOf(event(name, attributes))).toEqual(told)
})

describe('a log record', () => {
  test('has its session on the resource too; the service’s version is that of Node', () => {
    expect(observationOf(event('user_prompt'))).toMatchObject({
      source: 'gemini_cli_logs',
      sessionId: 's1',
      agentType: 'gemini-cli',
      agentVersion: undefined,
    })
  })

  test('reaches back by its duration', () => {
    expect(observationOf(event('api_response', { duration_ms: 126 })).startMs).toBe(TIME_MS - 126)
  })

  test('of the conventions is a copy', () => {
    const details = { 'gen_ai.response.id': 'r1', 'gen_ai.usage.input_tokens': 1001 }
    expect(activitiesOf(logOf(GEMINI, 'gen_ai.client.inference.operation.details', details))).toEqual(COPY)
  })
})

const UNUSED = '{"kind":"ignored","reason":"metric_not_used"}'

test.for<{ name: string; type?: string; measured: unknown }>([
  { name: 'gemini_cli.token.usage', type: 'input', measured: [['input', 40]] },
  { name: 'gemini_cli.token.usage', type: 'output', measured: [['output', 40]] },
  { name: 'gemini_cli.token.usage', type: 'cache', measured: [['cacheRead', 40]] },
  { name: 'gemini_cli.token.usage', type: 'tool', measured: [['freshInput', 40]] },
  {
    name: 'gemini_cli.token.usage',
    type: 'thought',
    measured: [
      ['reasoning', 40],
      ['output', 40],
    ],
  },
  { name: 'gemini_cli.token.usage', type: 'telepathy', measured: UNUSED },
  { name: 'gemini_cli.api.request.count', measured: UNUSED },
  { name: 'gen_ai.client.token.usage', measured: '{"kind":"ignored","reason":"told_elsewhere"}' },
])('$name of type $type measures $measured', ({ name, type, measured }) => {
  expect(measuredBy(pointOf(GEMINI, name, { 'session.id': 's1', type }))).toEqual(measured)
})

test.for(['llm_call', 'tool_call', 'schedule_tool_calls'])(
  'the span %s proves that it was at work: of tokens and outcomes it knows half',
  (name) => {
    const attributes = { 'gen_ai.operation.name': name, 'gen_ai.usage.input_tokens': 1001 }
    expect(activitiesOf(spanOf(GEMINI, name, attributes, { status: 'ok' }))).toEqual(PRESENCE)
  },
)
