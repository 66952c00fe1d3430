import type { AlertLevel, LedgerLine } from '../model/assessment.ts'

/** How one KPI stands, the worst last. */
export type KpiStatus = 'PASS' | 'below target' | 'WARNING' | 'CRITICAL'

/** From so many standard deviations on the bad side on a deviation is worth listing. */
export const REGRESSION_SIGMA = 1
const WARNING_SIGMA = 2.5
const CRITICAL_SIGMA = 3.5

const SEVERITY = { PASS: 0, 'below target': 1, WARNING: 2, CRITICAL: 3 } as const satisfies Record<KpiStatus, number>

/**
 * The worse of two judgements: the static thresholds, and the distance to the baseline (on the bad side 2.5 standard
 * deviations are a warning, 3.5 are critical: nearer ones are common among healthy sessions, with ten KPIs and baselines
 * of a few sessions). While there is no baseline, at most a warning.
 */
export function kpiStatus(line: LedgerLine, kpi: string): KpiStatus {
  const deviation = line.deviations[kpi]
  const byThreshold = thresholdStatus(line, kpi)
  if (deviation === undefined) return byThreshold === 'CRITICAL' ? 'WARNING' : byThreshold
  return worse(byThreshold, deviationStatus(deviation))
}

/** The worst of the ledger's alert level and of all its KPIs. */
export function sessionStatus(line: LedgerLine): AlertLevel {
  const worst = Object.keys(line.kpis).reduce<KpiStatus>(
    (status, kpi) => worse(status, kpiStatus(line, kpi)),
    line.alert_level,
  )
  return worst === 'below target' ? 'PASS' : worst
}

/** KPIs that are worse than their baseline by {@link REGRESSION_SIGMA} or more, the furthest first. */
export function regressedKpis(line: LedgerLine): readonly { readonly kpi: string; readonly deviation: number }[] {
  return Object.entries(line.deviations)
    .map(([kpi, deviation]) => ({ kpi, deviation }))
    .filter(({ deviation }) => deviation >= REGRESSION_SIGMA)
    .sort((a, b) => b.deviation - a.deviation)
}

function thresholdStatus(line: LedgerLine, kpi: string): KpiStatus {
  return line.notes
    .filter((note) => note.kpi === kpi)
    .reduce<KpiStatus>((status, { code }) => {
      if (code === 'critical_threshold') return 'CRITICAL'
      if (code === 'warning_threshold') return worse(status, 'WARNING')
      return code === 'below_target' ? worse(status, 'below target') : status
    }, 'PASS')
}

function deviationStatus(deviation: number): KpiStatus {
  if (deviation >= CRITICAL_SIGMA) return 'CRITICAL'
  return deviation >= WARNING_SIGMA ? 'WARNING' : 'PASS'
}

function worse(a: KpiStatus, b: KpiStatus): KpiStatus {
  return SEVERITY[b] > SEVERITY[a] ? b : a
}
