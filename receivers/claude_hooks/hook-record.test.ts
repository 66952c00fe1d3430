import { expect, test } from 'vitest'
import { type HookEvent, toLogRecord } from './hook-record.ts'

const COMMON = {
  session_id: 's1',
  prompt_id: 'p1',
  transcript_path: '/home/ada/SECRET/s1.jsonl',
  cwd: '/home/ada/SECRET',
  permission_mode: 'default',
}
const KEPT = { 'session.id': 's1', 'prompt.id': 'p1' }
const TOOL = { tool_use_id: 't1', duration_ms: 12 }

test.for<{ name: string; event: HookEvent; attributes: object }>([
  { name: 'SessionStart', event: { source: 'resume', session_title: 'SECRET' }, attributes: { source: 'resume' } },
  { name: 'SessionEnd', event: { reason: 'clear' }, attributes: { reason: 'clear' } },
  { name: 'UserPromptSubmit', event: { prompt: 'tell me a SECRET' }, attributes: { 'prompt.is_command': false } },
  { name: 'UserPromptSubmit', event: { prompt: '/review SECRET' }, attributes: { 'prompt.is_command': true } },
  { name: 'UserPromptSubmit', event: { prompt: '/home/SECRET is empty' }, attributes: { 'prompt.is_command': false } },
  { name: 'UserPromptExpansion', event: { command_name: 'SECRET', command_args: 'SECRET' }, attributes: {} },
  {
    name: 'PreToolUse',
    event: { ...TOOL, tool_name: 'Bash', tool_input: { command: 'echo SECRET' } },
    attributes: { ...TOOL, tool_name: 'Bash' },
  },
  {
    name: 'PostToolUse',
    event: { ...TOOL, tool_name: 'Write', tool_input: { content: 'SECRET' }, tool_response: { filePath: '/SECRET' } },
    attributes: { ...TOOL, tool_name: 'Write' },
  },
  {
    name: 'PostToolUse',
    event: { ...TOOL, turn_id: 'SECRET', tool_name: 'Bash', tool_response: 'SECRET' },
    attributes: { ...TOOL, tool_name: 'Bash', outcome: 'unknown' },
  },
  {
    name: 'PostToolUseFailure',
    event: { ...TOOL, tool_name: 'Read', error: 'no SECRET there', is_interrupt: false },
    attributes: { ...TOOL, tool_name: 'Read' },
  },
  {
    name: 'PostToolUse',
    event: {
      tool_name: 'TaskCreate',
      tool_input: { subject: 'SECRET' },
      tool_response: { task: { id: '7', subject: 'SECRET' } },
    },
    attributes: { tool_name: 'TaskCreate', 'task.id': '7' },
  },
  {
    name: 'PostToolUse',
    event: {
      tool_name: 'TaskUpdate',
      tool_input: { taskId: '7', status: 'completed', description: 'SECRET' },
      tool_response: { success: true, taskId: '7', statusChange: { from: 'pending', to: 'completed' } },
    },
    attributes: { tool_name: 'TaskUpdate', 'task.id': '7', 'task.status': 'completed' },
  },
  {
    name: 'PostToolUse',
    event: { tool_name: 'TaskUpdate', tool_input: { taskId: '7', status: 'deleted' }, tool_response: 'SECRET' },
    attributes: { tool_name: 'TaskUpdate', 'task.id': '7', 'task.status': 'deleted' },
  },
  {
    name: 'PostToolUse',
    event: {
      tool_name: 'TaskUpdate',
      tool_input: { taskId: '7', status: 'completed' },
      tool_response: { success: false },
    },
    attributes: { tool_name: 'TaskUpdate' },
  },
  {
    name: 'PostToolUse',
    event: {
      tool_name: 'Agent',
      tool_input: { prompt: 'SECRET', subagent_type: 'mine' },
      tool_response: { status: 'completed', agentId: 'a1', agentType: 'mine', content: [{ text: 'SECRET' }] },
    },
    attributes: { tool_name: 'Agent', 'subagent.id': 'a1', 'subagent.type': 'mine', 'subagent.status': 'completed' },
  },
  { name: 'PostToolBatch', event: { tool_calls: [{ tool_response: 'SECRET' }] }, attributes: {} },
  {
    name: 'SubagentStop',
    event: { agent_id: 'a1', agent_type: 'mine', last_assistant_message: 'SECRET', agent_transcript_path: '/SECRET' },
    attributes: { agent_id: 'a1', agent_type: 'mine' },
  },
  { name: 'TaskCompleted', event: { task_id: 7, task_subject: 'SECRET' }, attributes: { 'task.id': '7' } },
  { name: 'Stop', event: { last_assistant_message: 'SECRET', background_tasks: ['SECRET'] }, attributes: {} },
  { name: 'StopFailure', event: { error: 'rate_limit', error_details: 'SECRET' }, attributes: {} },
  { name: 'Notification', event: { message: 'SECRET', title: 'SECRET' }, attributes: {} },
  { name: 'Sneeze', event: { anything: 'SECRET', source: 'SECRET' }, attributes: {} },
  { name: 'Stop', event: { session_id: ['SECRET'], prompt_id: { SECRET: 1 }, duration_ms: 'SECRET' }, attributes: {} },
])('$name keeps what KPIs need', ({ name, event, attributes }) => {
  const record = toLogRecord({ ...COMMON, hook_event_name: name, ...event }, name, 5000)
  const common = Object.hasOwn(event, 'session_id') ? {} : KEPT
  expect(record).toMatchObject({ kind: 'log', timeMs: 5000, eventName: `claude_hook.${name}` })
  expect(record.attributes).toEqual({ ...common, ...attributes })
  expect(JSON.stringify(record)).not.toContain('SECRET')
})

test('items of a list of tasks are known by their text, which is not kept', () => {
  const todos = (...items: unknown[]) =>
    toLogRecord({ tool_name: 'TodoWrite', tool_input: { todos: items } }, 'PostToolUse', 0).attributes.todos
  const before = todos(
    { content: 'find the SECRET', status: 'pending' },
    { content: 'tell', status: 'pending' },
    'SECRET',
  )
  const after = todos({ content: 'tell', status: 'completed' }, { content: 'find the SECRET', status: 5 })
  expect(before).toMatchObject([{ status: 'pending' }, { status: 'pending' }])
  const [found, told] = before as { id: string }[]
  expect(after).toEqual([
    { id: told?.id, status: 'completed' },
    { id: found?.id, status: '5' },
  ])
  expect(JSON.stringify(before)).not.toContain('SECRET')
})

test('compactions are told apart by what they left', () => {
  const fingerprint = (compact_summary: unknown) =>
    toLogRecord({ compact_summary }, 'PostCompact', 0).attributes.fingerprint
  expect(fingerprint('SECRET one')).toBe(fingerprint('SECRET one'))
  expect(fingerprint('SECRET one')).not.toBe(fingerprint('SECRET two'))
  expect(fingerprint(undefined)).toBeUndefined()
})

test('long names are cut', () => {
  const { attributes } = toLogRecord({ session_id: 'x'.repeat(5000) }, 'Stop', 0)
  expect(attributes['session.id']).toHaveLength(300)
})
