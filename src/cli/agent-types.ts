import { didNothing } from '#src/alert/agent-status.ts'
import type { LedgerLine } from '#src/model/assessment.ts'
import { latestLines } from '#src/store/read-ledger.ts'

/** The last session of each agent type, the newest first; one that did nothing only where there is no other. */
export function lastLines(directory: string): readonly LedgerLine[] {
  const last = new Map<string, LedgerLine>()
  for (const line of latestLines(directory)) {
    const known = last.get(line.agent_type)
    if (known === undefined || isLater(line, known)) last.set(line.agent_type, line)
  }
  return [...last.values()].toSorted((a, b) => (a.ended_at < b.ended_at ? 1 : -1))
}

/** As {@link lastLines} has it, of one agent type. */
export function lastLineOf(directory: string, agentType: string): LedgerLine | undefined {
  return lastLines(directory).find((line) => line.agent_type === agentType)
}

function isLater(line: LedgerLine, known: LedgerLine): boolean {
  return didNothing(line) === didNothing(known) ? line.ended_at > known.ended_at : didNothing(known)
}
