import { expect, test } from 'vitest'
import type { Attributes, LogRecord } from '../model/telemetry.ts'
import { hookLogs } from './hook-logs.ts'

function record(attributes: Attributes): LogRecord {
  return { kind: 'log', timeMs: 1000, attributes, resource: { attributes: {} }, scope: { name: '' } }
}

test('a hook log shows the session of its transcript at work', () => {
  const item = record({ 'hook.name': 'token-metrics-extraction', 'transcript.path': '/h/.claude/projects/x/s1.jsonl' })
  expect(hookLogs.read(item)).toMatchObject({
    kind: 'observed',
    observation: { sessionId: 's1', startMs: 1000, activities: [{ kind: 'presence' }] },
  })
})

test('a hook log of no session is ignored', () => {
  expect(hookLogs.read(record({ 'integritystudio.hook.name': 'builtin-post-tool' }))).toEqual({
    kind: 'ignored',
    reason: 'hook_log_without_session',
  })
})

test('another log record is left alone', () => {
  expect(hookLogs.read(record({ 'event.name': 'api_request' }))).toBeUndefined()
})
