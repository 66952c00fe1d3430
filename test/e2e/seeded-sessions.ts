import type { LedgerLine } from '#src/model/assessment.ts'
import { ledgerLine } from '#src/model/ledger-line.fixture.ts'

const DAY_MS = 86_400_000

/** Twenty past sessions of an agent type, a day apart, that all have one KPI. */
export function seededSessions(
  agentType: string,
  kpi: string,
  { n, valueIn }: { readonly n: number; readonly valueIn: (session: number) => number },
): readonly LedgerLine[] {
  return Array.from({ length: 20 }, (_, session) => {
    const time = new Date(Date.now() - (30 - session) * DAY_MS).toISOString()
    return ledgerLine({
      session_id: `earlier-${session}`,
      agent_type: agentType,
      model: null,
      agent_version: null,
      date: time,
      started_at: time,
      ended_at: time,
      kpis: { [kpi]: valueIn(session) },
      evidence: { [kpi]: { n, sources: ['hook_spans'], estimated: false } },
    })
  })
}
