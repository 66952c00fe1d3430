import { didNothing } from '#src/kpi/did-nothing.ts'
import type { LedgerLine } from '#src/model/assessment.ts'
import { latestLinesByPlace } from '#src/store/read-ledger.ts'

/**
 * The last session of each agent type by its place in the ledger, as alarms go by it, whenever it ended; one that did nothing
 * only where there is no other. Those that ended last come first.
 */
export function lastLines(directory: string): readonly LedgerLine[] {
  const last = new Map<string, LedgerLine>()
  for (const line of latestLinesByPlace(directory)) {
    const known = last.get(line.agent_type)
    if (known === undefined || (didNothing(known) && !didNothing(line))) last.set(line.agent_type, line)
  }
  return [...last.values()].toSorted((a, b) => (a.ended_at < b.ended_at ? 1 : -1))
}

/** As {@link lastLines} has it, of one agent type; reads only as far as needed, as a service that answers hooks calls it. */
export function lastLineOf(directory: string, agentType: string): LedgerLine | undefined {
  let idle: LedgerLine | undefined
  for (const line of latestLinesByPlace(directory)) {
    if (line.agent_type !== agentType) continue
    if (!didNothing(line)) return line
    idle ??= line
  }
  return idle
}
