import type { Activity, InvocationRef, InvocationStatus, Observation, Outcome } from '../model/activity.ts'
import type { Attributes, AttributeValue, LogRecord, Telemetry } from '../model/telemetry.ts'
import { pickDurationMs } from './amounts.ts'
import { CLAUDE_HOOK_NAMES as NAMES, HOOK_EVENT_PREFIX as PREFIX } from './claude-hook-names.ts'
import { type Dialect, pick, pickBoolean, pickText, type Reading } from './dialect.ts'
import { PRESENCE } from './readings.ts'
import { attributesKey } from './record-key.ts'
import { taskChange, taskStatusOf } from './tasks.ts'

/** Codex sends the same events, but its own telemetry beside them names it. */
export const USUAL_SENDER = 'claude-code'

/** Events that show the agent at work, and nothing more that KPIs need. */
const PRESENCE_EVENTS: ReadonlySet<string> = new Set([
  'PreToolUse',
  'PermissionRequest',
  // Tells calls of tools that do not exist, too: nothing of them ran.
  'PostToolBatch',
  'UserPromptExpansion',
  'Stop',
  'PreCompact',
  'MessageDisplay',
  'InstructionsLoaded',
  'CwdChanged',
  'WorktreeCreate',
  'WorktreeRemove',
  'Elicitation',
  'ElicitationResult',
  'PreModelSwitch',
  'PostModelSwitch',
])

/** Events that come while the agent waits or does nothing: they must not stretch the session. */
const NOISE: ReadonlySet<string> = new Set([
  'Notification',
  'TeammateIdle',
  'ConfigChange',
  'DirectoryAdded',
  'FileChanged',
  'Setup',
])

/** Claude Code's hook events, as the `claude_hooks` receiver hands them on; Codex has the same ones. */
export const claudeHooks: Dialect = {
  sources: [
    {
      name: 'claude_hooks',
      kind: 'hooks',
      // Rejections only where they were automatic: none is not none.
      tells: ['model_errors', 'tools', 'prompts', 'compactions', 'tasks'],
    },
  ],
  read(item: Telemetry): Reading | undefined {
    if (item.kind !== 'log' || item.eventName === undefined || !item.eventName.startsWith(PREFIX)) return undefined
    const event = item.eventName.slice(PREFIX.length)
    if (NOISE.has(event)) return { kind: 'ignored', reason: 'claude_hook_noise' }
    const activities = activitiesOf(event, item.attributes)
    if (activities === undefined) return { kind: 'unknown', name: item.eventName }
    const { attributes, timeMs } = item
    return {
      kind: 'observed',
      observation: {
        source: 'claude_hooks',
        key: keyOf(event, item),
        sessionId: pickText(attributes, NAMES.sessionId),
        startMs: timeMs - pickDurationMs(attributes, NAMES.durationMs),
        endMs: timeMs,
        ...mainAgent(attributes),
        ...invocationOf(attributes),
        agentVersion: undefined,
        span: undefined,
        activities,
      },
    }
  },
}

function activitiesOf(event: string, attributes: Attributes): readonly Activity[] | undefined {
  if (event === 'SubagentStop' && isOwnHelper(attributes)) return PRESENCE
  switch (event) {
    case 'SessionStart':
      // After a compaction the same process goes on.
      return pickText(attributes, NAMES.source) === 'compact' ? PRESENCE : [{ kind: 'session_start' }]
    case 'SessionEnd':
      return [{ kind: 'session_end' }]
    case 'UserPromptSubmit':
      return prompt(attributes)
    case 'PostToolUse':
      return [toolCall(attributes, outcomeOf(attributes)), ...taskChanges(attributes), ...subagentOf(attributes)]
    case 'PostToolUseFailure':
      return [toolCall(attributes, 'failed')]
    case 'PermissionDenied':
      return [{ kind: 'tool_rejection', callId: pickText(attributes, NAMES.toolUseId) }]
    case 'TaskCreated':
      return [taskChange('created', pickText(attributes, NAMES.taskId), undefined)]
    case 'TaskCompleted':
      return [taskChange('updated', pickText(attributes, NAMES.taskId), 'completed')]
    case 'SubagentStart':
      return [invocationStart(attributes, NAMES.agentId, NAMES.agentType, false)]
    case 'SubagentStop':
      return [invocationEnd(attributes, NAMES.agentId, NAMES.agentType, 'unknown')]
    case 'PostCompact':
      return [{ kind: 'compaction' }]
    case 'StopFailure':
      return [{ kind: 'model_error', callId: undefined }]
    default:
      return PRESENCE_EVENTS.has(event) ? PRESENCE : undefined
  }
}

// Hooks carry no time of their own: what has an id is known by it, however often and whenever it comes.
function keyOf(event: string, { attributes, timeMs }: LogRecord): string {
  const id = idOf(event, attributes)
  if (id !== undefined) return `${event}:${id}`
  return `${event}:${timeMs}:${attributesKey(attributes)}`
}

