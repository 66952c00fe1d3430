import { type BaselineSettings, type PastSessions, spreadOf, valuesByKpi } from '../baseline/baseline.ts'
import { bestPercentile } from '../baseline/percentiles.ts'
import { formatKpi } from '../kpi/format.ts'
import { KPI_NAMES, KPI_TABLE, type KpiName } from '../kpi/table.ts'
import type { BaselineRow } from './injected-text.ts'

/** With fewer sessions nothing is usual yet. */
const MIN_SESSIONS = 5
const SETTINGS: BaselineSettings = { alpha: 0.2, bootstrapSessions: MIN_SESSIONS }

/** What is usual for an agent type, for the agent itself: the KPIs of the table that enough sessions have, in its order. */
export function baselineRows(history: PastSessions): readonly BaselineRow[] {
  const values = valuesByKpi(history)
  return KPI_NAMES.flatMap((kpi) => rowOf(kpi, values.get(kpi) ?? []))
}

function rowOf(kpi: KpiName, values: readonly number[]): readonly BaselineRow[] {
  const { label, direction, thresholds, display, decimals } = KPI_TABLE[kpi]
  const spread = spreadOf(kpi, values, SETTINGS)
  const best = bestPercentile(kpi, values, direction)
  if (spread === undefined || best === undefined || spread.n < MIN_SESSIONS) return []
  const text = (value: number): string => formatKpi(value, { display, decimals }).replace(' %', '%')
  const { target }: { readonly target?: number } = thresholds.standard
  const sign = direction === 'higher' ? '>' : '<'
  const targetText = target === undefined ? '' : target === 0 ? text(0) : `${sign} ${text(target)}`
  return [{ label, target: targetText, average: text(spread.mean), best: text(best) }]
}
