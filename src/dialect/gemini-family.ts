import type { Activity, Outcome } from '../model/activity.ts'
import type { Attributes, MetricPoint } from '../model/telemetry.ts'
import { disjoint, pickAmount } from './amounts.ts'
import { pickBoolean, pickText, type Source } from './dialect.ts'
import type { Metered } from './readings.ts'
import type { Fact } from './trust-order.ts'

/**
 * How a client counts what the model thought: Gemini's output leaves it out, that of Qwen, whose client descends from
 * Gemini's, includes it.
 */
export type Thoughts = 'beside_output' | 'in_output'

/** Sources of a client: what their logs and metrics can tell is the same, what their traces can is not. */
export function familySources(
  names: { readonly logs: string; readonly traces: string; readonly metrics: string },
  tracesTell: readonly Fact[],
): readonly Source[] {
  const logsTell: readonly Fact[] = ['model_calls', 'model_errors', 'tools', 'rejections', 'prompts', 'compactions']
  return [
    { name: names.logs, kind: 'logs', tells: logsTell },
    { name: names.traces, kind: 'traces', tells: tracesTell },
    { name: names.metrics, kind: 'metrics', tells: ['metered_use'] },
  ]
}

/** The answer to a request, as `api_response` tells it. */
export function answeredCall(attributes: Attributes, thoughts: Thoughts): Activity {
  const reasoning = pickAmount(attributes, ['thoughts_token_count'])
  const output = pickAmount(attributes, ['output_token_count'])
  const tokens = disjoint({
    input: pickAmount(attributes, ['input_token_count']),
    cacheRead: pickAmount(attributes, ['cached_content_token_count']),
    cacheCreation: undefined,
    output: thoughts === 'beside_output' ? (output ?? 0) + (reasoning ?? 0) : output,
    reasoning,
  })
  // What tools gave the model to read within a request comes on top of the input.
  const freshInput = tokens.freshInput + (pickAmount(attributes, ['tool_token_count']) ?? 0)
  return {
    kind: 'model_call',
    callId: pickText(attributes, ['response_id']),
    model: pickText(attributes, ['model']),
    tokens: { ...tokens, freshInput },
    costUsd: undefined,
  }
}

/** A tool call, or that the user did not allow it. */
export function decidedCall(attributes: Attributes): Activity {
  const callId = pickText(attributes, ['call_id'])
  if (pickText(attributes, ['decision']) === 'reject') return { kind: 'tool_rejection', callId }
  const success = pickBoolean(attributes, ['success'])
  const outcome: Outcome = success === undefined ? 'unknown' : success ? 'ok' : 'failed'
  return { kind: 'tool_call', callId, tool: toolName(attributes), outcome }
}

function toolName(attributes: Attributes): string | undefined {
  const name = pickText(attributes, ['function_name'])
  const server = pickText(attributes, ['mcp_server_name'])
  return name === undefined || server === undefined || name.startsWith('mcp__') ? name : `mcp__${server}__${name}`
}

/** What a point of the metric `token.usage` measures. */
export function meteredTokens({ attributes, value }: MetricPoint, thoughts: Thoughts): readonly Metered[] | undefined {
  switch (pickText(attributes, ['type'])) {
    case 'input':
      return [{ measure: 'input', value }]
    case 'output':
      return [{ measure: 'output', value }]
    case 'cache':
      return [{ measure: 'cacheRead', value }]
    case 'tool':
      return [{ measure: 'freshInput', value }]
    case 'thought': {
      const reasoning: Metered = { measure: 'reasoning', value }
      return thoughts === 'beside_output' ? [reasoning, { measure: 'output', value }] : [reasoning]
    }
    default:
      return undefined
  }
}
