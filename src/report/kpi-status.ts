import { alertLevel } from '../alert/alert-level.ts'
import type { Alert, AlertLevel, LedgerLine, Note } from '../model/assessment.ts'

/** How one KPI stands. `below target`: it crosses a fixed limit, but nothing was alarming about that. */
export type KpiStatus = 'PASS' | 'below target' | 'WARNING' | 'CRITICAL'

/** From so many standard deviations on the bad side on a deviation is worth listing. */
export const REGRESSION_SIGMA = 1

const FIXED_LIMITS: ReadonlySet<Note['code']> = new Set(['below_target', 'warning_threshold', 'critical_threshold'])

/** What was decided about a KPI when the session was judged; its notes where nothing was alarming. */
export function kpiStatus({ alerts, notes }: LedgerLine, kpi: string): KpiStatus {
  const level = alertLevel(alerts.filter(({ metric }) => metric === kpi))
  if (level !== 'PASS') return level
  return notes.some((note) => note.kpi === kpi && FIXED_LIMITS.has(note.code)) ? 'below target' : 'PASS'
}

/** What was decided about the session when it was judged. */
export function sessionStatus({ alert_level }: LedgerLine): AlertLevel {
  return alert_level
}

/** The alerts that people should see, the worst first. */
export function shownAlerts({ alerts }: LedgerLine): readonly Alert[] {
  return alerts.filter(({ severity }) => severity !== 'INFO')
}

/** KPIs that are worse than their baseline by {@link REGRESSION_SIGMA} or more, the furthest first. */
export function regressedKpis(line: LedgerLine): readonly { readonly kpi: string; readonly deviation: number }[] {
  return Object.entries(line.deviations)
    .map(([kpi, deviation]) => ({ kpi, deviation }))
    .filter(({ deviation }) => deviation >= REGRESSION_SIGMA)
    .sort((a, b) => b.deviation - a.deviation)
}
