import type { LedgerLine } from '#src/model/assessment.ts'
import { latestLines } from '#src/store/read-ledger.ts'

/** The last session of each agent type, the newest first. */
export function lastLines(directory: string): readonly LedgerLine[] {
  const last = new Map<string, LedgerLine>()
  for (const line of latestLines(directory)) {
    const known = last.get(line.agent_type)
    if (known === undefined || line.ended_at > known.ended_at) last.set(line.agent_type, line)
  }
  return [...last.values()].toSorted((a, b) => (a.ended_at < b.ended_at ? 1 : -1))
}
