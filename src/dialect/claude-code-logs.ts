import type { Activity, Outcome, TaskStatus } from '../model/activity.ts'
import type { Attributes, LogRecord, Telemetry } from '../model/telemetry.ts'
import { pickAmount, pickDurationMs } from './amounts.ts'
import {
  claudeCodeOwner,
  INVOCATION_ATTRIBUTES,
  invocationOf,
  modelCallOf,
  COMMON_NAMES as NAMES,
} from './claude-code.ts'
import { type Dialect, excerptOf, pick, pickBoolean, pickText, type Reading } from './dialect.ts'
import { OWNER_ATTRIBUTES } from './owner.ts'
import { PRESENCE } from './readings.ts'
import { attributesKey } from './record-key.ts'
import { taskChange, taskStatusOf } from './tasks.ts'

const PREFIX = 'claude_code.'
const CONTEXT_CHARACTERS = ['additional_context_chars']

/** The attributes that say what hooks put into whose context. */
const CONTEXT_ATTRIBUTES: ReadonlySet<string> = new Set(['hook_event', 'agent_id', ...CONTEXT_CHARACTERS])

/** All attributes that are read of events. */
const ATTRIBUTES: ReadonlySet<string> = new Set([
  ...Object.values(NAMES).flat(),
  ...OWNER_ATTRIBUTES,
  ...INVOCATION_ATTRIBUTES,
  ...CONTEXT_CHARACTERS,
  'command_name',
  'cost_usd',
  'decision',
  'duration_ms',
  'event.sequence',
  'event.timestamp',
  'prompt.id',
  'success',
  'tool_input',
])

/** Events that tell nothing about the agent's work. */
const NOISE: ReadonlySet<string> = new Set([
  'hook_registered',
  'hook_execution_start',
  'hook_plugin_metrics',
  'plugin_installed',
  'plugin_loaded',
  'managed_settings_resolved',
  'system_prompt',
  'safety_event',
  'mcp_server_connection',
  'auth',
  'feedback_survey',
  'retention_sweep',
  'api_request_body',
  'api_response_body',
  // Comes beside the `api_error` of the same request.
  'api_retries_exhausted',
])

/** Events that show the agent at work, and nothing more that KPIs need. */
const PRESENCE_EVENTS: readonly string[] = [
  'assistant_response',
  'permission_mode_changed',
  'skill_activated',
  'at_mention',
  'internal_error',
  'api_refusal',
]

type Reader = (attributes: Attributes) => readonly Activity[]

const READERS: ReadonlyMap<string, Reader> = new Map<string, Reader>([
  ['user_prompt', prompt],
  ['api_request', (attributes) => [modelCallOf(attributes)]],
  ['api_error', (attributes) => [{ kind: 'model_error', callId: pickText(attributes, NAMES.requestId) }]],
  ['tool_result', toolResult],
  ['tool_decision', toolDecision],
  ['compaction', compaction],
  ['hook_execution_complete', contextAdded],
  ['subagent_completed', (attributes) => [invocationEnd(attributes)]],
  ...PRESENCE_EVENTS.map((event): [string, Reader] => [event, () => PRESENCE]),
])

/** Known events by their bodies: looked up once, where cutting the prefix off would make a new text for each item. */
const EVENTS: ReadonlyMap<string, string> = new Map(
  [...NOISE, ...READERS.keys()].map((event) => [PREFIX + event, event]),
)

/** Claude Code's OTLP log events (2.0 and newer; older ones write numbers as text and no sequence). */
export const claudeCodeLogs: Dialect = {
  sources: [
    {
      name: 'claude_code_logs',
      kind: 'logs',
      tells: ['model_calls', 'model_errors', 'tools', 'rejections', 'prompts', 'compactions', 'tasks'],
    },
  ],
  read(item: Telemetry): Reading | undefined {
    if (item.kind !== 'log') return undefined
    const event = eventOf(item)
    if (event === undefined) return undefined
    if (NOISE.has(event)) return { kind: 'ignored', reason: 'claude_code_noise' }
    if (event === 'hook_execution_complete' && !isOfStart(excerptOf(item, CONTEXT_ATTRIBUTES))) {
      return { kind: 'ignored', reason: 'claude_code_noise' }
    }
    const attributes = excerptOf(item, ATTRIBUTES)
    const activities = READERS.get(event)?.(attributes)
    if (activities === undefined) return { kind: 'unknown', name: PREFIX + event }
    const endMs = item.timeMs
    return {
      kind: 'observed',
      observation: {
        source: 'claude_code_logs',
        key: keyOf(event, attributes, item),
        ...claudeCodeOwner({ attributes, resource: item.resource }),
        ...invocationOf({ attributes }),
        startMs: endMs - pickDurationMs(attributes, ['duration_ms']),
        endMs,
        span: undefined,
        activities,
      },
    }
  },
}

