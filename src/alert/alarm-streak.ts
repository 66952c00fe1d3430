import type { Alert, AlertRule, LedgerLine } from '../model/assessment.ts'

/** So many sessions in a row that were alarming are an incident when one of them was critical. */
const MIN_SESSIONS = 3

/**
 * The last sessions in a row that were alarming because of one KPI. Sessions without the KPI say nothing about it and are
 * left out.
 *
 * @param lines of one agent type, oldest first
 * @returns oldest first; empty when the last session with the KPI was not alarming
 */
export function alarmStreak(lines: readonly LedgerLine[], metric: string): readonly LedgerLine[] {
  const measured = lines.filter(({ kpis }) => kpis[metric] !== undefined)
  return measured.slice(measured.findLastIndex((line) => !isAlarming(line, metric)) + 1)
}

/** Whether a streak is worth an incident report: some rules say so by themselves, since they rest on many sessions. */
export function isIncident(streak: readonly LedgerLine[], metric: string): boolean {
  const rules = streak.flatMap((line) => rulesOf(line, metric))
  const isCritical = rules.some(({ severity }) => severity === 'CRITICAL')
  return isCritical && (streak.length >= MIN_SESSIONS || rules.some(restsOnMany))
}

/** What a session is alarming about because of one KPI. */
export function alertOn({ alerts }: LedgerLine, metric: string): Alert | undefined {
  return alerts.find((alert) => alert.metric === metric)
}

function isAlarming(line: LedgerLine, metric: string): boolean {
  return rulesOf(line, metric).some(({ severity, reason }) => severity !== 'INFO' || reason === 'still_drifting')
}

function rulesOf(line: LedgerLine, metric: string): readonly AlertRule[] {
  const alert = alertOn(line, metric)
  return alert === undefined ? [] : [alert, ...(alert.also ?? [])]
}

function restsOnMany({ reason, action }: AlertRule): boolean {
  return reason === 'drifted_far' || action === 'GENERATE_INCIDENT_REPORT'
}
