import type { UsageMeasure } from '../model/activity.ts'
import type { MetricPoint, Telemetry } from '../model/telemetry.ts'
import { claudeCodeOwner, COMMON_NAMES as NAMES } from './claude-code.ts'
import { type Dialect, pickText, type Reading } from './dialect.ts'
import { UNUSED_METRIC, usageReading } from './readings.ts'

const PREFIX = 'claude_code.'

const TOKEN_TYPES: ReadonlyMap<string, UsageMeasure> = new Map([
  ['input', 'freshInput'],
  ['output', 'output'],
  ['cacheRead', 'cacheRead'],
  ['cacheCreation', 'cacheCreation'],
])

/** Metrics that no KPI needs. */
const UNUSED: ReadonlySet<string> = new Set([
  'session.count',
  'lines_of_code.count',
  'commit.count',
  'pull_request.count',
  'code_edit_tool.decision',
])

/** Claude Code's OTLP metrics: sums, delta or cumulative. */
export const claudeCodeMetrics: Dialect = {
  sources: [{ name: 'claude_code_metrics', kind: 'metrics', tells: ['metered_use', 'active_time'] }],
  read(item: Telemetry): Reading | undefined {
    if (item.kind !== 'metric' || !item.name.startsWith(PREFIX)) return undefined
    const metric = item.name.slice(PREFIX.length)
    if (UNUSED.has(metric)) return UNUSED_METRIC
    const measure = measureOf(metric, item)
    if (measure === undefined) return { kind: 'unknown', name: item.name }
    return usageReading(item, {
      source: 'claude_code_metrics',
      owner: claudeCodeOwner(item),
      metered: [{ measure, value: item.value }],
      model: pickText(item.attributes, NAMES.model),
    })
  },
}

function measureOf(metric: string, { attributes }: MetricPoint): UsageMeasure | undefined {
  switch (metric) {
    case 'token.usage':
      return TOKEN_TYPES.get(pickText(attributes, ['type']) ?? '')
    case 'cost.usage':
      return 'costUsd'
    case 'active_time.total':
      return 'activeSeconds'
    default:
      return undefined
  }
}
