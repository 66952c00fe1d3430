import { describe, expect, test } from 'vitest'
import type { Attributes } from '../model/telemetry.ts'
import { activitiesOf, logOf, measuredBy, observationOf, pointOf, spanOf, TIME_MS } from './telemetry.fixture.ts'

const CODEX = { service: 'codex_exec', version: '0.169.0' }
/** Codex's own event name stands in the attributes; that of the record is a place in its source. */
const PLACE = 'event otel/src/events/session_telemetry.rs:1153'
const event = (name: string, attributes: Attributes = {}) =>
  logOf(CODEX, PLACE, { 'event.name': `codex.${name}`, 'conversation.id': 's1', model: 'gpt-5.5-codex', ...attributes })

const NOISE = { kind: 'ignored', reason: 'codex_noise' }
const PRESENCE = [{ kind: 'presence' }]
const HEADER = 'Chunk ID: e71926\nWall time: 0.0000 seconds\nProcess exited with code'
const command = { tool_name: 'exec_command', call_id: 'c1', success: 'true' }
const ran = (outcome: string) => [{ kind: 'tool_call', callId: 'c1', tool: 'exec_command', outcome }]

const completed = {
  'event.kind': 'response.completed',
  input_token_count: '1002',
  output_token_count: '52',
  cached_token_count: 800,
  cache_write_token_count: 2,
  reasoning_token_count: 7,
}

test.for<{ what: string; name: string; attributes?: Attributes; told: unknown }>([
  { what: 'a start', name: 'conversation_starts', told: [{ kind: 'session_start' }] },
  { what: 'a prompt', name: 'user_prompt', attributes: { prompt: '[REDACTED]' }, told: [{ kind: 'prompt' }] },
  {
    what: 'a response with its tokens; input includes the cache, numbers are text',
    name: 'sse_event',
    attributes: completed,
    told: [
      {
        kind: 'model_call',
        callId: undefined,
        model: 'gpt-5.5-codex',
        tokens: { freshInput: 200, cacheRead: 800, cacheCreation: 2, output: 52, reasoning: 7 },
        costUsd: undefined,
      },
    ],
  },
  {
    what: 'the same response without its tokens',
    name: 'sse_event',
    attributes: { 'event.kind': 'response.completed', duration_ms: '0' },
    told: NOISE,
  },
  {
    what: 'another event of the stream',
    name: 'sse_event',
    attributes: { 'event.kind': 'response.created' },
    told: NOISE,
  },
  {
    what: 'a stream that broke',
    name: 'sse_event',
    attributes: { 'event.kind': 'response.failed', 'error.message': 'idle timeout' },
    told: [{ kind: 'model_error', callId: undefined }],
  },
  { what: 'a request', name: 'api_request', attributes: { 'http.response.status_code': 200 }, told: PRESENCE },
  {
    what: 'a request that failed',
    name: 'api_request',
    attributes: { 'http.response.status_code': 500 },
    told: [{ kind: 'model_error', callId: undefined }],
  },
  {
    what: 'a request that got no answer',
    name: 'api_request',
    attributes: { 'error.message': 'connection refused' },
    told: [{ kind: 'model_error', callId: undefined }],
  },
  {
    what: 'a request over a socket that failed',
    name: 'websocket_request',
    attributes: { success: 'false' },
    told: [{ kind: 'model_error', callId: undefined }],
  },
  {
    what: 'a tool that failed',
    name: 'tool_result',
    attributes: { tool_name: 'apply_patch', call_id: 'c1', success: 'false', mcp_server: '' },
    told: [{ kind: 'tool_call', callId: 'c1', tool: 'apply_patch', outcome: 'failed' }],
  },
  {
    what: 'a tool of an MCP server',
    name: 'tool_result',
    attributes: { tool_name: 'get_me', call_id: 'c1', success: 'true', mcp_server: 'github' },
    told: [{ kind: 'tool_call', callId: 'c1', tool: 'mcp__github__get_me', outcome: 'ok' }],
  },
  {
    what: 'a command that failed though the tool did not',
    name: 'tool_result',
    attributes: { ...command, output: `${HEADER} 3\nOriginal token count: 1\nOutput:\nhi\n` },
    told: ran('failed'),
  },
  {
    what: 'a command that worked',
    name: 'tool_result',
    attributes: { ...command, output: `${HEADER} 0\nOutput:\nProcess exited with code 3\n` },
    told: ran('ok'),
  },
  {
    what: 'a command whose own output looks like the header',
    name: 'tool_result',
    attributes: { ...command, output: 'hi\nWall time: 1\nProcess exited with code 3\n' },
    told: ran('unknown'),
  },
  { what: 'a command without output', name: 'tool_result', attributes: command, told: ran('unknown') },
  { what: 'a tool that was approved', name: 'tool_decision', attributes: { decision: 'approved' }, told: PRESENCE },
  {
    what: 'a tool that was not',
    name: 'tool_decision',
    attributes: { decision: 'denied', call_id: 'c1' },
    told: [{ kind: 'tool_rejection', callId: 'c1' }],
  },
  { what: 'work', name: 'turn_ttft', told: PRESENCE },
  { what: 'housekeeping', name: 'startup_phase', told: NOISE },
  { what: 'an event of tomorrow', name: 'time_travel', told: { kind: 'unknown', name: 'codex.time_travel' } },
])('$what: codex.$name', ({ name, attributes, told }) => {
  expect(activitiesOf(event(name, attributes))).toEqual(told)
})

