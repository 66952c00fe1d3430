import type { Activity, UsageMeasure } from '../model/activity.ts'
import type { MetricPoint, Span, Telemetry } from '../model/telemetry.ts'
import { type Aliases, type Dialect, pickText, type Reading } from './dialect.ts'
import { agentNameOf, genAiActivities, genAiInvocation, operationOf } from './gen-ai-spans.ts'
import { type Owner, ownerOf, serviceOf } from './owner.ts'
import { activeTime, PRESENCE, spanReading, TOLD_ELSEWHERE, UNUSED_METRIC, usageReading } from './readings.ts'

const TRACES = 'copilot_traces'
const METRICS = 'copilot_metrics'
const SERVICES: ReadonlySet<string> = new Set(['github-copilot', 'copilot-chat'])

/** The resource's `session.id` of VS Code is that of its window. */
const SESSION: Aliases = ['gen_ai.conversation.id']

/** Each of these comes a second time as a histogram, `….operation.…`. */
const TOKEN_METRICS: ReadonlyMap<string, UsageMeasure> = new Map([
  ['gen_ai.client.inference.usage.input_tokens', 'input'],
  ['gen_ai.client.inference.usage.output_tokens', 'output'],
  ['gen_ai.client.inference.usage.cache_read.input_tokens', 'cacheRead'],
  ['gen_ai.client.inference.usage.cache_write.input_tokens', 'cacheCreation'],
  ['gen_ai.client.inference.usage.reasoning.output_tokens', 'reasoning'],
])

/**
 * Copilot CLI, and Copilot Chat of VS Code: spans of the GenAI conventions, and cumulative metrics without a session id.
 * `github.copilot.cost` counts premium requests, not dollars.
 */
export const copilot: Dialect = {
  sources: [
    { name: TRACES, kind: 'traces', tells: ['model_calls', 'model_errors', 'tools', 'prompts', 'active_time'] },
    { name: METRICS, kind: 'metrics', tells: ['metered_use'] },
  ],
  read(item: Telemetry): Reading | undefined {
    if (!SERVICES.has(serviceOf(item) ?? '')) return undefined
    switch (item.kind) {
      case 'log':
        return TOLD_ELSEWHERE
      case 'metric':
        return readMetric(item)
      case 'span':
        return spanReading(item, { source: TRACES, owner: copilotOwner(item), activities: activitiesOf(item) })
    }
  },
}

// The agent that was started with a name of its own has it on its outermost span, which is the earliest.
function copilotOwner(span: Span): Owner {
  const owner = ownerOf(span, SESSION)
  const name = isOutermost(span) ? agentNameOf(span.attributes) : undefined
  if (name === undefined || owner.agentTypeOrigin === 'attribute') return owner
  return { ...owner, agentType: name, agentTypeOrigin: 'agent_name' }
}

function isOutermost({ attributes, parentSpanId }: Span): boolean {
  return operationOf(attributes) === 'invoke_agent' && parentSpanId === undefined
}

function activitiesOf(span: Span): readonly Activity[] {
  const operation = operationOf(span.attributes)
  if (operation === undefined) return PRESENCE
  if (operation !== 'invoke_agent') return genAiActivities(span, operation)
  // It repeats the tokens of all calls within it.
  return isOutermost(span) ? [{ kind: 'prompt' }, activeTime(span, 'invoke_agent')] : genAiInvocation(span)
}

function readMetric(point: MetricPoint): Reading {
  const measure = TOKEN_METRICS.get(point.name)
  if (measure === undefined) return UNUSED_METRIC
  return usageReading(point, {
    source: METRICS,
    owner: ownerOf(point, SESSION),
    metered: [{ measure, value: point.value }],
    model: pickText(point.attributes, ['gen_ai.response.model', 'gen_ai.request.model']),
  })
}
