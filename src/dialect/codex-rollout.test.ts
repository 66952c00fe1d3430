import { expect, test } from 'vitest'
import type { Attributes, LogRecord } from '../model/telemetry.ts'
import { codexRollout } from './codex-rollout.ts'

function record(event: string, attributes: Attributes = {}): LogRecord {
  return {
    kind: 'log',
    timeMs: 10_000,
    eventName: `codex_rollout.${event}`,
    attributes: { 'session.id': 's1', ...attributes },
    resource: { attributes: { 'service.version': '0.169.0' } },
    scope: { name: 'agentperf.transcripts' },
  }
}

const usage = { input_tokens: 1000, cached_input_tokens: 700, cache_write_input_tokens: 100, output_tokens: 50 }
const tokens = { freshInput: 200, cacheRead: 700, cacheCreation: 100, output: 50, reasoning: 7 }
const end = { kind: 'tool_call', callId: 'c1', tool: undefined }

test.for<{ name: string; event: string; attributes?: Attributes; activities: unknown[] }>([
  {
    name: 'a response: its input includes what came from the cache',
    event: 'model_call',
    attributes: { ...usage, 'response.id': 'r1', model: 'gpt', reasoning_output_tokens: 7 },
    activities: [{ kind: 'model_call', callId: undefined, localId: 'r1', model: 'gpt', tokens, costUsd: undefined }],
  },
  {
    name: 'more from the cache than was read at all',
    event: 'model_call',
    attributes: { input_tokens: 5, cached_input_tokens: 9 },
    activities: [{ kind: 'model_call', tokens: { freshInput: 0, cacheRead: 9, output: 0 } }],
  },
  {
    name: 'the running total of older versions',
    event: 'token_count',
    attributes: { ...usage, total_tokens: 1050, model: 'gpt', reasoning_output_tokens: 7 },
    activities: [{ kind: 'token_snapshot', counter: 'codex_rollout', messages: 1050, model: 'gpt', tokens }],
  },
  {
    name: 'the running total, with what the last request added to it',
    event: 'token_count',
    attributes: {
      ...usage,
      total_tokens: 1050,
      last_input_tokens: 300,
      last_cached_input_tokens: 200,
      last_output_tokens: 20,
    },
    activities: [{ before: { freshInput: 100, cacheRead: 500, cacheCreation: 100, output: 30, reasoning: 0 } }],
  },
  {
    name: 'a tool that is called',
    event: 'tool_call',
    attributes: { call_id: 'c1', tool_name: 'shell' },
    activities: [{ kind: 'tool_name', callId: 'c1', tool: 'shell' }],
  },
  {
    name: 'a call without a name',
    event: 'tool_call',
    attributes: { call_id: 'c1' },
    activities: [{ kind: 'presence' }],
  },
  {
    name: 'output, which does not say how it went',
    event: 'tool_output',
    attributes: { call_id: 'c1' },
    activities: [{ ...end, outcome: 'unknown' }],
  },
  {
    name: 'a command that failed',
    event: 'tool_end',
    attributes: { call_id: 'c1', outcome: 'failed' },
    activities: [{ ...end, outcome: 'failed' }],
  },
  { name: 'a prompt', event: 'prompt', activities: [{ kind: 'prompt' }] },
  { name: 'a compaction', event: 'compaction', activities: [{ kind: 'compaction' }] },
  { name: 'anything else', event: 'presence', activities: [{ kind: 'presence' }] },
])('$name', ({ event, attributes, activities }) => {
  expect(codexRollout.read(record(event, attributes))).toMatchObject({
    kind: 'observed',
    observation: { sessionId: 's1', agentVersion: '0.169.0', activities },
  })
})

test('names events that it does not know, and leaves other items to others', () => {
  expect(codexRollout.read(record('news'))).toEqual({ kind: 'unknown', name: 'codex_rollout.news' })
  expect(codexRollout.read({ ...record('x'), eventName: 'codex.user_prompt' })).toBeUndefined()
})
