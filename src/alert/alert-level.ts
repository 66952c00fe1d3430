import type { Alert, AlertLevel, AlertRule, AlertSeverity } from '../model/assessment.ts'

const ORDER = { INFO: 0, MEDIUM: 1, WARNING: 2, HIGH: 3, CRITICAL: 4 } as const satisfies Record<AlertSeverity, number>

/** A rule that fired on one KPI, with what the alert tells of the session. */
export interface FiredRule {
  readonly rule: AlertRule
  readonly subject: Omit<Alert, keyof AlertRule | 'also'>
}

/** @returns the level that alerts of these severities give a session */
export function alertLevel(alerts: readonly { readonly severity: AlertSeverity }[]): AlertLevel {
  const worst = Math.max(0, ...alerts.map(({ severity }) => ORDER[severity]))
  if (worst === ORDER.CRITICAL) return 'CRITICAL'
  return worst >= ORDER.MEDIUM ? 'WARNING' : 'PASS'
}

/**
 * One alert for each KPI: the worst of the rules that fired on it, the others beside it. Of equally bad ones the first
 * counts.
 *
 * @returns the worst first; of equal severity, the furthest from what is usual
 */
export function mergeAlerts(fired: readonly FiredRule[]): readonly Alert[] {
  const byMetric = Map.groupBy(fired, ({ subject }) => subject.metric)
  return [...byMetric.values()].flatMap(mergeOne).sort(worstFirst)
}

function mergeOne(fired: readonly FiredRule[]): readonly Alert[] {
  const [worst, ...rest] = fired.toSorted((a, b) => ORDER[b.rule.severity] - ORDER[a.rule.severity])
  if (worst === undefined) return []
  const also = rest.map(({ rule }) => rule)
  const trend = fired.find(({ subject }) => subject.trend !== undefined)?.subject.trend
  return [{ ...worst.rule, ...worst.subject, ...(trend !== undefined && { trend }), ...(also.length > 0 && { also }) }]
}

function worstFirst(a: Alert, b: Alert): number {
  return ORDER[b.severity] - ORDER[a.severity] || (b.deviation ?? 0) - (a.deviation ?? 0)
}
