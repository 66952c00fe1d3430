import type { LedgerLine } from '#src/model/assessment.ts'
import { ledgerLine } from '#src/report/ledger-line.fixture.ts'
import { NOW_MS } from './harness.ts'

const DAY_MS = 86_400_000

/** Twenty past sessions of an agent type, a day apart, in which tasks take about 40 % as many calls as the work. */
export function usualSessions(agentType: string): readonly LedgerLine[] {
  return Array.from({ length: 20 }, (_, n) => {
    const time = new Date(NOW_MS - (30 - n) * DAY_MS).toISOString()
    return ledgerLine({
      session_id: `earlier-${n}`,
      agent_type: agentType,
      model: null,
      date: time,
      started_at: time,
      ended_at: time,
      kpis: { tool_overhead_ratio: 0.4 + ((n * 7) % 20) / 200 },
      evidence: { tool_overhead_ratio: { n: 40, sources: ['hook_spans'], estimated: false } },
    })
  })
}
