import { expect, test } from 'vitest'
import type { Activity, Observation } from '../model/activity.ts'
import type { Attributes, LogRecord } from '../model/telemetry.ts'
import { claudeHooks } from './claude-hooks.ts'
import { readTelemetry } from './dialects.ts'

const NOW_MS = 50_000

function record(event: string, attributes: Attributes = {}, timeMs = NOW_MS): LogRecord {
  return {
    kind: 'log',
    timeMs,
    eventName: `claude_hook.${event}`,
    attributes: { 'session.id': 's1', 'prompt.id': 'p1', ...attributes },
    resource: { attributes: {} },
    scope: { name: 'agentperf.claude_hooks' },
  }
}

function observed(item: LogRecord): Observation {
  const reading = readTelemetry(item)
  if (reading?.kind !== 'observed') throw new Error(`${item.eventName} was not observed: ${JSON.stringify(reading)}`)
  return reading.observation
}

const BASH = { tool_name: 'Bash', tool_use_id: 't1', duration_ms: 40 }
const SUBAGENT = { agent_id: 'a1', agent_type: 'general-purpose' }
const presence: Activity = { kind: 'presence' }
const bash = (outcome: 'ok' | 'failed' | 'unknown') => ({ kind: 'tool_call', callId: 't1', tool: 'Bash', outcome })
const task = (change: string, taskId: string | undefined, status?: string) => ({
  kind: 'task_change',
  change,
  taskId,
  status,
})

test.for<{ name: string; event: string; attributes?: Attributes; activities: unknown[] }>([
  {
    name: 'a start',
    event: 'SessionStart',
    attributes: { source: 'startup' },
    activities: [{ kind: 'session_start' }],
  },
  {
    name: 'a resume',
    event: 'SessionStart',
    attributes: { source: 'resume' },
    activities: [{ kind: 'session_start' }],
  },
  {
    name: 'the same process after a compaction',
    event: 'SessionStart',
    attributes: { source: 'compact' },
    activities: [presence],
  },
  { name: 'an end', event: 'SessionEnd', attributes: { reason: 'other' }, activities: [{ kind: 'session_end' }] },
  {
    name: 'the end that /clear is',
    event: 'SessionEnd',
    attributes: { reason: 'clear' },
    activities: [{ kind: 'session_end' }],
  },
  { name: 'a prompt', event: 'UserPromptSubmit', activities: [{ kind: 'prompt', promptId: 'p1' }] },
  {
    name: 'a prompt of an old client',
    event: 'UserPromptSubmit',
    attributes: { 'prompt.id': undefined },
    activities: [{ kind: 'prompt' }],
  },
  { name: 'a command', event: 'UserPromptSubmit', attributes: { 'prompt.is_command': true }, activities: [presence] },
  { name: 'a tool about to run', event: 'PreToolUse', attributes: BASH, activities: [presence] },
  { name: 'a tool that ran', event: 'PostToolUse', attributes: BASH, activities: [bash('ok')] },
  {
    name: 'a tool of Codex, which may have failed',
    event: 'PostToolUse',
    attributes: { ...BASH, outcome: 'unknown' },
    activities: [bash('unknown')],
  },
  { name: 'a tool that failed', event: 'PostToolUseFailure', attributes: BASH, activities: [bash('failed')] },
  {
    name: 'a tool that was denied',
    event: 'PermissionDenied',
    attributes: BASH,
    activities: [{ kind: 'tool_rejection', callId: 't1' }],
  },
  { name: 'tools that may not exist', event: 'PostToolBatch', activities: [presence] },
  { name: 'a task', event: 'TaskCreated', attributes: { 'task.id': '1' }, activities: [task('created', '1')] },
  {
    name: 'a task done',
    event: 'TaskCompleted',
    attributes: { 'task.id': '1' },
    activities: [task('updated', '1', 'completed')],
  },
  {
    name: 'the call that made a task',
    event: 'PostToolUse',
    attributes: { ...BASH, tool_name: 'TaskCreate', 'task.id': '1' },
    activities: [{ ...bash('ok'), tool: 'TaskCreate' }, task('created', '1')],
  },
  {
    name: 'a call that changed a task',
    event: 'PostToolUse',
    attributes: { ...BASH, tool_name: 'TaskUpdate', 'task.id': '1', 'task.status': 'in_progress' },
    activities: [{ ...bash('ok'), tool: 'TaskUpdate' }, task('updated', '1', 'in_progress')],
  },
  {
    name: 'a call that changed no status',
    event: 'PostToolUse',
    attributes: { ...BASH, tool_name: 'TaskUpdate', 'task.id': '1', 'task.status': 'nonsense' },
    activities: [{ ...bash('ok'), tool: 'TaskUpdate' }, task('updated', '1')],
  },
  {
    name: 'a list of tasks',
    event: 'PostToolUse',
    attributes: {
      ...BASH,
      tool_name: 'TodoWrite',
      todos: [{ id: 'x', status: 'completed' }, { id: 'y', status: 'pending' }, { status: 'pending' }, 'z'],
    },
    activities: [
      { ...bash('ok'), tool: 'TodoWrite' },
      task('created', 'todo:x', 'completed'),
      task('created', 'todo:y', 'pending'),
    ],
  },
  {
    name: 'a subagent',
    event: 'SubagentStart',
    attributes: SUBAGENT,
    activities: [{ kind: 'invocation_start', invocationId: 'a1', agentType: 'general-purpose', background: false }],
  },
  {
    name: 'the end of a subagent',
    event: 'SubagentStop',
    attributes: SUBAGENT,
    activities: [
      { kind: 'invocation_end', invocationId: 'a1', agentType: 'general-purpose', status: 'unknown', final: true },
    ],
  },
  {
    name: 'the end of what compacts a session, which has no type',
    event: 'SubagentStop',
    attributes: { agent_id: 'a1' },
    activities: [presence],
  },
  {
    name: 'the call of a subagent that is done',
    event: 'PostToolUse',
    attributes: {
      ...BASH,
      tool_name: 'Agent',
      'subagent.id': 'a1',
      'subagent.type': 'mine',
      'subagent.status': 'completed',
    },
    activities: [
      { ...bash('ok'), tool: 'Agent' },
      { kind: 'invocation_end', invocationId: 'a1', agentType: 'mine', status: 'success', final: true },
    ],
  },
  {
    name: 'the call of a subagent that goes on in the background',
    event: 'PostToolUse',
    attributes: { ...BASH, tool_name: 'Agent', 'subagent.id': 'a1', 'subagent.status': 'async_launched' },
    activities: [
      { ...bash('ok'), tool: 'Agent' },
      { kind: 'invocation_start', invocationId: 'a1', agentType: 'unknown', background: true },
    ],
  },
  { name: 'a compaction', event: 'PostCompact', activities: [{ kind: 'compaction' }] },
  { name: 'a compaction that begins', event: 'PreCompact', activities: [presence] },
  { name: 'the end of a turn', event: 'Stop', activities: [presence] },
  { name: 'a turn that failed', event: 'StopFailure', activities: [{ kind: 'model_error', callId: undefined }] },
])('$name ($event)', ({ event, attributes, activities }) => {
  const observation = observed(record(event, attributes))
  expect(observation).toMatchObject({ source: 'claude_hooks', sessionId: 's1', endMs: NOW_MS })
  expect(observation.activities).toEqual(activities)
})

