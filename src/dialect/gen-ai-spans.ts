import type { Activity, InvocationStatus, Outcome } from '../model/activity.ts'
import type { Attributes, Span } from '../model/telemetry.ts'
import { disjoint, pickAmount } from './amounts.ts'
import { type Aliases, pickText } from './dialect.ts'
import { PRESENCE } from './readings.ts'

/** Names of the OpenTelemetry GenAI conventions, current name first. */
const NAMES = {
  operation: ['gen_ai.operation.name'],
  responseId: ['gen_ai.response.id'],
  model: ['gen_ai.response.model', 'gen_ai.request.model'],
  toolName: ['gen_ai.tool.name'],
  toolCallId: ['gen_ai.tool.call.id'],
  agentName: ['gen_ai.agent.name'],
  input: ['gen_ai.usage.input_tokens', 'gen_ai.usage.prompt_tokens'],
  output: ['gen_ai.usage.output_tokens', 'gen_ai.usage.completion_tokens'],
  cacheRead: ['gen_ai.usage.cache_read.input_tokens', 'gen_ai.usage.cache_read_input_tokens'],
  cacheCreation: ['gen_ai.usage.cache_creation.input_tokens', 'gen_ai.usage.cache_creation_input_tokens'],
  reasoning: ['gen_ai.usage.reasoning.output_tokens', 'gen_ai.usage.reasoning_tokens'],
} as const satisfies Record<string, Aliases>

const MODEL_OPERATIONS: ReadonlySet<string> = new Set(['chat', 'generate_content', 'text_completion'])

export function operationOf(attributes: Attributes): string | undefined {
  return pickText(attributes, NAMES.operation)
}

/** Whether an operation asks a model to answer. */
export function asksModel(operation: string): boolean {
  return MODEL_OPERATIONS.has(operation)
}

export function agentNameOf(attributes: Attributes): string | undefined {
  return pickText(attributes, NAMES.agentName)
}

/** What a span of the conventions tells. What an agent's own span sums up is left to those of its calls. */
export function genAiActivities(span: Span, operation: string): readonly Activity[] {
  const { attributes, status } = span
  if (asksModel(operation)) {
    return [status === 'error' ? { kind: 'model_error', callId: responseIdOf(attributes) } : genAiCall(attributes)]
  }
  if (operation === 'execute_tool') return [toolCall(span)]
  return PRESENCE
}

export function genAiCall(attributes: Attributes): Activity {
  return {
    kind: 'model_call',
    callId: responseIdOf(attributes),
    model: pickText(attributes, NAMES.model),
    tokens: disjoint({
      input: pickAmount(attributes, NAMES.input),
      cacheRead: pickAmount(attributes, NAMES.cacheRead),
      cacheCreation: pickAmount(attributes, NAMES.cacheCreation),
      output: pickAmount(attributes, NAMES.output),
      reasoning: pickAmount(attributes, NAMES.reasoning),
    }),
    costUsd: undefined,
  }
}

export function responseIdOf(attributes: Attributes): string | undefined {
  return pickText(attributes, NAMES.responseId)
}

/** Whether any tokens are named. */
export function hasUsage(attributes: Attributes): boolean {
  return pickAmount(attributes, NAMES.input) !== undefined || pickAmount(attributes, NAMES.output) !== undefined
}

/** A subagent, as its own span tells it from start to end. */
export function genAiInvocation({ attributes, spanId, status }: Span): readonly Activity[] {
  const agentType = agentNameOf(attributes) ?? 'unknown'
  const ended: InvocationStatus = status === 'error' ? 'failure' : 'success'
  return [
    { kind: 'invocation_start', invocationId: spanId, agentType, background: false },
    { kind: 'invocation_end', invocationId: spanId, agentType, status: ended, final: true },
  ]
}

// Instrumentations leave the status unset where nothing failed.
function toolCall({ attributes, status }: Span): Activity {
  const failed = status === 'error' || pickText(attributes, ['error.type']) !== undefined
  const outcome: Outcome = failed ? 'failed' : 'ok'
  const callId = pickText(attributes, NAMES.toolCallId)
  return { kind: 'tool_call', callId, tool: pickText(attributes, NAMES.toolName), outcome }
}
