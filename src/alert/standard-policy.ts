import { CUSTOM_DISPLAY, formatKpi } from '../kpi/format.ts'
import { kpiDefinition } from '../kpi/table.ts'
import type { AlertRule, LedgerLine, Note } from '../model/assessment.ts'
import type { FiredRule } from './alert-level.ts'
import {
  type DirectionOf,
  type Judgement,
  MIN_COMPARED_SESSIONS,
  MIN_SESSIONS,
  type MonitoredSession,
  type Monitors,
  observe,
  type Standing,
  standingOf,
} from './monitor.ts'
import { recommendationFor } from './recommendations.ts'

/** What policy `standard` looks at: a session, with what it was noted for. */
export type JudgedLine = Pick<LedgerLine, 'kpis' | 'evidence' | 'notes' | 'deviations' | 'custom_kpis'>

/** A threshold is made for no agent type in particular: alone it only speaks when the value is so many times as bad. */
const FAR_BEYOND = 2

/**
 * Judges a session by what is usual for its agent type. A KPI of an agent type with fewer than 12 sessions is judged by
 * its critical threshold, and cautiously.
 *
 * @param before what is known of the agent type's sessions before this one
 */
export function standardPolicy(line: JudgedLine, before: Monitors): readonly FiredRule[] {
  const session = monitoredSession(line)
  const directionOf: DirectionOf = (kpi) => line.custom_kpis?.[kpi]?.direction
  const { judgements } = observe(before, session, directionOf)
  return [
    ...judgements.flatMap((judgement) => firedBy(line, judgement)),
    ...line.notes.flatMap((note) => crossedThreshold(line, note, before, session, directionOf) ?? []),
  ]
}

/** @returns what the policy learns of a session */
export function monitoredSession({ kpis, evidence }: Pick<LedgerLine, 'kpis' | 'evidence'>): MonitoredSession {
  return { kpis, inputs: Object.fromEntries(Object.entries(evidence).map(([kpi, { n }]) => [kpi, n])) }
}

function firedBy(line: JudgedLine, judgement: Judgement): readonly FiredRule[] {
  // Every rule is about what is worse than usual, which most KPIs of most sessions are not.
  if (!judgement.isWorse) return []
  const { kpi, value, usual, p, cusum, sessions } = judgement
  const deviation = line.deviations[kpi]
  const subject = {
    metric: kpi,
    value,
    baseline: usual,
    ...(deviation !== undefined && { deviation }),
    statistics: { p, cusum, sessions },
  }
  return rulesOf(line, judgement).map((rule) => ({
    rule,
    subject: DRIFT_REASONS.has(rule.reason) ? { ...subject, trend: 'degrading' } : subject,
  }))
}

const DRIFT_REASONS: ReadonlySet<AlertRule['reason']> = new Set(['drifting', 'still_drifting', 'drifted_far'])

function rulesOf(line: JudgedLine, judgement: Judgement): readonly AlertRule[] {
  const { kpi, value, usual, p, sessions } = judgement
  const { label, text } = wordsOf(line, kpi)
  const recommendation = recommendationFor(kpi)
  const found = `${label} ${text(value)}, usually ${text(usual)}`
  const chance = `by chance in ${shareOf(p)} of sessions (${sessions} known)`
  const rules: (AlertRule | false)[] = [
    judgement.isFarOutside && critical('far_outside', `${found}: far worse than any usual session`),
    judgement.isUnusualAgain && critical('unusual_again', `${found}: unusually bad again within three sessions`),
    judgement.isDriftedFar && critical('drifted_far', `${found}: worse than usual for many sessions now`),
    judgement.isUnusual && warning('unusual', `${found}: as bad ${chance}`),
    judgement.isDrifting && warning('drifting', `${found}: worse than usual for several sessions now`),
    judgement.isStillDrifting && info('still_drifting', `${found}: the worsening that was told of goes on`),
  ]
  return rules.filter((rule) => rule !== false)

  function critical(reason: AlertRule['reason'], message: string): AlertRule {
    return { severity: 'CRITICAL', reason, action: 'REVIEW', message, recommendation }
  }
  function warning(reason: AlertRule['reason'], message: string): AlertRule {
    return { severity: 'WARNING', reason, action: 'WARN', message, recommendation }
  }
  function info(reason: AlertRule['reason'], message: string): AlertRule {
    return { severity: 'INFO', reason, action: 'LOG', message, recommendation }
  }
}

function crossedThreshold(
  line: JudgedLine,
  { code, kpi, threshold }: Note,
  before: Monitors,
  session: MonitoredSession,
  directionOf: DirectionOf,
): FiredRule | undefined {
  if (code !== 'critical_threshold' || kpi === undefined || threshold === undefined) return undefined
  const standing = standingOf(before, session, kpi, directionOf)
  const value = line.kpis[kpi]
  if (standing === undefined || value === undefined || standing.sessions >= MIN_SESSIONS) return undefined
  const { label, text } = wordsOf(line, kpi)
  const crossed = `${label} ${text(value)} is beyond the critical threshold ${text(threshold)}`
  const rest = { severity: 'WARNING', action: 'WARN', recommendation: recommendationFor(kpi) } as const
  // From so many sessions on, what they were like says more than a threshold.
  if (standing.sessions >= MIN_COMPARED_SESSIONS) {
    if (!standing.isOutlier) return undefined
    const message = `${crossed}, and worse than the ${standing.sessions} sessions before, usually ${text(standing.usual)}`
    return { rule: { ...rest, reason: 'threshold_and_worse', message }, subject: subjectOf(kpi, value, standing, line) }
  }
  if (!standing.tellsAlone || !isFarBeyond(value, threshold, directionOf(kpi) ?? kpiDefinition(kpi)?.direction))
    return undefined
  const message = `${crossed}; too few sessions are known to compare with`
  return { rule: { ...rest, reason: 'threshold_without_history', message }, subject: { metric: kpi, value } }
}

function subjectOf(kpi: string, value: number, { usual }: Standing, line: JudgedLine): FiredRule['subject'] {
  const deviation = line.deviations[kpi]
  return { metric: kpi, value, baseline: usual, ...(deviation !== undefined && { deviation }) }
}

function isFarBeyond(value: number, threshold: number, direction: 'higher' | 'lower' | undefined): boolean {
  if (threshold <= 0) return false
  return direction === 'higher' ? value <= threshold / FAR_BEYOND : value >= threshold * FAR_BEYOND
}

function wordsOf(
  { custom_kpis }: JudgedLine,
  kpi: string,
): { readonly label: string; readonly text: (value: number) => string } {
  const definition = kpiDefinition(kpi)
  return {
    label: custom_kpis?.[kpi]?.label ?? definition?.label ?? kpi,
    text: (value) => formatKpi(value, definition ?? CUSTOM_DISPLAY),
  }
}

/** `0.2 %`, `0.00001 %`. */
function shareOf(p: number): string {
  const percent = p * 100
  return percent < 1e-6
    ? 'less than 0.000001 %'
    : `${Number(percent.toPrecision(2)).toFixed(Math.max(0, 1 - Math.floor(Math.log10(percent))))} %`
}
