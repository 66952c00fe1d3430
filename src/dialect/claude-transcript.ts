import type { Activity, InvocationStatus } from '../model/activity.ts'
import type { Attributes, AttributeValue, Telemetry } from '../model/telemetry.ts'
import { asAmount, pickDurationMs } from './amounts.ts'
import { claudeCodeOwner, invocationOf } from './claude-code.ts'
import { asBoolean, asText, type Dialect, type Reading } from './dialect.ts'
import { PRESENCE } from './readings.ts'
import { taskChange, taskStatusOf } from './tasks.ts'

const PREFIX = 'claude_transcript.'
const SUBAGENT_DURATION = ['subagent_duration_ms']
const COMPACTION: readonly Activity[] = [{ kind: 'compaction' }]

/** Claude Code's transcripts, as the receiver of transcripts hands on their lines. */
export const claudeTranscript: Dialect = {
  sources: [
    {
      name: 'claude_transcript',
      kind: 'transcripts',
      tells: ['model_calls', 'model_errors', 'tools', 'rejections', 'prompts', 'compactions', 'tasks'],
    },
  ],
  read(item: Telemetry): Reading | undefined {
    if (item.kind !== 'log' || item.eventName?.startsWith(PREFIX) !== true) return undefined
    const { eventName, attributes, timeMs } = item
    const activities = activitiesOf(eventName, attributes)
    if (activities === undefined) return { kind: 'unknown', name: eventName }
    const { sessionId, agentType, agentTypeOrigin, agentVersion } = claudeCodeOwner(item)
    const observation = {
      source: 'claude_transcript',
      key: asText(attributes['record.id']) ?? `${eventName.slice(PREFIX.length)}:${timeMs}`,
      sessionId,
      agentType,
      agentTypeOrigin,
      agentVersion,
      // A subagent's call tells how long it took.
      startMs: timeMs - pickDurationMs(attributes, SUBAGENT_DURATION),
      endMs: timeMs,
      span: undefined,
      activities,
    }
    const { invocation } = invocationOf(item)
    return { kind: 'observed', observation: invocation === undefined ? observation : { ...observation, invocation } }
  },
}

function activitiesOf(eventName: string, attributes: Attributes): readonly Activity[] | undefined {
  switch (eventName) {
    case 'claude_transcript.message':
      return message(attributes)
    case 'claude_transcript.tool_result':
      return toolResults(attributes)
    case 'claude_transcript.prompt':
      return [prompt(attributes)]
    case 'claude_transcript.api_error':
      // Old clients' telemetry has no ids of requests: what is told here counts where it tells nothing.
      return [{ kind: 'model_error', callId: undefined }]
    case 'claude_transcript.compaction':
      return COMPACTION
    case 'claude_transcript.subagent_start':
      return [invocationStart(asText(attributes.agent_id), asText(attributes.agent_type), false)]
    case 'claude_transcript.presence':
      return PRESENCE
    default:
      return undefined
  }
}

// Logs and hooks have the same id: each may know of prompts that the others missed.
function prompt(attributes: Attributes): Activity {
  const promptId = asText(attributes['prompt.id'])
  return promptId === undefined ? { kind: 'prompt' } : { kind: 'prompt', promptId }
}

function message(attributes: Attributes): readonly Activity[] {
  const activities: Activity[] = [modelCall(attributes)]
  for (const use of listOf(attributes.tool_uses)) {
    const callId = asText(use.tool_use_id)
    const tool = asText(use.tool_name)
    if (callId !== undefined && tool !== undefined) activities.push({ kind: 'tool_name', callId, tool })
  }
  const agentId = asText(attributes.agent_id)
  const stopReason = asText(attributes.stop_reason)
  if (agentId !== undefined && stopReason !== undefined && stopReason !== 'tool_use') {
    activities.push(invocationEnd(agentId, asText(attributes.agent_type), 'success'))
  }
  return activities
}

function modelCall(attributes: Attributes): Activity {
  const messageId = asText(attributes['message.id'])
  return {
    kind: 'model_call',
    callId: asText(attributes.request_id),
    ...(messageId === undefined ? undefined : { localId: messageId }),
    model: asText(attributes.model) ?? asText(attributes['gen_ai.request.model']),
    tokens: {
      freshInput: asAmount(attributes.input_tokens) ?? 0,
      cacheRead: asAmount(attributes.cache_read_tokens) ?? 0,
      cacheCreation: asAmount(attributes.cache_creation_tokens) ?? 0,
      output: asAmount(attributes.output_tokens) ?? 0,
      reasoning: asAmount(attributes.reasoning_tokens) ?? 0,
    },
    // Clients up to 2.1.92 write what the message began with, and the reason why it stopped only with its true end.
    provisional: asText(attributes.stop_reason) === undefined,
    costUsd: undefined,
  }
}

function toolResults(attributes: Attributes): readonly Activity[] {
  const rejected = asBoolean(attributes.rejected) === true
  const activities: Activity[] = listOf(attributes.tool_results).map((result) => {
    const callId = asText(result.tool_use_id)
    if (rejected) return { kind: 'tool_rejection', callId }
    const failed = asBoolean(result.is_error) === true
    return { kind: 'tool_call', callId, tool: undefined, outcome: failed ? 'failed' : 'ok' }
  })
  for (const change of [attributes, ...listOf(attributes.todos)]) {
    const task = changeOf(change)
    if (task !== undefined) activities.push(task)
  }
  const all = [...activities, ...subagent(attributes)]
  return all.length === 0 ? PRESENCE : all
}

function changeOf(attributes: Attributes): Activity | undefined {
  const change = asText(attributes.task_change)
  if (change !== 'created' && change !== 'updated') return undefined
  return taskChange(change, asText(attributes.task_id), taskStatusOf(attributes.task_status))
}

/** The tool call that started a subagent: it returns with its end, or at once when it goes on in the background. */
function subagent(attributes: Attributes): readonly Activity[] {
  const agentId = asText(attributes.subagent_id)
  if (agentId === undefined) return []
  const agentType = asText(attributes.subagent_type)
  const status = asText(attributes.subagent_status)
  if (status === 'async_launched') return [invocationStart(agentId, agentType, true)]
  const start = invocationStart(agentId, agentType, false)
  const end = invocationEnd(agentId, agentType, status === 'completed' ? 'success' : 'unknown')
  return attributes.subagent_duration_ms === undefined ? [end] : [start, end]
}

function invocationStart(
  invocationId: string | undefined,
  agentType: string | undefined,
  background: boolean,
): Activity {
  return { kind: 'invocation_start', invocationId, agentType: agentType ?? 'unknown', background }
}

function invocationEnd(invocationId: string, agentType: string | undefined, status: InvocationStatus): Activity {
  return { kind: 'invocation_end', invocationId, agentType: agentType ?? 'unknown', status, final: true }
}

function listOf(value: AttributeValue | undefined): readonly Attributes[] {
  return Array.isArray(value) ? value.filter(isAttributes) : []
}

function isAttributes(value: AttributeValue): value is { readonly [key: string]: AttributeValue } {
  return typeof value === 'object' && value !== null && !Array.isArray(value) && !(value instanceof Uint8Array)
}
