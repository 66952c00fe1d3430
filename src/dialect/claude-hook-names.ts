import type { Aliases } from './dialect.ts'

/** Stands before a hook event's own name in the log record that it becomes. */
export const HOOK_EVENT_PREFIX = 'claude_hook.'

/** What the log record of a hook event calls its facts: Claude Code's own words where its logs have one. */
export const CLAUDE_HOOK_NAMES = {
  sessionId: ['session.id'],
  promptId: ['prompt.id'],
  agentId: ['agent_id'],
  agentType: ['agent_type'],
  toolName: ['tool_name'],
  toolUseId: ['tool_use_id'],
  durationMs: ['duration_ms'],
  outcome: ['outcome'],
  source: ['source'],
  reason: ['reason'],
  isCommand: ['prompt.is_command'],
  fingerprint: ['fingerprint'],
  taskId: ['task.id'],
  taskStatus: ['task.status'],
  todos: ['todos'],
  subagentId: ['subagent.id'],
  subagentType: ['subagent.type'],
  subagentStatus: ['subagent.status'],
} as const satisfies Record<string, Aliases>
