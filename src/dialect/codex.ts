import type { Activity, Outcome } from '../model/activity.ts'
import type { Attributes, LogRecord, MetricPoint, Span, Telemetry } from '../model/telemetry.ts'
import { disjoint, pickAmount, pickDurationMs } from './amounts.ts'
import { type Aliases, type Dialect, pick, pickBoolean, pickNumber, pickText, type Reading } from './dialect.ts'
import { ownerOf, serviceOf } from './owner.ts'
import { logReading, type Metered, PRESENCE, spanReading, UNUSED_METRIC, usageReading } from './readings.ts'

const LOGS = 'codex_logs'
const TRACES = 'codex_traces'
const METRICS = 'codex_metrics'
const PREFIX = 'codex.'
const SESSION: Aliases = ['conversation.id', 'gen_ai.conversation.id']
const FAILED_STATUS = 400
const MS_PER_SECOND = 1000

const NOISE: Reading = { kind: 'ignored', reason: 'codex_noise' }

/** Events that tell nothing about the agent's work. */
const NOISE_EVENTS: ReadonlySet<string> = new Set([
  'startup_phase',
  'websocket_connect',
  'websocket_event',
  'auth_recovery',
  'plugin_install_elicitation_sent',
  'plugin_install_suggestion',
])

/** Events that show the agent at work, and nothing more that KPIs need. */
const PRESENCE_EVENTS: ReadonlySet<string> = new Set([
  'turn_ttft',
  'turn_cost',
  'agent_response',
  'sandbox_outcome',
  'guardian_assessment',
  'skill_invocation',
])

/** Tools that run a command: they succeed whatever the command did, and their output begins with how it exited. */
const COMMAND_TOOLS: ReadonlySet<string> = new Set(['exec_command', 'write_stdin'])
const COMMAND_EXIT = /^(?:Chunk ID: .*\n)?Wall time: .*\nProcess exited with code (-?\d+)\n/

const REJECTED: ReadonlySet<string> = new Set(['denied', 'abort', 'timed_out'])

/** Codex (`codex_exec`, `codex_cli_rs`, …): OTLP logs, metrics without a session id, and internal spans. */
export const codex: Dialect = {
  sources: [
    { name: LOGS, kind: 'logs', tells: ['model_calls', 'model_errors', 'tools', 'rejections', 'prompts'] },
    { name: TRACES, kind: 'traces', tells: [] },
    { name: METRICS, kind: 'metrics', tells: ['metered_use', 'active_time'] },
  ],
  read(item: Telemetry): Reading | undefined {
    switch (item.kind) {
      case 'log':
        return readLog(item)
      case 'metric':
        return item.name.startsWith(PREFIX) ? readMetric(item) : undefined
      case 'span':
        return isCodex(item) ? readSpan(item) : undefined
    }
  },
}

function isCodex(item: Telemetry): boolean {
  return serviceOf(item)?.startsWith('codex') === true
}

// The record's own event name is a place in Codex's source.
function readLog(record: LogRecord): Reading | undefined {
  const { attributes } = record
  const name = pickText(attributes, ['event.name'])
  if (name === undefined || !name.startsWith(PREFIX)) return isCodex(record) ? NOISE : undefined
  const event = name.slice(PREFIX.length)
  if (NOISE_EVENTS.has(event)) return NOISE
  const activities = activitiesOf(event, attributes)
  if (activities === undefined) return { kind: 'unknown', name }
  if (activities.length === 0) return NOISE
  const durationMs = pickDurationMs(attributes, ['duration_ms'])
  return logReading(record, { source: LOGS, owner: ownerOf(record, SESSION), activities, durationMs })
}

