import { describe, expect, test } from 'vitest'
import type { Activity } from '../model/activity.ts'
import type { Attributes, LogRecord } from '../model/telemetry.ts'
import { claudeCodeLogs } from './claude-code-logs.ts'
import { withExcerpts } from './telemetry.fixture.ts'

function record(event: string, attributes: Attributes = {}, rest: Partial<LogRecord> = {}): LogRecord {
  return withExcerpts({
    kind: 'log',
    timeMs: 10_000,
    eventName: event,
    body: `claude_code.${event}`,
    attributes: {
      'session.id': 's1',
      'event.timestamp': '2026-11-20T10:07:46.772Z',
      'event.sequence': 41,
      ...attributes,
    },
    resource: { attributes: { 'service.name': 'claude-code', 'service.version': '2.1.328' } },
    scope: { name: 'com.anthropic.claude_code.events' },
    ...rest,
  })
}

function activitiesOf(item: LogRecord): readonly Activity[] | undefined {
  const reading = claudeCodeLogs.read(item)
  return reading?.kind === 'observed' ? reading.observation.activities : undefined
}

const request = {
  model: 'opus',
  input_tokens: 11,
  output_tokens: 101,
  cache_read_tokens: 5000,
  cache_creation_tokens: 200,
  cost_usd: 0.004064,
  request_id: 'r1',
}
const call = {
  kind: 'model_call',
  callId: 'r1',
  model: 'opus',
  tokens: { freshInput: 11, cacheRead: 5000, cacheCreation: 200, output: 101, reasoning: 0 },
  costUsd: 0.004064,
}

test.for<{ name: string; event: string; attributes: Attributes; activities: unknown[] }>([
  {
    name: 'a prompt with its id',
    event: 'user_prompt',
    attributes: { 'prompt.id': 'p1' },
    activities: [{ kind: 'prompt', promptId: 'p1' }],
  },
  { name: 'a prompt', event: 'user_prompt', attributes: { prompt_length: '18' }, activities: [{ kind: 'prompt' }] },
  {
    name: 'a command of the client is no prompt',
    event: 'user_prompt',
    attributes: { command_name: 'exit' },
    activities: [{ kind: 'presence' }],
  },
  { name: 'a model call', event: 'api_request', attributes: request, activities: [call] },
  {
    name: 'a model call of an old client: numbers as text',
    event: 'api_request',
    attributes: Object.fromEntries(Object.entries(request).map(([key, value]) => [key, String(value)])),
    activities: [call],
  },
  {
    name: 'a model call that failed for good',
    event: 'api_error',
    attributes: { request_id: 'r1', status_code: 400 },
    activities: [{ kind: 'model_error', callId: 'r1' }],
  },
  {
    name: 'a tool that failed; success is text',
    event: 'tool_result',
    attributes: { tool_name: 'Bash', tool_use_id: 't1', success: 'false' },
    activities: [{ kind: 'tool_call', callId: 't1', tool: 'Bash', outcome: 'failed' }],
  },
  {
    name: 'a task update with details',
    event: 'tool_result',
    attributes: {
      tool_name: 'TaskUpdate',
      tool_use_id: 't1',
      success: 'true',
      tool_input: '{"taskId":"1","status":"completed"}',
    },
    activities: [
      { kind: 'tool_call', callId: 't1', tool: 'TaskUpdate', outcome: 'ok' },
      { kind: 'task_change', change: 'updated', taskId: '1', status: 'completed' },
    ],
  },
  {
    name: 'a task update without details, or with an input that was cut',
    event: 'tool_result',
    attributes: { tool_name: 'TaskUpdate', tool_use_id: 't1', success: 'true', tool_input: '{"taskId":"1","sta' },
    activities: [
      { kind: 'tool_call', callId: 't1', tool: 'TaskUpdate', outcome: 'ok' },
      { kind: 'task_change', change: 'updated', taskId: undefined, status: undefined },
    ],
  },
  {
    name: 'a tool that was not allowed',
    event: 'tool_decision',
    attributes: { decision: 'reject', tool_use_id: 't1' },
    activities: [{ kind: 'tool_rejection', callId: 't1' }],
  },
  {
    name: 'a tool that was',
    event: 'tool_decision',
    attributes: { decision: 'accept' },
    activities: [{ kind: 'presence' }],
  },
  { name: 'a compaction', event: 'compaction', attributes: { success: true }, activities: [{ kind: 'compaction' }] },
  {
    name: 'a subagent that is done',
    event: 'subagent_completed',
    attributes: { agent_id: 'a1', agent_type: 'general-purpose', duration_ms: 775 },
    activities: [
      { kind: 'invocation_end', invocationId: 'a1', agentType: 'general-purpose', status: 'success', final: true },
    ],
  },
])('$name', ({ event, attributes, activities }) => {
  expect(activitiesOf(record(event, attributes))).toEqual(activities)
})

