import { type Random, randomFrom } from '../scripts/samples/random.ts'
import { agentTelemetry } from './telemetry-lines.ts'

export const ITEMS_PER_REQUEST = 500
/** A session is one agent's: it sends all requests of it, one after the other. */
export const REQUESTS_PER_SESSION = 3

/** Long before all benchmarks: these sessions end as soon as they were taken in. */
const FIRST_MS = Date.UTC(2026, 0, 15)
const SESSION_MS = 3 * 3_600_000

type Value = string | number | boolean
type Attributes = Readonly<Record<string, Value>>

/** Requests of hook spans in OTLP/JSON, without end: three for each session. */
export function* spanRequests(seed: string): Generator<object, never> {
  const random = randomFrom(seed)
  for (let number = 0; ; number++) {
    const lines = agentTelemetry(`${seed} ${number}`, FIRST_MS + number * SESSION_MS)
    const sessionId = random.uuid()
    for (let part = 0; part < REQUESTS_PER_SESSION; part++) {
      const spans: object[] = []
      while (spans.length < ITEMS_PER_REQUEST) {
        const { kind, text } = lines.next().value
        // Sessions of these lines end after some 150 spans; here they go on.
        if (kind === 'traces' && !text.includes('hook:session-')) spans.push(otlpSpan(JSON.parse(text), sessionId))
      }
      const scopeSpans = [{ scope: { name: 'claude-code-hooks', version: '1.0.0' }, spans }]
      const resource = { attributes: keyValues({ 'service.name': 'claude-code-hooks', 'service.version': '1.0.0' }) }
      yield { resourceSpans: [{ resource, scopeSpans }] }
    }
  }
}

interface SpanLine {
  readonly traceId: string
  readonly spanId: string
  readonly name: string
  readonly startTime: readonly [seconds: number, nanos: number]
  readonly endTime: readonly [seconds: number, nanos: number]
  readonly attributes: Attributes
}

function otlpSpan({ traceId, spanId, name, startTime, endTime, attributes }: SpanLine, sessionId: string): object {
  return {
    traceId,
    spanId,
    name,
    kind: 1,
    startTimeUnixNano: nanosOf(startTime),
    endTimeUnixNano: nanosOf(endTime),
    attributes: keyValues({ ...attributes, 'session.id': sessionId }),
    status: { code: 1 },
  }
}

function nanosOf([seconds, nanos]: readonly [number, number]): string {
  return `${seconds}${String(nanos).padStart(9, '0')}`
}

/** Requests of log records as Claude Code sends them, in OTLP/JSON, without end: three for each session. */
export function* logRequests(seed: string): Generator<object, never> {
  const random = randomFrom(seed)
  for (let number = 0; ; number++) {
    const records = claudeLogs(random, FIRST_MS + number * SESSION_MS)
    for (let part = 0; part < REQUESTS_PER_SESSION; part++) {
      const logRecords = Array.from({ length: ITEMS_PER_REQUEST }, () => records.next().value)
      const scope = { name: 'com.anthropic.claude_code.events', version: '2.1.328' }
      yield {
        resourceLogs: [{ resource: { attributes: keyValues(CLAUDE_RESOURCE) }, scopeLogs: [{ scope, logRecords }] }],
      }
    }
  }
}

const CLAUDE_RESOURCE: Attributes = {
  'host.arch': 'amd64',
  'os.type': 'linux',
  'os.version': '6.18.44',
  'service.name': 'claude-code',
  'service.version': '2.1.328',
}

const TOOLS = ['Read', 'Read', 'Edit', 'Write', 'Bash', 'Bash', 'Grep', 'Glob', 'TaskUpdate'] as const

