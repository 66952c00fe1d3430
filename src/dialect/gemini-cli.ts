import type { Activity } from '../model/activity.ts'
import type { Attributes, LogRecord, MetricPoint, Telemetry } from '../model/telemetry.ts'
import { pickDurationMs } from './amounts.ts'
import { type Aliases, type Dialect, pickText, type Reading } from './dialect.ts'
import { answeredCall, decidedCall, familySources, meteredTokens } from './gemini-family.ts'
import { type Owner, ownerOf, serviceOf } from './owner.ts'
import { logReading, PRESENCE, spanReading, TOLD_ELSEWHERE, UNUSED_METRIC, usageReading } from './readings.ts'

const LOGS = 'gemini_cli_logs'
const TRACES = 'gemini_cli_traces'
const METRICS = 'gemini_cli_metrics'
const PREFIX = 'gemini_cli.'
const SESSION: Aliases = ['session.id', 'gen_ai.conversation.id']

/** Families of events that tell nothing about the agent's work. */
const NOISE =
  /^(startup_stats|ripgrep_fallback|extension_|ide_connection|plan\.approval_mode|model_routing|conseca\.|web_fetch_fallback_attempt|llm_loop_check|next_speaker_check|hook_call|tool_output_truncated)/

/** Events that show the agent at work, and nothing more that KPIs need. */
const PRESENCE_EVENTS: ReadonlySet<string> = new Set([
  'api_request',
  'conversation_finished',
  'file_operation',
  'slash_command',
  'slash_command.model',
  'flash_fallback',
  'invalid_chunk',
  'malformed_json_response',
  'chat.invalid_chunk',
  'chat.content_retry',
  'chat.content_retry_failure',
  'network_retry_attempt',
  'edit_strategy',
  'edit_correction',
  'agent.recovery_attempt',
  'plan.execution',
  'rewind',
])

/**
 * Gemini CLI: OTLP logs and cumulative metrics. It also writes both under the names of the GenAI conventions: those are
 * copies. Its spans know neither what the cache gave nor whether a tool failed, and prove only that it was at work.
 */
export const geminiCli: Dialect = {
  sources: familySources({ logs: LOGS, traces: TRACES, metrics: METRICS }, []),
  read(item: Telemetry): Reading | undefined {
    switch (item.kind) {
      case 'log':
        return readLog(item)
      case 'metric':
        return item.name.startsWith(PREFIX) || isGemini(item) ? readMetric(item) : undefined
      case 'span':
        return isGemini(item)
          ? spanReading(item, { source: TRACES, owner: geminiOwner(item), activities: PRESENCE })
          : undefined
    }
  },
}

function isGemini(item: Telemetry): boolean {
  return serviceOf(item) === 'gemini-cli'
}

// The service's version is that of Node.
function geminiOwner(item: Telemetry): Owner {
  return { ...ownerOf(item, SESSION), agentVersion: undefined }
}

function readLog(record: LogRecord): Reading | undefined {
  const name = record.eventName
  if (name === undefined || !name.startsWith(PREFIX)) return isGemini(record) ? TOLD_ELSEWHERE : undefined
  const event = name.slice(PREFIX.length)
  if (NOISE.test(event)) return { kind: 'ignored', reason: 'gemini_cli_noise' }
  const { attributes } = record
  const activities = activitiesOf(event, attributes)
  if (activities === undefined) return { kind: 'unknown', name }
  const durationMs = pickDurationMs(attributes, ['duration_ms'])
  return logReading(record, { source: LOGS, owner: geminiOwner(record), activities, durationMs })
}

function activitiesOf(event: string, attributes: Attributes): readonly Activity[] | undefined {
  switch (event) {
    case 'config':
      return [{ kind: 'session_start' }]
    case 'user_prompt':
      return [{ kind: 'prompt' }]
    case 'api_response':
      return [answeredCall(attributes, 'beside_output')]
    case 'api_error':
      return [{ kind: 'model_error', callId: undefined }]
    case 'tool_call':
      return [decidedCall(attributes)]
    case 'chat_compression':
      return [{ kind: 'compaction' }]
    case 'agent.start':
      return [{ kind: 'invocation_start', ...invocationOf(attributes), background: false }]
    case 'agent.finish': {
      const reached = pickText(attributes, ['terminate_reason']) === 'GOAL'
      return [
        { kind: 'invocation_end', ...invocationOf(attributes), status: reached ? 'success' : 'failure', final: true },
      ]
    }
    default:
      return PRESENCE_EVENTS.has(event) ? PRESENCE : undefined
  }
}

function invocationOf(attributes: Attributes) {
  return {
    invocationId: pickText(attributes, ['agent_id']),
    agentType: pickText(attributes, ['agent_name']) ?? 'unknown',
  }
}

function readMetric(point: MetricPoint): Reading {
  if (!point.name.startsWith(PREFIX)) return TOLD_ELSEWHERE
  const metered = point.name === 'gemini_cli.token.usage' ? meteredTokens(point, 'beside_output') : undefined
  if (metered === undefined) return UNUSED_METRIC
  const model = pickText(point.attributes, ['model'])
  return usageReading(point, { source: METRICS, owner: geminiOwner(point), metered, model })
}
