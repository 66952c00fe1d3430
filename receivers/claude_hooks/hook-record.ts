import { createHash } from 'node:crypto'
import { HOOK_EVENT_PREFIX } from '#src/dialect/claude-hook-names.ts'
import type { Attributes, AttributeValue, LogRecord, Resource, Scope } from '#src/model/telemetry.ts'

/** A hook event as it came: parsed JSON, trusted in nothing. */
export type HookEvent = Readonly<Record<string, unknown>>

const RESOURCE: Resource = { attributes: {} }
const SCOPE: Scope = { name: 'agentperf.claude_hooks' }

export const MAX_NAME_LENGTH = 100
const MAX_TEXT_LENGTH = 300
const MAX_TODOS = 1000

/** A line that is a command of the client and no prompt; paths have more than one slash. */
const COMMAND = /^\/[\w:.-]+(\s|$)/

/** @returns the event's name; `undefined` of what is no hook event */
export function eventNameOf(event: HookEvent): string | undefined {
  const name = event.hook_event_name
  return typeof name === 'string' && name !== '' ? name.slice(0, MAX_NAME_LENGTH) : undefined
}

/** The event with the agent type of the session, where it tells none: events of a subagent have that one's. */
export function withAgentType(event: HookEvent, agentType: string): HookEvent {
  const tellsNone = text(event.agent_type) === undefined && text(event.agent_id) === undefined
  return tellsNone ? { ...event, agent_type: agentType } : event
}

/**
 * The log record of a hook event: ids, names of tools and agents, what became of them, and nothing else. Prompts, inputs,
 * outputs, messages and paths stay behind.
 *
 * @param timeMs when it was received: hook events carry no time
 */
export function toLogRecord(event: HookEvent, name: string, timeMs: number): LogRecord {
  const attributes = { ...commonOf(event), ...detailsOf(event, name) }
  return {
    kind: 'log',
    timeMs,
    eventName: HOOK_EVENT_PREFIX + name,
    attributes: Object.fromEntries(Object.entries(attributes).filter(([, value]) => value !== undefined)),
    resource: RESOURCE,
    scope: SCOPE,
  }
}

function commonOf(event: HookEvent): Attributes {
  return {
    'session.id': text(event.session_id),
    'prompt.id': text(event.prompt_id),
    agent_id: text(event.agent_id),
    agent_type: text(event.agent_type),
    tool_name: text(event.tool_name),
    tool_use_id: text(event.tool_use_id),
    duration_ms: number(event.duration_ms),
    'task.id': text(event.task_id),
  }
}

function detailsOf(event: HookEvent, name: string): Attributes {
  switch (name) {
    case 'SessionStart':
      return { source: text(event.source) }
    case 'SessionEnd':
      return { reason: text(event.reason) }
    case 'UserPromptSubmit':
      return { 'prompt.is_command': typeof event.prompt === 'string' ? COMMAND.test(event.prompt) : undefined }
    case 'PostToolUse':
      return { ...outcomeOf(event), ...resultOf(event) }
    // Hooks tell of a compaction nothing else that is its own.
    case 'PostCompact':
      return { fingerprint: typeof event.compact_summary === 'string' ? digest(event.compact_summary) : undefined }
    default:
      return {}
  }
}

/** Codex, whose events alone name a turn, has this event for commands that failed, too. */
function outcomeOf(event: HookEvent): Attributes {
  return text(event.turn_id) === undefined ? {} : { outcome: 'unknown' }
}

/** What the tools that manage tasks and subagents did. */
function resultOf(event: HookEvent): Attributes {
  const input = fields(event.tool_input)
  const response = fields(event.tool_response)
  switch (event.tool_name) {
    case 'TaskCreate':
      return { 'task.id': text(fields(response.task).id) }
    case 'TaskUpdate': {
      if (response.success === false) return {}
      const status = text(fields(response.statusChange).to) ?? text(input.status)
      return { 'task.id': text(response.taskId) ?? text(input.taskId), 'task.status': status }
    }
    case 'TodoWrite':
      return { todos: todosOf(input.todos) }
    case 'Agent':
    case 'Task':
      return {
        'subagent.id': text(response.agentId),
        'subagent.type': text(response.agentType) ?? text(input.subagent_type),
        'subagent.status': text(response.status),
      }
    default:
      return {}
  }
}

/** The items of a list that have a text; the same text is the same item. */
function todosOf(todos: unknown): readonly AttributeValue[] | undefined {
  if (!Array.isArray(todos)) return undefined
  return todos.slice(0, MAX_TODOS).flatMap((todo: unknown) => {
    const { content, status } = fields(todo)
    return typeof content === 'string' ? [{ id: digest(content), status: text(status) ?? null }] : []
  })
}

function digest(content: string): string {
  return createHash('sha256').update(content).digest('base64url').slice(0, 16)
}

function fields(value: unknown): HookEvent {
  return isHookEvent(value) ? value : {}
}

export function isHookEvent(value: unknown): value is HookEvent {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

function text(value: unknown): string | undefined {
  if (typeof value === 'number') return String(value)
  return typeof value === 'string' && value !== '' ? value.slice(0, MAX_TEXT_LENGTH) : undefined
}

function number(value: unknown): number | undefined {
  return typeof value === 'number' && Number.isFinite(value) ? value : undefined
}
