import { type Checkpoint, readCheckpoint, setAside } from './checkpoint.ts'
import { KeyedValues } from './keyed-values.ts'
import type { Layout } from './layout.ts'
import { SessionLog } from './session-log.ts'
import type { Json } from './store.ts'

/** What a checkpoint brings back. */
export interface State {
  readonly positions: KeyedValues
  readonly notes: KeyedValues
  readonly cursors: Map<string, number>
  readonly log: SessionLog
  /** All that follows from the ledger's lines before this is done. */
  finishedOffset: number
  counters: Json | undefined
}

const EVERYTHING_ANEW =
  'Positions and open sessions are lost: all input is read again, and sessions that are in the ledger are not assessed twice.'

/** State that is gone when the process is. */
export function temporaryState(ledgerLength: number): State {
  return { ...emptyState(SessionLog.temporary()), finishedOffset: ledgerLength }
}

/**
 * The state at the last checkpoint; an empty one when there is none that can be used.
 *
 * @param report is told what was lost
 */
export async function restoreState(
  layout: Layout,
  ledgerLength: number,
  report: (problem: string) => void,
): Promise<State> {
  const checkpoint = await readCheckpoint(layout.checkpoint)
  if (checkpoint === 'missing') {
    if (ledgerLength > 0) report(`There is no ${layout.checkpoint}. ${EVERYTHING_ANEW}`)
    return emptyState(SessionLog.empty(layout.stateDirectory))
  }
  if (checkpoint === 'damaged') {
    const aside = await setAside(layout.checkpoint)
    report(`${layout.checkpoint} is damaged and was moved to ${aside}. ${EVERYTHING_ANEW}`)
    return emptyState(SessionLog.empty(layout.stateDirectory))
  }
  const log = SessionLog.restore(layout.stateDirectory, checkpoint.session_log)
  if (log === undefined) {
    const aside = await setAside(layout.checkpoint)
    report(
      `The session log beside ${layout.checkpoint} is damaged; the checkpoint was moved to ${aside}. ${EVERYTHING_ANEW}`,
    )
    return emptyState(SessionLog.empty(layout.stateDirectory))
  }
  if (checkpoint.ledger_offset > ledgerLength) {
    report(
      `${layout.ledger} has ${ledgerLength} bytes, ${checkpoint.ledger_offset} at the last checkpoint: lines were removed.`,
    )
  }
  return stateOf(checkpoint, log, ledgerLength)
}

/** The checkpoint of a state, from a cut of its log. */
export function checkpointOf(state: State, sessionLog: Checkpoint['session_log'], ledgerLength: number): Checkpoint {
  const { positions, notes, counters, cursors, finishedOffset } = state
  return {
    positions: positions.entries().map(([component, key, value]) => [component, key, value]),
    notes: notes.entries().map(([component, key, value]) => [component, key, value]),
    ...(counters === undefined ? {} : { counters }),
    cursors: [...cursors],
    session_log: sessionLog,
    ledger_offset: ledgerLength,
    finished_offset: finishedOffset,
  }
}

function emptyState(log: SessionLog): State {
  return {
    positions: new KeyedValues(),
    notes: new KeyedValues(),
    cursors: new Map(),
    log,
    finishedOffset: 0,
    counters: undefined,
  }
}

function stateOf(
  { positions, notes, cursors, counters, ledger_offset, finished_offset = ledger_offset }: Checkpoint,
  log: SessionLog,
  ledgerLength: number,
): State {
  return {
    positions: new KeyedValues(positions),
    notes: new KeyedValues(notes),
    cursors: new Map(cursors.map(([exporter, offset]) => [exporter, Math.min(offset, ledgerLength)])),
    log,
    finishedOffset: Math.min(finished_offset, ledgerLength),
    counters,
  }
}