function idOf(event: string, attributes: Attributes): string | undefined {
  switch (event) {
    case 'UserPromptSubmit':
    // One prompt fails for good at most once.
    case 'StopFailure':
      return pickText(attributes, NAMES.promptId)
    case 'PreToolUse':
    case 'PostToolUse':
    case 'PostToolUseFailure':
    case 'PermissionDenied':
      return pickText(attributes, NAMES.toolUseId)
    case 'TaskCreated':
    case 'TaskCompleted':
      return pickText(attributes, NAMES.taskId)
    case 'SubagentStart':
      return pickText(attributes, NAMES.agentId)
    case 'PostCompact':
      return pickText(attributes, NAMES.fingerprint)
    default:
      return undefined
  }
}

/** Beside an agent id stands the type of that subagent. */
function mainAgent(attributes: Attributes): Pick<Observation, 'agentType' | 'agentTypeOrigin'> {
  const told = pick(attributes, NAMES.agentId) === undefined ? pickText(attributes, NAMES.agentType) : undefined
  return told === undefined
    ? { agentType: USUAL_SENDER, agentTypeOrigin: 'format' }
    : { agentType: told, agentTypeOrigin: 'hook' }
}

/** The subagent within which the event came. */
function invocationOf(attributes: Attributes): { readonly invocation?: InvocationRef } {
  const id = pickText(attributes, NAMES.agentId)
  if (id === undefined || isOwnHelper(attributes)) return {}
  return { invocation: { id, agentType: pickText(attributes, NAMES.agentType), parentId: undefined } }
}

/** A compaction is the work of agents that have no type, and never start: they are no subagents of the session's. */
function isOwnHelper(attributes: Attributes): boolean {
  return pick(attributes, NAMES.agentId) !== undefined && pickText(attributes, NAMES.agentType) === undefined
}

function prompt(attributes: Attributes): readonly Activity[] {
  if (pickBoolean(attributes, NAMES.isCommand) === true) return PRESENCE
  const promptId = pickText(attributes, NAMES.promptId)
  return [promptId === undefined ? { kind: 'prompt' } : { kind: 'prompt', promptId }]
}

function toolCall(attributes: Attributes, outcome: Outcome): Activity {
  const callId = pickText(attributes, NAMES.toolUseId)
  return { kind: 'tool_call', callId, tool: pickText(attributes, NAMES.toolName), outcome }
}

function outcomeOf(attributes: Attributes): Outcome {
  return pickText(attributes, NAMES.outcome) === 'unknown' ? 'unknown' : 'ok'
}

function taskChanges(attributes: Attributes): readonly Activity[] {
  const taskId = pickText(attributes, NAMES.taskId)
  switch (pickText(attributes, NAMES.toolName)) {
    case 'TaskCreate':
      return [taskChange('created', taskId, undefined)]
    case 'TaskUpdate':
      return [taskChange('updated', taskId, taskStatusOf(pick(attributes, NAMES.taskStatus)))]
    case 'TodoWrite':
      return todoChanges(pick(attributes, NAMES.todos))
    default:
      return []
  }
}

/** Every call has the whole list: an item that was there before is the same task. */
function todoChanges(todos: AttributeValue | undefined): readonly Activity[] {
  if (!isList(todos)) return []
  return todos.flatMap((todo) => {
    if (!isMap(todo)) return []
    const taskId = pickText(todo, ['id'])
    return taskId === undefined ? [] : [taskChange('created', `todo:${taskId}`, taskStatusOf(todo.status))]
  })
}

function invocationStart(
  attributes: Attributes,
  idNames: readonly string[],
  typeNames: readonly string[],
  background: boolean,
): Activity {
  return {
    kind: 'invocation_start',
    invocationId: pickText(attributes, idNames),
    agentType: pickText(attributes, typeNames) ?? 'unknown',
    background,
  }
}

/** What the tool call that started a subagent tells of it; one in the background goes on. */
function subagentOf(attributes: Attributes): readonly Activity[] {
  const status = pickText(attributes, NAMES.subagentStatus)
  if (status === 'async_launched') {
    return [invocationStart(attributes, NAMES.subagentId, NAMES.subagentType, true)]
  }
  if (status !== 'completed') return []
  return [invocationEnd(attributes, NAMES.subagentId, NAMES.subagentType, 'success')]
}

function invocationEnd(
  attributes: Attributes,
  idNames: readonly string[],
  typeNames: readonly string[],
  status: InvocationStatus,
): Activity {
  return {
    kind: 'invocation_end',
    invocationId: pickText(attributes, idNames),
    agentType: pickText(attributes, typeNames) ?? 'unknown',
    status,
    final: true,
  }
}

function isList(value: AttributeValue | undefined): value is readonly AttributeValue[] {
  return Array.isArray(value)
}

function isMap(value: AttributeValue): value is { readonly [key: string]: AttributeValue } {
  return typeof value === 'object' && value !== null && !Array.isArray(value) && !ArrayBuffer.isView(value)
}