describe('a log record', () => {
  test('knows its session, its version and the service that it is of', () => {
    expect(observationOf(event('user_prompt'))).toMatchObject({
      source: 'codex_logs',
      sessionId: 's1',
      agentType: 'codex_exec',
      agentTypeOrigin: 'service',
      agentVersion: '0.169.0',
    })
  })

  test('reaches back by its duration', () => {
    const { startMs, endMs } = observationOf(event('tool_result', { duration_ms: '69' }))
    expect([startMs, endMs]).toEqual([TIME_MS - 69, TIME_MS])
  })

  test('has one key however often it comes, which does not tell what it holds', () => {
    const first = observationOf(event('user_prompt', { prompt: 'a secret' }))
    expect(observationOf(event('user_prompt', { prompt: 'a secret' })).key).toBe(first.key)
    expect(observationOf(event('user_prompt', { prompt: 'another' })).key).not.toBe(first.key)
    expect(first.key).not.toContain('secret')
  })

  test('of Codex itself is noise', () => {
    expect(activitiesOf(logOf(CODEX, 'event otel/src/metrics/client.rs:324', {}))).toEqual(NOISE)
  })
})

const turn = { model: 'gpt-5.5-codex', session_source: 'exec' }
const UNUSED = '{"kind":"ignored","reason":"metric_not_used"}'

test.for<{ name: string; attributes?: Attributes; measured: unknown }>([
  { name: 'codex.turn.token_usage', attributes: { token_type: 'input' }, measured: [['input', 40]] },
  { name: 'codex.turn.token_usage', attributes: { token_type: 'cached_input' }, measured: [['cacheRead', 40]] },
  {
    name: 'codex.turn.token_usage',
    attributes: { token_type: 'cache_write_input' },
    measured: [['cacheCreation', 40]],
  },
  { name: 'codex.turn.token_usage', attributes: { token_type: 'output' }, measured: [['output', 40]] },
  { name: 'codex.turn.token_usage', attributes: { token_type: 'reasoning_output' }, measured: [['reasoning', 40]] },
  { name: 'codex.turn.token_usage', attributes: { token_type: 'total' }, measured: UNUSED },
  { name: 'codex.turn.e2e_duration_ms', measured: [['activeSeconds', 0.04]] },
  { name: 'codex.tool.call', measured: UNUSED },
])('$name $attributes measures $measured', ({ name, attributes, measured }) => {
  const point = pointOf(CODEX, name, { ...turn, ...attributes }, { type: 'histogram', temporality: 'delta' })
  expect(measuredBy(point)).toEqual(measured)
})

test('metrics know no session', () => {
  const { sessionId, source } = observationOf(pointOf(CODEX, 'codex.turn.e2e_duration_ms', turn))
  expect([sessionId, source]).toEqual([undefined, 'codex_metrics'])
})

test.for([
  { name: 'session_task.turn', told: PRESENCE },
  { name: 'handle_responses', told: { kind: 'ignored', reason: 'codex_internal_span' } },
])('the span $name tells $told', ({ name, told }) => {
  const usage = { 'gen_ai.conversation.id': 's1', 'gen_ai.usage.input_tokens': 5, 'gen_ai.operation.name': 'chat' }
  expect(activitiesOf(spanOf(CODEX, name, usage))).toEqual(told)
})