/** The events of one session, in the proportions of a real one: two of three are about hooks. */
function* claudeLogs(random: Random, startMs: number): Generator<object, never> {
  const common: Attributes = {
    'agentperf.agent_type': random.pick(['code-reviewer', 'translation-agent', 'default'] as const),
    'user.id': random.hex(64),
    'session.id': random.uuid(),
    'anthropic.provider': 'firstParty',
    'anthropic.custom_base_url': false,
    'terminal.type': 'xterm-256color',
  }
  let sequence = 0
  let timeMs = startMs
  let prompt: Attributes = {}
  let trace = random.hex(32)
  const record = (event: string, attributes: Attributes): object => {
    timeMs += random.integer(1, 700)
    const all = {
      ...common,
      'event.name': event,
      'event.timestamp': new Date(timeMs).toISOString(),
      'event.sequence': sequence++,
      ...prompt,
      ...attributes,
    }
    const timeUnixNano = `${timeMs}000000`
    return {
      timeUnixNano,
      observedTimeUnixNano: timeUnixNano,
      body: { stringValue: `claude_code.${event}` },
      attributes: keyValues(all),
      flags: 1,
      traceId: trace,
      spanId: random.hex(16),
    }
  }
  for (;;) {
    prompt = { 'prompt.id': random.uuid() }
    trace = random.hex(32)
    yield record('user_prompt', { prompt_length: random.integer(9, 900), 'message.uuid': random.uuid() })
    for (let calls = random.integer(4, 20); calls > 0; calls--) {
      const request_id = `req_${random.hex(24)}`
      const model = 'claude-opus-5-5'
      yield record('api_request', apiRequest(random, request_id, model))
      yield record('assistant_response', {
        response_length: random.integer(9, 9000),
        model,
        request_id,
        query_source: 'repl_main_thread',
        'message.uuid': random.uuid(),
      })
      const tool_name = random.pick(TOOLS)
      const tool_use_id = `toolu_${random.hex(24)}`
      yield* hookRecords(record, 'PreToolUse', tool_name)
      yield record('tool_decision', {
        tool_name,
        tool_use_id,
        decision: 'accept',
        source: 'config',
        tool_source: 'builtin',
      })
      yield record('tool_result', {
        tool_name,
        tool_use_id,
        success: random.chance(0.95) ? 'true' : 'false',
        duration_ms: `${random.integer(3, 9000)}`,
        tool_input_size_bytes: `${random.integer(20, 2000)}`,
        tool_result_size_bytes: `${random.integer(20, 20_000)}`,
        request_id,
      })
      yield* hookRecords(record, 'PostToolUse', tool_name)
      yield* hookRecords(record, 'PostToolBatch', tool_name)
    }
  }
}

function apiRequest(random: Random, request_id: string, model: string): Attributes {
  return {
    model,
    input_tokens: random.integer(1, 900),
    output_tokens: random.integer(20, 3000),
    cache_read_tokens: random.integer(10_000, 190_000),
    cache_creation_tokens: random.integer(0, 9000),
    cost_usd: random.integer(1, 90_000) / 1e6,
    duration_ms: random.integer(900, 60_000),
    ttft_ms: random.integer(200, 3000),
    request_id,
    client_request_id: random.uuid(),
    speed: 'normal',
    query_source: 'repl_main_thread',
  }
}

function* hookRecords(
  record: (event: string, attributes: Attributes) => object,
  hook_event: string,
  tool: string,
): Generator<object> {
  const hook = {
    hook_event,
    hook_name: `${hook_event}:${tool}`,
    num_hooks: '2',
    managed_only: 'false',
    hook_source: 'merged',
  }
  yield record('hook_execution_start', hook)
  const outcome = { num_success: '2', num_blocking: '0', num_non_blocking_error: '0', num_cancelled: '0' }
  yield record('hook_execution_complete', { ...hook, ...outcome, total_duration_ms: '12' })
}

function keyValues(attributes: Attributes): object[] {
  return Object.entries(attributes).map(([key, value]) => ({ key, value: anyValue(value) }))
}

function anyValue(value: Value): object {
  if (typeof value === 'string') return { stringValue: value }
  if (typeof value === 'boolean') return { boolValue: value }
  return Number.isInteger(value) ? { intValue: value } : { doubleValue: value }
}
