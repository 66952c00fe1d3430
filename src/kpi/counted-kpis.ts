import type { KpiName } from './table.ts'

/** KPIs that are a share of their inputs: with few inputs they say little, and 0 and 1 are common. */
const COUNTED_KPIS: ReadonlySet<string> = new Set<KpiName>(['task_completion_rate', 'error_rate', 'tool_failure_rate'])

export function isCounted(kpi: string): boolean {
  return COUNTED_KPIS.has(kpi)
}