/** @returns none for an event that repeats another, `undefined` for an unknown one */
function activitiesOf(event: string, attributes: Attributes): readonly Activity[] | undefined {
  switch (event) {
    case 'conversation_starts':
      return [{ kind: 'session_start' }]
    case 'user_prompt':
      return [{ kind: 'prompt' }]
    case 'sse_event':
      return streamed(attributes)
    case 'api_request':
    case 'websocket_request':
      return requestFailed(attributes) ? [{ kind: 'model_error', callId: undefined }] : PRESENCE
    case 'tool_result':
      return [toolCall(attributes)]
    case 'tool_decision':
      return REJECTED.has(pickText(attributes, ['decision']) ?? '')
        ? [{ kind: 'tool_rejection', callId: pickText(attributes, ['call_id']) }]
        : PRESENCE
    default:
      return PRESENCE_EVENTS.has(event) ? PRESENCE : undefined
  }
}

// A response is completed twice; one of the two records has its tokens.
function streamed(attributes: Attributes): readonly Activity[] {
  if (pick(attributes, ['error.message']) !== undefined) return [{ kind: 'model_error', callId: undefined }]
  const input = pickAmount(attributes, ['input_token_count'])
  if (pickText(attributes, ['event.kind']) !== 'response.completed' || input === undefined) return []
  const tokens = disjoint({
    input,
    cacheRead: pickAmount(attributes, ['cached_token_count']),
    cacheCreation: pickAmount(attributes, ['cache_write_token_count']),
    output: pickAmount(attributes, ['output_token_count']),
    reasoning: pickAmount(attributes, ['reasoning_token_count']),
  })
  return [{ kind: 'model_call', callId: undefined, model: pickText(attributes, ['model']), tokens, costUsd: undefined }]
}

function requestFailed(attributes: Attributes): boolean {
  const status = pickNumber(attributes, ['http.response.status_code']) ?? 0
  return (
    status >= FAILED_STATUS ||
    pick(attributes, ['error.message']) !== undefined ||
    pickBoolean(attributes, ['success']) === false
  )
}

function toolCall(attributes: Attributes): Activity {
  const name = pickText(attributes, ['tool_name'])
  const server = pickText(attributes, ['mcp_server'])
  const tool = name === undefined || server === undefined || name.startsWith('mcp__') ? name : `mcp__${server}__${name}`
  return { kind: 'tool_call', callId: pickText(attributes, ['call_id']), tool, outcome: outcomeOf(attributes, name) }
}

// A header that Codex writes, never the text of the command itself.
function outcomeOf(attributes: Attributes, tool: string | undefined): Outcome {
  const success = pickBoolean(attributes, ['success'])
  if (success !== true) return success === false ? 'failed' : 'unknown'
  if (tool === undefined || !COMMAND_TOOLS.has(tool)) return 'ok'
  const output = pick(attributes, ['output'])
  const code = typeof output === 'string' ? COMMAND_EXIT.exec(output)?.[1] : undefined
  if (code === undefined) return 'unknown'
  return code === '0' ? 'ok' : 'failed'
}

function readMetric(point: MetricPoint): Reading {
  const metered = meteredBy(point)
  if (metered === undefined) return UNUSED_METRIC
  const model = pickText(point.attributes, ['model'])
  return usageReading(point, { source: METRICS, owner: ownerOf(point, SESSION), metered: [metered], model })
}

function meteredBy({ name, attributes, value }: MetricPoint): Metered | undefined {
  if (name === 'codex.turn.e2e_duration_ms') return { measure: 'activeSeconds', value: value / MS_PER_SECOND }
  if (name !== 'codex.turn.token_usage') return undefined
  switch (pickText(attributes, ['token_type'])) {
    case 'input':
      return { measure: 'input', value }
    case 'cached_input':
      return { measure: 'cacheRead', value }
    case 'cache_write_input':
      return { measure: 'cacheCreation', value }
    case 'output':
      return { measure: 'output', value }
    case 'reasoning_output':
      return { measure: 'reasoning', value }
    default:
      return undefined
  }
}

// Thousands of spans of Codex's own functions; what a turn used, some of them tell twice, and the logs tell it too.
function readSpan(span: Span): Reading {
  if (span.name !== 'session_task.turn') return { kind: 'ignored', reason: 'codex_internal_span' }
  return spanReading(span, { source: TRACES, owner: ownerOf(span, SESSION), activities: PRESENCE })
}