function eventOf({ body, eventName, scope }: LogRecord): string | undefined {
  if (typeof body === 'string') {
    const event = EVENTS.get(body)
    if (event !== undefined) return event
    if (body.startsWith(PREFIX)) return body.slice(PREFIX.length)
  }
  if (eventName === undefined) return undefined
  if (eventName.startsWith(PREFIX)) return eventName.slice(PREFIX.length)
  return scope.name.startsWith('com.anthropic.claude_code') ? eventName : undefined
}

// A resumed session counts its sequence anew, so the time belongs to the key; old clients have no sequence at all.
function keyOf(event: string, attributes: Attributes, item: LogRecord): string {
  const sequence = pickText(attributes, ['event.sequence'])
  const time = pickText(attributes, ['event.timestamp']) ?? item.timeMs
  return `${event}:${time}:${sequence ?? attributesKey(item.attributes)}`
}

function toolDecision(attributes: Attributes): readonly Activity[] {
  return pickText(attributes, ['decision']) === 'reject'
    ? [{ kind: 'tool_rejection', callId: pickText(attributes, NAMES.toolUseId) }]
    : PRESENCE
}

function compaction(attributes: Attributes): readonly Activity[] {
  return pickBoolean(attributes, ['success']) === false ? PRESENCE : [{ kind: 'compaction' }]
}

function contextAdded(attributes: Attributes): readonly Activity[] {
  return [{ kind: 'context_added', characters: Math.floor(pickAmount(attributes, CONTEXT_CHARACTERS) ?? 0) }]
}

/** Whether it tells what hooks put into an agent's context; those of other events do not matter, and old clients do not say. */
function isOfStart(attributes: Attributes): boolean {
  const event = pickText(attributes, ['hook_event'])
  // Which subagent it was, some clients do not say.
  const isStart =
    event === 'SessionStart' || (event === 'SubagentStart' && pick(attributes, ['agent_id']) !== undefined)
  return isStart && pickAmount(attributes, CONTEXT_CHARACTERS) !== undefined
}

function prompt(attributes: Attributes): readonly Activity[] {
  if (pick(attributes, ['command_name']) !== undefined) return PRESENCE
  const promptId = pickText(attributes, ['prompt.id'])
  return [promptId === undefined ? { kind: 'prompt' } : { kind: 'prompt', promptId }]
}

function toolResult(attributes: Attributes): readonly Activity[] {
  const tool = pickText(attributes, NAMES.toolName)
  const success = pickBoolean(attributes, ['success'])
  const outcome: Outcome = success === undefined ? 'unknown' : success ? 'ok' : 'failed'
  const call: Activity = { kind: 'tool_call', callId: pickText(attributes, NAMES.toolUseId), tool, outcome }
  if ((tool !== 'TaskCreate' && tool !== 'TaskUpdate') || outcome === 'failed') return [call]
  const { taskId, status } = taskInput(pick(attributes, ['tool_input']))
  return [call, taskChange(tool === 'TaskCreate' ? 'created' : 'updated', taskId, status)]
}

/** The tool's input, which is there when Claude Code is asked for tool details. */
function taskInput(json: unknown): { taskId: string | undefined; status: TaskStatus | undefined } {
  const input: unknown = typeof json === 'string' ? parseJson(json) : undefined
  if (typeof input !== 'object' || input === null) return { taskId: undefined, status: undefined }
  const taskId = 'taskId' in input && typeof input.taskId === 'string' ? input.taskId : undefined
  return { taskId, status: 'status' in input ? taskStatusOf(input.status) : undefined }
}

function parseJson(json: string): unknown {
  try {
    return JSON.parse(json)
  } catch {
    // Cut at the client's length limit.
    return undefined
  }
}

function invocationEnd(attributes: Attributes): Activity {
  return {
    kind: 'invocation_end',
    invocationId: pickText(attributes, ['agent_id']),
    agentType: pickText(attributes, ['agent_type']) ?? 'unknown',
    status: 'success',
    final: true,
  }
}
