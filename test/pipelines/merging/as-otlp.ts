import type { Telemetry } from '#src/model/telemetry.ts'
import { decodeJsonBody } from '#src/otlp/decode-json-body.ts'
import type { Happening, SessionScript, Subagent } from './script.ts'

type Attributes = Readonly<Record<string, string | number | boolean | undefined>>

const MODEL = 'claude-opus-5-5'
const RESOURCE = { attributes: attributesOf({ 'service.name': 'claude-code', 'service.version': '2.1.328' }) }

/** The log events of a session. Each process counts its events anew; `/clear` goes on counting. */
export function asLogs({ id, processes }: SessionScript): Telemetry[] {
  let sequence = 0
  let promptId: string | undefined
  const records = processes.flatMap(({ happenings }) =>
    happenings.flatMap((happening) => {
      if (happening.kind === 'process_start') sequence = happening.source === 'clear' ? 500 : 0
      if (happening.kind === 'prompt') promptId = happening.promptId
      return eventsOf(happening).map(([name, attributes]) => ({
        timeUnixNano: nanos(happening.atMs),
        body: { stringValue: `claude_code.${name}` },
        attributes: attributesOf({
          ...{ 'session.id': id, 'event.name': name, 'event.timestamp': new Date(happening.atMs).toISOString() },
          ...{ 'event.sequence': sequence++, 'prompt.id': promptId },
          ...attributes,
        }),
      }))
    }),
  )
  return decoded({
    resourceLogs: [{ resource: RESOURCE, scopeLogs: [{ scope: scope('.events'), logRecords: records }] }],
  })
}

function eventsOf(happening: Happening): readonly (readonly [name: string, attributes: Attributes])[] {
  switch (happening.kind) {
    case 'process_start':
      return [['managed_settings_resolved', {}]]
    case 'prompt':
      return [['user_prompt', { prompt_length: 9, prompt: '<REDACTED>' }]]
    case 'compaction':
      return [['compaction', { trigger: 'auto', success: true, duration_ms: 2000 }]]
    case 'model_call': {
      const { requestId, durationMs, costUsd, agent } = happening
      const attributes = { ...usageOf(happening), cost_usd: costUsd, duration_ms: durationMs, ...hiddenAgent(agent) }
      return [
        ['api_request', attributes],
        ['assistant_response', { request_id: requestId, agent_id: agent?.id }],
      ]
    }
    case 'model_error': {
      const attributes = { model: MODEL, request_id: happening.requestId, status_code: 529, error: 'overloaded' }
      return [
        ['api_error', attributes],
        ['api_retries_exhausted', { ...attributes, total_attempts: 10 }],
      ]
    }
    case 'tool_call': {
      const { toolUseId, tool, outcome, durationMs, agent } = happening
      const named = { tool_name: hiddenTool(tool), tool_use_id: toolUseId, agent_id: agent?.id }
      if (outcome === 'rejected') return [['tool_decision', { ...named, decision: 'reject', source: 'user_reject' }]]
      return [
        ['tool_decision', { ...named, decision: 'accept', source: 'config' }],
        ['tool_result', { ...named, success: String(outcome === 'ok'), duration_ms: String(durationMs) }],
      ]
    }
    case 'subagent_end': {
      const { id, background } = happening.subagent
      const { 'agent.name': agentType } = hiddenAgent(happening.subagent)
      return [['subagent_completed', { agent_id: id, agent_type: agentType, is_async: background }]]
    }
    default:
      return []
  }
}

/** The metrics of a session: deltas, written at the end of each turn; a killed process loses its last ones. */
export function asMetrics({ id, processes }: SessionScript): Telemetry[] {
  const metrics = processes.flatMap(({ happenings, lostAfterMs }) => {
    let sinceMs = happenings[0]?.atMs ?? 0
    let calls: Extract<Happening, { kind: 'model_call' }>[] = []
    const points = [metric('session.count', id, [sinceMs, sinceMs], 1, { start_type: 'fresh' })]
    for (const happening of happenings) {
      if (happening.kind === 'model_call') calls.push(happening)
      if (happening.kind !== 'turn_end' || happening.atMs > lostAfterMs) continue
      const interval = [sinceMs, happening.atMs] as const
      for (const source of ['main', 'subagent']) {
        const used = calls.filter(({ agent }) => (agent === undefined) === (source === 'main'))
        const attributes = { model: MODEL, query_source: source }
        const sum = (pick: (call: (typeof calls)[number]) => number) => used.reduce((all, call) => all + pick(call), 0)
        const add = (type: string, value: number) =>
          points.push(metric('token.usage', id, interval, value, { ...attributes, type }))
        add(
          'input',
          sum(({ tokens }) => tokens.freshInput),
        )
        add(
          'output',
          sum(({ tokens }) => tokens.output),
        )
        add(
          'cacheRead',
          sum(({ tokens }) => tokens.cacheRead),
        )
        add(
          'cacheCreation',
          sum(({ tokens }) => tokens.cacheCreation),
        )
        points.push(
          metric(
            'cost.usage',
            id,
            interval,
            sum(({ costUsd }) => costUsd),
            attributes,
          ),
        )
      }
      points.push(
        metric('active_time.total', id, interval, (happening.atMs - happening.startedMs) / 1000, { type: 'cli' }),
      )
      sinceMs = happening.atMs
      calls = []
    }
    return points
  })
  return decoded({ resourceMetrics: [{ resource: RESOURCE, scopeMetrics: [{ scope: scope(''), metrics }] }] })
}

