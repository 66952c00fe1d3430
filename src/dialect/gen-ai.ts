import type { UsageMeasure } from '../model/activity.ts'
import type { LogRecord, MetricPoint, Span, Telemetry } from '../model/telemetry.ts'
import { type Aliases, type Dialect, pickText, type Reading } from './dialect.ts'
import {
  agentNameOf,
  asksModel,
  genAiActivities,
  genAiCall,
  genAiInvocation,
  hasUsage,
  operationOf,
  responseIdOf,
} from './gen-ai-spans.ts'
import { type Owner, ownerOf } from './owner.ts'
import { activeTime, logReading, spanReading, TOLD_ELSEWHERE, UNUSED_METRIC, usageReading } from './readings.ts'

const LOGS = 'gen_ai_logs'
const TRACES = 'gen_ai_traces'
const METRICS = 'gen_ai_metrics'
const PREFIX = 'gen_ai.'
const DETAILS = 'gen_ai.client.inference.operation.details'
const SESSION: Aliases = ['gen_ai.conversation.id', 'session.id']

const TOKEN_TYPES: ReadonlyMap<string, UsageMeasure> = new Map([
  ['input', 'input'],
  ['output', 'output'],
])

/**
 * The OpenTelemetry GenAI conventions, of agents that no other dialect knows: this one comes last. (Evaluation events
 * have a dialect of their own.)
 */
export const genAi: Dialect = {
  sources: [
    { name: LOGS, kind: 'logs', tells: ['model_calls'] },
    { name: TRACES, kind: 'traces', tells: ['model_calls', 'model_errors', 'tools', 'active_time'] },
    { name: METRICS, kind: 'metrics', tells: ['metered_use'] },
  ],
  read(item: Telemetry): Reading | undefined {
    switch (item.kind) {
      case 'log':
        return item.eventName === DETAILS ? readDetails(item) : undefined
      case 'metric':
        return item.name.startsWith(PREFIX) ? readMetric(item) : undefined
      case 'span':
        return readSpan(item)
    }
  },
}

function readSpan(span: Span): Reading | undefined {
  const operation = operationOf(span.attributes)
  if (operation === undefined) return undefined
  const owner = genAiOwner(span, operation)
  if (operation !== 'invoke_agent') {
    return spanReading(span, { source: TRACES, owner, activities: genAiActivities(span, operation) })
  }
  const activities = span.parentSpanId === undefined ? [activeTime(span, operation)] : genAiInvocation(span)
  return spanReading(span, { source: TRACES, owner, activities: [{ kind: 'presence' }, ...activities] })
}

function genAiOwner(span: Span, operation: string): Owner {
  const owner = ownerOf(span, SESSION)
  const name = operation === 'invoke_agent' ? agentNameOf(span.attributes) : undefined
  if (name === undefined || owner.agentTypeOrigin === 'attribute') return owner
  return { ...owner, agentType: name, agentTypeOrigin: 'agent_name' }
}

// Without the response's id it cannot be told apart from the span of the same call.
function readDetails(record: LogRecord): Reading {
  const { attributes } = record
  const operation = operationOf(attributes)
  const answered = responseIdOf(attributes) !== undefined && hasUsage(attributes)
  if (!answered || (operation !== undefined && !asksModel(operation))) return TOLD_ELSEWHERE
  const owner = ownerOf(record, SESSION)
  return logReading(record, { source: LOGS, owner, activities: [genAiCall(attributes)], durationMs: 0 })
}

function readMetric(point: MetricPoint): Reading {
  const { name, attributes, value } = point
  const type = pickText(attributes, ['gen_ai.token.type'])
  const measure = name === 'gen_ai.client.token.usage' ? TOKEN_TYPES.get(type ?? '') : undefined
  if (measure === undefined) return UNUSED_METRIC
  return usageReading(point, {
    source: METRICS,
    owner: ownerOf(point, SESSION),
    metered: [{ measure, value }],
    model: pickText(attributes, ['gen_ai.response.model', 'gen_ai.request.model']),
  })
}
