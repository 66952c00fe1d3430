import type { LedgerLine } from '#src/model/assessment.ts'
import { kpiLabel } from '#src/report/kpi-label.ts'
import type { Check } from './check-list.ts'

const INCOMPLETE_BELOW = 0.5
const MAX_INCOMPLETE_SHARE = 0.2
const MOSTLY = 0.5

const ABSENT_HINTS: Readonly<Record<string, string>> = {
  task_completion_rate:
    'Claude Code offers its task tools only with CLAUDE_CODE_ENABLE_TODO_TOOLS=1 on current models; without them this is normal',
  quality_relevance:
    'scores come from a judge that writes gen_ai.evaluation.result records; without one this is normal',
}

/** What the last sessions tell about the telemetry that they were made of. @param sessions the newest first */
export function checkSessions(sessions: readonly LedgerLine[]): readonly Check[] {
  if (sessions.length === 0) return [{ check: 'sessions', ok: true, found: 'none assessed yet' }]
  const incomplete = sessions.filter(({ completeness }) => completeness < INCOMPLETE_BELOW).length
  const some = sessions.filter(({ completeness }) => completeness < 1).length
  const found = `${some} of the last ${sessions.length} lack some of the KPIs that they should have, ${incomplete} more than half`
  return [
    { check: 'completeness', ok: incomplete <= sessions.length * MAX_INCOMPLETE_SHARE, found },
    ...alertsAndSuggestions(sessions),
    ...absentKpis(sessions),
    ...inputNotes(sessions),
  ]
}

/** What the sessions themselves are like: worth knowing, no fault of agentperf's. */
function alertsAndSuggestions(sessions: readonly LedgerLine[]): readonly Check[] {
  const alarming = sessions.filter(({ alert_level: level }) => level !== 'PASS')
  const critical = alarming.filter(({ alert_level: level }) => level === 'CRITICAL').length
  const [latest] = alarming
  const levels = `${critical} CRITICAL and ${alarming.length - critical} WARNING of the last ${sessions.length} sessions`
  const last =
    latest === undefined ? '' : `; last ${latest.session_id} (${latest.agent_type}): ${latest.alerts[0]?.message}`
  const byRule = Map.groupBy(
    sessions.flatMap(({ suggestions }) => suggestions),
    ({ title }) => title,
  )
  const rules = [...byRule].toSorted(([, a], [, b]) => b.length - a.length)
  const proposed = rules.map(([title, all]) => `${title} (${all.length})`).join('; ')
  return [
    { check: 'alerts', ok: true, found: levels + last },
    ...(proposed === '' ? [] : [{ check: 'suggestions', ok: true, found: proposed }]),
  ]
}

/** KPIs that most sessions lack, with the commonest reason: worth knowing, not wrong. */
function absentKpis(sessions: readonly LedgerLine[]): readonly Check[] {
  const reasons = new Map<string, string[]>()
  for (const { absent } of sessions) {
    for (const [kpi, reason] of Object.entries(absent)) reasons.set(kpi, [...(reasons.get(kpi) ?? []), reason])
  }
  return [...reasons]
    .filter(([, all]) => all.length > sessions.length * MOSTLY)
    .map(([kpi, all]) => {
      const hint = ABSENT_HINTS[kpi]
      const found = `absent in ${all.length} of ${sessions.length} sessions: ${commonest(all)}`
      return { check: kpiLabel({}, kpi), ok: true, found, ...(hint === undefined ? {} : { hint }) }
    })
}

function inputNotes(sessions: readonly LedgerLine[]): readonly Check[] {
  return (['input_drift', 'uncovered_tools', 'placeholder_output', 'kpi_failed', 'kpi_timeout'] as const).flatMap(
    (code) => {
      const concerned = sessions.flatMap(({ session_id, notes }) =>
        notes.filter((note) => note.code === code).map(({ message }) => ({ session_id, message })),
      )
      const [latest] = concerned
      if (latest === undefined) return []
      const found = `${concerned.length} times in the last ${sessions.length} sessions; last in ${latest.session_id}: ${latest.message}`
      return [{ check: code, ok: false, found }]
    },
  )
}

function commonest(texts: readonly string[]): string {
  const counts = Map.groupBy(texts, (text) => text)
  return [...counts].toSorted(([, a], [, b]) => b.length - a.length)[0]?.[0] ?? ''
}