function metric(
  name: string,
  session: string,
  [fromMs, toMs]: readonly [number, number],
  value: number,
  more: Attributes,
) {
  return {
    name: `claude_code.${name}`,
    sum: {
      ...{ aggregationTemporality: 1, isMonotonic: true },
      dataPoints: [
        {
          attributes: attributesOf({ 'session.id': session, ...more }),
          ...{ startTimeUnixNano: nanos(fromMs), timeUnixNano: nanos(toMs), asDouble: value },
        },
      ],
    },
  }
}

/** The spans of a session. */
export function asTraces({ id, processes }: SessionScript): Telemetry[] {
  let spanCount = 0
  const spans = processes.flatMap(({ happenings }) =>
    happenings.flatMap((happening) =>
      spansOf(happening).map(([name, durationMs, attributes]) => {
        spanCount++
        return {
          traceId: '0af7651916cd43dd8448eb211c80319c',
          spanId: spanCount.toString(16).padStart(16, '0'),
          name: `claude_code.${name}`,
          startTimeUnixNano: nanos(happening.atMs - durationMs),
          endTimeUnixNano: nanos(happening.atMs),
          status: { code: attributes.success === false ? 2 : 0 },
          attributes: attributesOf({ 'session.id': id, duration_ms: durationMs, ...attributes }),
        }
      }),
    ),
  )
  return decoded({ resourceSpans: [{ resource: RESOURCE, scopeSpans: [{ scope: scope('.tracing'), spans }] }] })
}

function spansOf(
  happening: Happening,
): readonly (readonly [name: string, durationMs: number, attributes: Attributes])[] {
  switch (happening.kind) {
    case 'turn_end':
      return [['interaction', happening.atMs - happening.startedMs, {}]]
    case 'compaction':
      return [['compaction', 2000, {}]]
    case 'model_call': {
      const { durationMs, agent } = happening
      const owner = { agent_id: agent?.id, parent_agent_id: agent?.parent?.id }
      return [['llm_request', durationMs, { ...usageOf(happening), ...owner, success: true }]]
    }
    case 'model_error':
      return [['llm_request', 800, { model: MODEL, request_id: happening.requestId, success: false }]]
    case 'tool_call': {
      const { toolUseId, tool, outcome, durationMs, agent } = happening
      const named = { tool_use_id: toolUseId, tool_name: hiddenTool(tool), agent_id: agent?.id }
      const decision = outcome === 'rejected' ? 'reject' : 'accept'
      const execution = [['tool.execution', durationMs, { tool_use_id: toolUseId, success: outcome === 'ok' }]] as const
      return [
        ['tool', durationMs, named],
        ['tool.blocked_on_user', 1, { decision }],
        ...(outcome === 'rejected' ? [] : execution),
      ]
    }
    default:
      return []
  }
}

function usageOf({ requestId, tokens }: Extract<Happening, { kind: 'model_call' }>): Attributes {
  const { freshInput, output, cacheRead, cacheCreation } = tokens
  return {
    ...{ model: MODEL, request_id: requestId, input_tokens: freshInput, output_tokens: output },
    ...{ cache_read_tokens: cacheRead, cache_creation_tokens: cacheCreation },
  }
}

/** As logs show it: who defines an agent may not want its name told. */
function hiddenAgent(agent: Subagent | undefined): { readonly agent_id?: string; readonly 'agent.name'?: string } {
  return agent === undefined ? {} : { agent_id: agent.id, 'agent.name': agent.builtIn ? agent.type : 'custom' }
}

function hiddenTool(tool: string): string {
  return tool.startsWith('mcp__') ? 'mcp_tool' : tool
}

function attributesOf(attributes: Attributes): object[] {
  return Object.entries(attributes).flatMap(([key, value]): object[] => {
    if (value === undefined) return []
    if (typeof value === 'string') return [{ key, value: { stringValue: value } }]
    if (typeof value === 'boolean') return [{ key, value: { boolValue: value } }]
    return [{ key, value: Number.isInteger(value) ? { intValue: value } : { doubleValue: value } }]
  })
}

function scope(suffix: string): object {
  return { name: `com.anthropic.claude_code${suffix}`, version: '2.1.328' }
}

function nanos(ms: number): string {
  return `${ms}000000`
}

function decoded(request: object): Telemetry[] {
  const result = decodeJsonBody(Buffer.from(JSON.stringify(request)))
  if (!result.ok) throw new Error(JSON.stringify(result.error))
  return [...result.items]
}
