import { setImmediate as nextTurn } from 'node:timers/promises'
import type { LedgerLine } from '#src/model/assessment.ts'
import { latestLines } from './read-ledger.ts'

/** So many sessions of an agent type before the week are compared with. */
const MAX_BEFORE = 100
/** After so many sessions before the week the ledger is not read back any further. */
const MAX_OLDER = 5000
const TURN_LINES = 100

export interface WeekOfLines {
  /** Sessions that ended in it, oldest first. */
  readonly week: readonly LedgerLine[]
  /** The sessions before it, oldest first. */
  readonly before: readonly LedgerLine[]
}

/** The sessions that ended in some time, and those before them; others have their turn while the ledger is read. */
export async function readWeek(directory: string, startMs: number, endMs: number): Promise<WeekOfLines> {
  const week: LedgerLine[] = []
  const before: LedgerLine[] = []
  const counts = new Map<string, number>()
  let read = 0
  let older = 0
  for (const line of latestLines(directory)) {
    read += 1
    if (read % TURN_LINES === 0) await nextTurn()
    const endedMs = Date.parse(line.ended_at)
    if (endedMs >= endMs) continue
    if (endedMs >= startMs) {
      week.push(line)
      continue
    }
    older += 1
    const count = counts.get(line.agent_type) ?? 0
    if (count < MAX_BEFORE) before.push(line)
    counts.set(line.agent_type, count + 1)
    if (older >= MAX_OLDER) break
  }
  return { week: week.toReversed(), before: before.toReversed() }
}