test.for(['Notification', 'TeammateIdle', 'ConfigChange', 'DirectoryAdded', 'FileChanged', 'Setup'])(
  '%s comes while the agent does nothing',
  (event) => {
    expect(claudeHooks.read(record(event))).toEqual({ kind: 'ignored', reason: 'claude_hook_noise' })
  },
)

test('an event that nobody knows is told by its name', () => {
  expect(readTelemetry(record('Sneeze'))).toEqual({ kind: 'unknown', name: 'claude_hook.Sneeze' })
})

test.for<{ name: string; event: string; attributes?: Attributes; same: boolean }>([
  { name: 'a prompt', event: 'UserPromptSubmit', same: true },
  { name: 'a tool call', event: 'PostToolUse', attributes: BASH, same: true },
  { name: 'a task', event: 'TaskCompleted', attributes: { 'task.id': '1' }, same: true },
  { name: 'a subagent', event: 'SubagentStart', attributes: SUBAGENT, same: true },
  { name: 'a compaction', event: 'PostCompact', attributes: { fingerprint: 'f' }, same: true },
  { name: 'a failed turn', event: 'StopFailure', same: true },
  { name: 'a start: a session may be resumed', event: 'SessionStart', attributes: { source: 'resume' }, same: false },
  { name: 'an end', event: 'SessionEnd', same: false },
])('$name that comes again later is the same: $same', ({ event, attributes, same }) => {
  const first = observed(record(event, attributes))
  const again = observed(record(event, attributes, NOW_MS + 700))
  expect(again.key === first.key).toBe(same)
})

test('a tool call began its duration before; an absurd one does not move it', () => {
  expect(observed(record('PostToolUse', BASH)).startMs).toBe(NOW_MS - 40)
  for (const duration_ms of [-5, 1e12, 'long']) {
    expect(observed(record('PostToolUse', { ...BASH, duration_ms })).startMs).toBe(NOW_MS)
  }
})

test('an agent type is the main agent’s where no agent id stands beside it', () => {
  expect(observed(record('Stop', { agent_type: 'my-reviewer' })).agentType).toBe('my-reviewer')
  expect(observed(record('Stop', {}))).toMatchObject({ agentType: 'claude-code', agentTypeOrigin: 'format' })
  const inside = observed(record('PostToolUse', { ...BASH, ...SUBAGENT }))
  expect(inside).toMatchObject({ agentTypeOrigin: 'format', invocation: { id: SUBAGENT.agent_id } })
})
