import type { Activity, InvocationStatus } from '../model/activity.ts'
import type { Attributes, LogRecord, MetricPoint, Span, Telemetry } from '../model/telemetry.ts'
import { disjoint, pickAmount, pickDurationMs } from './amounts.ts'
import { type Aliases, type Dialect, pickBoolean, pickText, type Reading } from './dialect.ts'
import { answeredCall, decidedCall, familySources, meteredTokens } from './gemini-family.ts'
import { ownerOf, serviceOf } from './owner.ts'
import {
  activeTime,
  logReading,
  PRESENCE,
  spanReading,
  TOLD_ELSEWHERE,
  UNUSED_METRIC,
  usageReading,
} from './readings.ts'

const LOGS = 'qwen_code_logs'
const TRACES = 'qwen_code_traces'
const METRICS = 'qwen_code_metrics'
const PREFIX = 'qwen-code.'
const SESSION: Aliases = ['session.id', 'gen_ai.conversation.id']

/** Families of events that tell nothing about the agent's work. */
const NOISE =
  /^(auth|config|ripgrep_fallback|extension_|ide_connection|memory\.|tool_output_truncated|user_feedback|next_speaker_check|kitty_)/

/** Events that show the agent at work, and nothing more that KPIs need. */
const PRESENCE_EVENTS: ReadonlySet<string> = new Set([
  'api_request',
  'api_retry',
  'conversation_finished',
  'file_operation',
  'slash_command',
  'slash_command.model',
  'flash_fallback',
  'malformed_json_response',
  'chat.invalid_chunk',
  'chat.content_retry',
  'chat.content_retry_failure',
  'skill_launch',
  // The span of the same subagent has its id and both of its ends.
  'subagent_execution',
])

/** Qwen Code: OTLP logs with a session's start and end, spans, and cumulative metrics without a session id. */
export const qwenCode: Dialect = {
  sources: familySources({ logs: LOGS, traces: TRACES, metrics: METRICS }, [
    'model_calls',
    'model_errors',
    'tools',
    'prompts',
    'active_time',
  ]),
  read(item: Telemetry): Reading | undefined {
    switch (item.kind) {
      case 'log':
        return readLog(item)
      case 'metric':
        return item.name.startsWith(PREFIX) || isQwen(item) ? readMetric(item) : undefined
      case 'span':
        return item.name.startsWith(PREFIX) || isQwen(item) ? readSpan(item) : undefined
    }
  },
}

function isQwen(item: Telemetry): boolean {
  return serviceOf(item) === 'qwen-code'
}

function readLog(record: LogRecord): Reading | undefined {
  const { eventName: name, attributes } = record
  const isOwn = name?.startsWith(PREFIX) === true
  if (name === undefined || (!isOwn && !isQwen(record))) return undefined
  const event = isOwn ? name.slice(PREFIX.length) : name
  if (NOISE.test(event)) return { kind: 'ignored', reason: 'qwen_code_noise' }
  const activities = activitiesOf(event, attributes)
  if (activities === undefined) return isOwn ? { kind: 'unknown', name } : TOLD_ELSEWHERE
  const durationMs = pickDurationMs(attributes, ['duration_ms'])
  return logReading(record, { source: LOGS, owner: ownerOf(record, SESSION), activities, durationMs })
}

function activitiesOf(event: string, attributes: Attributes): readonly Activity[] | undefined {
  switch (event) {
    case 'session.start':
      return [{ kind: 'session_start' }]
    case 'session.end':
      return [{ kind: 'session_end' }]
    case 'user_prompt':
      return [{ kind: 'prompt' }]
    case 'api_response':
      return [answeredCall(attributes, 'in_output')]
    case 'api_error':
      return [{ kind: 'model_error', callId: pickText(attributes, ['response_id']) }]
    case 'tool_call':
      return [decidedCall(attributes)]
    case 'chat_compression':
      return [{ kind: 'compaction' }]
    default:
      return PRESENCE_EVENTS.has(event) ? PRESENCE : undefined
  }
}

function readSpan(span: Span): Reading {
  const activities = span.name.startsWith(PREFIX) ? spanActivities(span.name.slice(PREFIX.length), span) : PRESENCE
  return spanReading(span, { source: TRACES, owner: ownerOf(span, SESSION), activities })
}

function spanActivities(name: string, span: Span): readonly Activity[] {
  const { attributes } = span
  switch (name) {
    case 'interaction': {
      const asked = pickText(attributes, ['qwen-code.message_type']) === 'userQuery'
      return [...(asked ? [{ kind: 'prompt' } as const] : PRESENCE), activeTime(span, 'interaction')]
    }
    case 'llm_request':
      return [failed(span) ? { kind: 'model_error', callId: pickText(attributes, RESPONSE_ID) } : requested(attributes)]
    case 'tool': {
      const tool = pickText(attributes, ['gen_ai.tool.name', 'tool_name'])
      const outcome = failed(span) ? 'failed' : pickBoolean(attributes, ['success']) === true ? 'ok' : 'unknown'
      return [{ kind: 'tool_call', callId: pickText(attributes, ['call_id', 'gen_ai.tool.call.id']), tool, outcome }]
    }
    case 'subagent':
      return subagent(span)
    default:
      return PRESENCE
  }
}

const RESPONSE_ID: Aliases = ['gen_ai.response.id']

function failed({ attributes, status }: Span): boolean {
  return status === 'error' || pickBoolean(attributes, ['success']) === false
}

function requested(attributes: Attributes): Activity {
  return {
    kind: 'model_call',
    callId: pickText(attributes, RESPONSE_ID),
    model: pickText(attributes, ['gen_ai.response.model', 'gen_ai.request.model']),
    tokens: disjoint({
      input: pickAmount(attributes, ['gen_ai.usage.input_tokens']),
      cacheRead: pickAmount(attributes, ['gen_ai.usage.cache_read.input_tokens']),
      cacheCreation: pickAmount(attributes, ['gen_ai.usage.cache_creation.input_tokens']),
      output: pickAmount(attributes, ['gen_ai.usage.output_tokens']),
      reasoning: pickAmount(attributes, ['thoughts_token_count', 'gen_ai.usage.reasoning.output_tokens']),
    }),
    costUsd: undefined,
  }
}

function subagent(span: Span): readonly Activity[] {
  const { attributes, spanId } = span
  const invocationId = pickText(attributes, ['qwen-code.subagent.id']) ?? spanId
  const agentType = pickText(attributes, ['qwen-code.subagent.name', 'gen_ai.agent.name']) ?? 'unknown'
  const completed = pickText(attributes, ['qwen-code.subagent.status']) === 'completed'
  const status: InvocationStatus = failed(span) ? 'failure' : completed ? 'success' : 'unknown'
  return [
    { kind: 'invocation_start', invocationId, agentType, background: false },
    { kind: 'invocation_end', invocationId, agentType, status, final: true },
  ]
}

function readMetric(point: MetricPoint): Reading {
  const metered = point.name === 'qwen-code.token.usage' ? meteredTokens(point, 'in_output') : undefined
  if (metered === undefined) return UNUSED_METRIC
  const model = pickText(point.attributes, ['model'])
  return usageReading(point, { source: METRICS, owner: ownerOf(point, SESSION), metered, model })
}
