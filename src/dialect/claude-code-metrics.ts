import type { UsageMeasure } from '../model/activity.ts'
import type { MetricPoint, Telemetry } from '../model/telemetry.ts'
import { attributesKey, COMMON_NAMES as NAMES, ownerOf } from './claude-code.ts'
import { type Dialect, pickText, type Reading } from './dialect.ts'

const PREFIX = 'claude_code.'
const MAX_INTERVAL_MS = 86_400_000

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
    if (UNUSED.has(metric)) return { kind: 'ignored', reason: 'metric_not_used' }
    const measure = measureOf(metric, item)
    if (measure === undefined) return { kind: 'unknown', name: item.name }
    const cumulative = item.temporality === 'cumulative'
    const attributes = attributesKey(item.attributes)
    return {
      kind: 'observed',
      observation: {
        source: 'claude_code_metrics',
        key: `${metric}:${item.startMs ?? ''}:${item.timeMs}:${attributes}`,
        ...ownerOf(item),
        // A start of 0 is «unknown», and must not make a session of fifty years.
        startMs: Math.max(item.startMs ?? item.timeMs, item.timeMs - MAX_INTERVAL_MS),
        endMs: item.timeMs,
        span: undefined,
        activities: [
          {
            kind: 'usage',
            measure,
            model: pickText(item.attributes, NAMES.model),
            // A cumulative series begins anew with each process, and counts from its own start.
            series: cumulative ? `${metric}:${item.startMs ?? ''}:${attributes}` : `${metric}:${attributes}`,
            cumulative,
            value: item.value,
          },
        ],
      },
    }
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
