import type { AnyValue } from '@opentelemetry/api'
import type { LedgerLine } from '#src/model/assessment.ts'

/** What panels filter by: SigNoz's log exporter knows no event names. */
export const SESSION_RECORD = 'agent.session'

/** What SigNoz gets as a log record about one session, to drill down: its id and all numbers. Absent stays absent. */
export function sessionRecord(line: LedgerLine): Record<string, AnyValue> {
  const { session_id, revision, agent_type, agent_version, model, duration_seconds, completeness, trigger } = line
  return {
    'session.id': session_id,
    revision,
    'agent.type': agent_type,
    ...(agent_version !== null && { 'agent.version': agent_version }),
    ...(model !== null && { 'gen_ai.request.model': model }),
    'alert.level': line.alert_level,
    'alerts.count': line.alerts.length,
    'suggestions.count': line.suggestions.length,
    'invocations.count': line.invocations.length,
    started_at: line.started_at,
    duration_s: duration_seconds,
    completeness,
    trigger,
    ...numbers('kpi', line.kpis),
    ...numbers('baseline.mean', line.baselines),
    ...numbers('baseline.std_dev', line.std_devs),
    ...numbers('deviation', line.deviations),
    ...numbers('totals', { ...line.totals }),
  }
}

function numbers(prefix: string, values: Readonly<Record<string, number | undefined>>): Record<string, number> {
  const found: Record<string, number> = {}
  for (const [name, value] of Object.entries(values)) {
    if (value !== undefined && Number.isFinite(value)) found[`${prefix}.${name}`] = value
  }
  return found
}
