import { HistoryResets } from './history-resets.ts'
import type { Layout } from './layout.ts'
import type { Ledger } from './ledger.ts'
import { LedgerHistory } from './ledger-history.ts'
import { readSnapshot, type SnapshotProblem } from './snapshot.ts'

export interface LoadedHistory {
  readonly history: LedgerHistory
  readonly resets: HistoryResets
  /** Resets that name sessions which the ledger no longer has; they do not count. */
  readonly lostResets: number
  /** Lines that are no ledger lines and were skipped: of the whole ledger, or of what follows the snapshot. */
  readonly badLines: number
  /** Lines that were read because the snapshot did not cover them. */
  readonly linesRead: number
  readonly snapshotProblem: SnapshotProblem | 'not_wanted' | undefined
}

/** Makes the history of a ledger: from the snapshot and what follows it, or from the first line on. */
export async function loadHistory(
  ledger: Ledger,
  { snapshot: path, resets: resetsPath }: Layout,
  { ignoreSnapshot, knowsNone }: { readonly ignoreSnapshot: boolean; readonly knowsNone: boolean },
): Promise<LoadedHistory> {
  const snapshot = ignoreSnapshot ? 'not_wanted' : await readSnapshot(path, ledger)
  const resets = HistoryResets.read(resetsPath)
  const options = { source: ledger, resets, knowsNone }
  const isUsable = typeof snapshot !== 'string'
  const history = isUsable ? new LedgerHistory(options, snapshot.index, snapshot.ranks) : new LedgerHistory(options)
  let badLines = 0
  let linesRead = 0
  for await (const batch of ledger.batches(isUsable ? snapshot.ledgerOffset : 0)) {
    for (const { line, offset } of batch.records) history.apply(line, offset)
    badLines += batch.badLines
    linesRead += batch.records.length
  }
  const lostResets = resets.dropBeyond(history.index.sessionCount)
  return { history, resets, lostResets, badLines, linesRead, snapshotProblem: isUsable ? undefined : snapshot }
}
