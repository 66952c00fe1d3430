import { expect, test } from 'vitest'
import type { Attributes, Span } from '../model/telemetry.ts'
import { claudeCodeTraces } from './claude-code-traces.ts'

function span(name: string, attributes: Attributes, status: Span['status'] = 'unset'): Span {
  return {
    kind: 'span',
    traceId: 't',
    spanId: 's',
    name,
    startMs: 0,
    endMs: 10,
    status,
    attributes: { 'session.id': 's1', ...attributes },
    resource: { attributes: { 'service.name': 'claude-code' } },
    scope: { name: 'com.anthropic.claude_code.tracing' },
  }
}

test.for<{ name: string; attributes: Attributes; status?: Span['status']; activity: unknown }>([
  { name: 'claude_code.interaction', attributes: {}, activity: { kind: 'prompt' } },
  {
    name: 'claude_code.llm_request',
    attributes: { request_id: 'r1', model: 'opus', input_tokens: 1, output_tokens: 2, success: true },
    activity: { kind: 'model_call', callId: 'r1', costUsd: undefined, tokens: { freshInput: 1, output: 2 } },
  },
  {
    name: 'claude_code.llm_request',
    attributes: { success: false },
    status: 'error',
    activity: { kind: 'model_error', callId: undefined },
  },
  {
    name: 'claude_code.tool',
    attributes: { tool_use_id: 't1', tool_name: 'Bash' },
    activity: { kind: 'tool_name', callId: 't1', tool: 'Bash' },
  },
  {
    name: 'claude_code.tool.execution',
    attributes: { tool_use_id: 't1', success: false },
    activity: { kind: 'tool_call', callId: 't1', tool: undefined, outcome: 'failed' },
  },
  {
    name: 'claude_code.tool.blocked_on_user',
    attributes: { decision: 'reject' },
    activity: { kind: 'tool_rejection', callId: undefined },
  },
  { name: 'claude_code.tool.blocked_on_user', attributes: { decision: 'accept' }, activity: { kind: 'presence' } },
])('$name $attributes', ({ name, attributes, status, activity }) => {
  expect(claudeCodeTraces.read(span(name, attributes, status))).toMatchObject({
    kind: 'observed',
    observation: { source: 'claude_code_traces', sessionId: 's1', activities: [activity] },
  })
})

test('a span of an unknown name is named, and one of another source left alone', () => {
  expect(claudeCodeTraces.read(span('claude_code.time_travel', {}))).toEqual({
    kind: 'unknown',
    name: 'claude_code.time_travel',
  })
  expect(claudeCodeTraces.read(span('chat', {}))).toBeUndefined()
})

test('spans without ids are told apart by what they hold, and the same one comes again under the same key', () => {
  const keyOf = (change: Partial<Span>) => {
    const reading = claudeCodeTraces.read({ ...span('claude_code.llm_request', { model: 'opus' }), ...change })
    return reading?.kind === 'observed' ? reading.observation.key : undefined
  }
  const none = { traceId: '', spanId: '' }
  const keys = [
    none,
    { ...none, startMs: 1 },
    { ...none, endMs: 11 },
    { ...none, name: 'claude_code.interaction' },
    { ...none, attributes: { model: 'haiku' } },
    { traceId: 't', spanId: '' },
    {},
  ].map(keyOf)
  expect(new Set(keys).size).toBe(keys.length)
  expect(keyOf(none)).toBe(keys[0])
})