describe('the observation', () => {
  test('reaches back by the duration, and knows whose it is', () => {
    const item = record('api_request', { ...request, duration_ms: 308, 'agentperf.agent_type': 'lab' })
    expect(claudeCodeLogs.read(item)).toMatchObject({
      observation: { startMs: 9692, endMs: 10_000, sessionId: 's1', agentType: 'lab', agentVersion: '2.1.328' },
    })
  })

  test.for([-1, -1e17, 9e15, 'soon'])('is not moved by a duration of %s', (duration) => {
    expect(claudeCodeLogs.read(record('api_request', { duration_ms: duration }))).toMatchObject({
      observation: { startMs: 10_000, endMs: 10_000 },
    })
  })

  const keyOf = (item: LogRecord): string | undefined => {
    const reading = claudeCodeLogs.read(item)
    return reading?.kind === 'observed' ? reading.observation.key : undefined
  }

  test('has the same key for the same record, and another after a resume that counts anew', () => {
    expect(keyOf(record('user_prompt'))).toBe(keyOf(record('user_prompt')))
    expect(keyOf(record('user_prompt', { 'event.timestamp': 'later' }))).not.toBe(keyOf(record('user_prompt')))
  })

  test('is told apart by its attributes where old clients send no sequence', () => {
    const old = (tool: string): LogRecord => record('tool_result', { 'event.sequence': undefined, tool_name: tool })
    expect(keyOf(old('Bash'))).not.toBe(keyOf(old('Read')))
    expect(keyOf(old('Bash'))).toBe(keyOf(old('Bash')))
  })
})

test.for(['hook_execution_start', 'plugin_loaded', 'api_retries_exhausted'])('%s is noise', (event) => {
  expect(claudeCodeLogs.read(record(event))).toEqual({ kind: 'ignored', reason: 'claude_code_noise' })
})

test.for<[name: string, attributes: Record<string, string>, read: unknown]>([
  ['at the start', { hook_event: 'SessionStart', additional_context_chars: '85' }, 85],
  ['at the start, nothing', { hook_event: 'SessionStart', additional_context_chars: '0' }, 0],
  ['at the start, by an old client', { hook_event: 'SessionStart' }, 'noise'],
  ['at another event', { hook_event: 'UserPromptSubmit', additional_context_chars: '85' }, 'noise'],
  ['into a subagent', { hook_event: 'SubagentStart', additional_context_chars: '85', agent_id: 'a1' }, 85],
  ['into a subagent that is not named', { hook_event: 'SubagentStart', additional_context_chars: '85' }, 'noise'],
])('what hooks add to the context %s', ([, attributes, expected]) => {
  const item = record('hook_execution_complete', attributes)
  if (expected === 'noise') expect(claudeCodeLogs.read(item)).toMatchObject({ kind: 'ignored' })
  else expect(activitiesOf(item)).toEqual([{ kind: 'context_added', characters: expected }])
})

test('an event of an unknown name is named', () => {
  expect(claudeCodeLogs.read(record('time_travel'))).toEqual({ kind: 'unknown', name: 'claude_code.time_travel' })
})

test('the event name alone is enough where the scope is Claude Code’s', () => {
  const { body: _body, ...item } = record('user_prompt')
  expect(activitiesOf(item)).toEqual([{ kind: 'prompt' }])
  expect(claudeCodeLogs.read({ ...item, scope: { name: 'gemini_cli' } })).toBeUndefined()
})
