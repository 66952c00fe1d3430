import { expect, test } from 'vitest'
import type { Activity } from '../model/activity.ts'
import type { Attributes, LogRecord } from '../model/telemetry.ts'
import { claudeTranscript } from './claude-transcript.ts'
import { readTelemetry } from './dialects.ts'

function record(event: string, attributes: Attributes = {}): LogRecord {
  return {
    kind: 'log',
    timeMs: 10_000,
    eventName: `claude_transcript.${event}`,
    attributes: { 'session.id': 's1', 'record.id': 'u1', ...attributes },
    resource: { attributes: { 'service.version': '2.1.328', 'agentperf.agent_type': 'reviewer' } },
    scope: { name: 'agentperf.transcripts' },
  }
}

function activitiesOf(item: LogRecord): readonly Activity[] | undefined {
  const reading = claudeTranscript.read(item)
  return reading?.kind === 'observed' ? reading.observation.activities : undefined
}

const usage = {
  'message.id': 'm1',
  request_id: 'r1',
  model: 'opus',
  input_tokens: 10,
  output_tokens: 100,
  cache_read_tokens: 5000,
  cache_creation_tokens: 200,
  reasoning_tokens: 7,
  stop_reason: 'tool_use',
}
const call = {
  kind: 'model_call',
  callId: 'r1',
  localId: 'm1',
  model: 'opus',
  tokens: { freshInput: 10, cacheRead: 5000, cacheCreation: 200, output: 100, reasoning: 7 },
  provisional: false,
  costUsd: undefined,
}
const result = { tool_results: [{ tool_use_id: 't1', is_error: false }] }
const ran = { kind: 'tool_call', callId: 't1', tool: undefined, outcome: 'ok' }

test.for<{ name: string; event: string; attributes?: Attributes; activities: unknown[] }>([
  { name: 'a message', event: 'message', attributes: usage, activities: [call] },
  {
    name: 'a message without a reason why it stopped: its output may be a placeholder',
    event: 'message',
    attributes: { ...usage, stop_reason: undefined },
    activities: [{ ...call, provisional: true }],
  },
  {
    name: 'a message of a client that names no requests',
    event: 'message',
    attributes: { ...usage, request_id: undefined },
    activities: [{ ...call, callId: undefined }],
  },
  {
    name: 'absurd numbers count as nothing',
    event: 'message',
    attributes: { ...usage, output_tokens: -5, input_tokens: 1e300 },
    activities: [{ ...call, tokens: { ...call.tokens, output: 0, freshInput: 0 } }],
  },
  {
    name: 'tools that a message asks for; one without a name is none',
    event: 'message',
    attributes: {
      ...usage,
      tool_uses: [
        { tool_use_id: 't1', tool_name: 'Bash' },
        { tool_use_id: 't2', tool_name: null },
      ],
    },
    activities: [call, { kind: 'tool_name', callId: 't1', tool: 'Bash' }],
  },
  {
    name: 'the last message of a subagent',
    event: 'message',
    attributes: { ...usage, agent_id: 'a1', agent_type: 'Explore', stop_reason: 'end_turn' },
    activities: [
      call,
      { kind: 'invocation_end', invocationId: 'a1', agentType: 'Explore', status: 'success', final: true },
    ],
  },
  { name: 'a tool that worked', event: 'tool_result', attributes: result, activities: [ran] },
  {
    name: 'a tool that failed',
    event: 'tool_result',
    attributes: { tool_results: [{ tool_use_id: 't1', is_error: true }] },
    activities: [{ ...ran, outcome: 'failed' }],
  },
  {
    name: 'a tool that was refused did not run',
    event: 'tool_result',
    attributes: { ...result, rejected: true },
    activities: [{ kind: 'tool_rejection', callId: 't1' }],
  },
  {
    name: 'a task',
    event: 'tool_result',
    attributes: { ...result, task_id: '4', task_change: 'updated', task_status: 'completed' },
    activities: [ran, { kind: 'task_change', change: 'updated', taskId: '4', status: 'completed' }],
  },
  {
    name: 'to-dos, one with a status that nobody knows',
    event: 'tool_result',
    attributes: {
      ...result,
      todos: [
        { task_id: 'a', task_change: 'created', task_status: 'pending' },
        { task_id: 'b', task_change: 'updated', task_status: 'paused' },
      ],
    },
    activities: [
      ran,
      { kind: 'task_change', change: 'created', taskId: 'a', status: 'pending' },
      { kind: 'task_change', change: 'updated', taskId: 'b', status: undefined },
    ],
  },
  {
    name: 'a subagent that went on in the background',
    event: 'tool_result',
    attributes: { ...result, subagent_id: 'a1', subagent_status: 'async_launched' },
    activities: [ran, { kind: 'invocation_start', invocationId: 'a1', agentType: 'unknown', background: true }],
  },
  {
    name: 'where a subagent begins',
    event: 'subagent_start',
    attributes: { agent_id: 'a1', agent_type: 'Explore' },
    activities: [{ kind: 'invocation_start', invocationId: 'a1', agentType: 'Explore', background: false }],
  },
  {
    name: 'a prompt',
    event: 'prompt',
    attributes: { 'prompt.id': 'p1' },
    activities: [{ kind: 'prompt', promptId: 'p1' }],
  },
  { name: 'a prompt of an old client', event: 'prompt', activities: [{ kind: 'prompt' }] },
  { name: 'a compaction', event: 'compaction', activities: [{ kind: 'compaction' }] },
  { name: 'an error', event: 'api_error', activities: [{ kind: 'model_error', callId: undefined }] },
  { name: 'anything else', event: 'presence', activities: [{ kind: 'presence' }] },
])('$name', ({ event, attributes, activities }) => {
  expect(activitiesOf(record(event, attributes))).toEqual(activities)
})

test('a subagent that has ended was at work for as long as its call says', () => {
  const ended = { ...result, subagent_id: 'a1', subagent_type: 'Plan', subagent_status: 'completed' }
  const reading = readTelemetry(record('tool_result', { ...ended, subagent_duration_ms: 4000 }))
  expect(reading).toMatchObject({
    observation: {
      startMs: 6000,
      endMs: 10_000,
      activities: [
        ran,
        { kind: 'invocation_start', invocationId: 'a1', agentType: 'Plan' },
        { kind: 'invocation_end', invocationId: 'a1', agentType: 'Plan', status: 'success' },
      ],
    },
  })
  const absurd = readTelemetry(record('tool_result', { ...ended, subagent_duration_ms: 1e12 }))
  expect(absurd).toMatchObject({ observation: { startMs: 10_000 } })
})

test('says whose line it is, under a key that the line keeps', () => {
  expect(claudeTranscript.read(record('prompt'))).toMatchObject({
    observation: { key: 'u1', sessionId: 's1', agentType: 'reviewer', agentVersion: '2.1.328' },
  })
})

test('names events that it does not know, and leaves other items to others', () => {
  expect(claudeTranscript.read(record('news'))).toEqual({ kind: 'unknown', name: 'claude_transcript.news' })
  expect(claudeTranscript.read({ ...record('x'), eventName: 'claude_code.user_prompt' })).toBeUndefined()
})
