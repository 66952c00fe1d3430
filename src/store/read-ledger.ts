import type { LedgerLine } from '#src/model/assessment.ts'
import { KeySet } from './key-set.ts'
import { layoutOf } from './layout.ts'
import { parseLedgerLine } from './ledger-line.ts'
import { linesBackwards } from './lines-backwards.ts'

export interface LedgerQuery {
  readonly directory: string
  readonly agentType?: string
  /** At most so many sessions; all when absent. */
  readonly limit?: number
}

/**
 * The sessions of the ledger, newest first: the last revision of each. Reads backwards and only as far as needed, without a
 * lock, also while another process writes.
 *
 * @throws {EnvironmentError} when the ledger cannot be read, or a newer agentperf wrote a line of it
 */
export function readLedger(query: LedgerQuery): LedgerLine[] {
  const { agentType, limit = Number.POSITIVE_INFINITY } = query
  const lines: LedgerLine[] = []
  if (limit <= 0) return lines
  for (const line of latestLines(query.directory)) {
    if (agentType !== undefined && line.agent_type !== agentType) continue
    lines.push(line)
    if (lines.length >= limit) break
  }
  return lines
}

/** The last revision of each session, newest first, one by one: memory holds a line and the hashes of the ids seen. */
export function* latestLines(directory: string): Generator<LedgerLine> {
  const seen = new KeySet()
  for (const line of allLines(directory)) if (seen.add(line.session_id)) yield line
}

/** As {@link latestLines}, by place: a session stands where its first revision does, however late it was revised. */
export function* latestLinesByPlace(directory: string): Generator<LedgerLine> {
  const revised = new Map<string, LedgerLine>()
  for (const line of allLines(directory)) {
    const latest = revised.get(line.session_id) ?? line
    if (line.revision > 1) {
      revised.set(line.session_id, latest)
    } else {
      revised.delete(line.session_id)
      yield latest
    }
  }
  // Of a damaged ledger, whose first revisions cannot be read.
  yield* revised.values()
}

function* allLines(directory: string): Generator<LedgerLine> {
  const { ledger: path } = layoutOf(directory)
  for (const { text, offset } of linesBackwards(path)) {
    const line = parseLedgerLine(text, path, offset)
    if (line !== undefined) yield line
  }
}
