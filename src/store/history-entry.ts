import { didNothing } from '#src/kpi/did-nothing.ts'
import type { LedgerLine } from '#src/model/assessment.ts'
import type { HistoryEntry } from './store.ts'

/** What the history keeps of a session. @param place of the session's first revision in the ledger */
export function historyEntry(line: LedgerLine, place: number): HistoryEntry {
  const { session_id: sessionId, ended_at: endedAt, model, agent_version: agentVersion, kpis, deviations } = line
  const inputs = inputsOf(line)
  return { place, sessionId, endedAt, model, agentVersion, kpis, inputs, deviations, didNothing: didNothing(line) }
}

// A loop, because this runs for each line of a long ledger.
function inputsOf({ evidence }: LedgerLine): Readonly<Record<string, number>> {
  const inputs: Record<string, number> = {}
  for (const kpi in evidence) {
    const n = evidence[kpi]?.n
    if (n !== undefined) inputs[kpi] = n
  }
  return inputs
}
