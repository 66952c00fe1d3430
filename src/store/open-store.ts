import { mkdirSync } from 'node:fs'
import { AckLog } from './ack-log.ts'
import { removeLeftovers } from './atomic-file.ts'
import { DirectoryStore } from './directory-store.ts'
import { folderError } from './file-error.ts'
import { type LoadedHistory, loadHistory } from './history-loader.ts'
import { InjectionLog } from './injection-log.ts'
import { type Layout, layoutOf } from './layout.ts'
import { Ledger } from './ledger.ts'
import { acquireLock, type Lock } from './lock.ts'
import { restoreState, temporaryState } from './restored-state.ts'
import { newSalt, readOrMakeSalt } from './salt.ts'
import type { Json, LedgerEntry, LedgerWriter, Store } from './store.ts'
import { SuggestionLedger } from './suggestion-ledger.ts'

/**
 * `write`: everything is on disk, and this process is the only writer. `analysis`: only the ledger is; positions and sessions
 * start empty and are gone afterwards. `ephemeral`: nothing is, the ledger is only read.
 */
export type StoreMode = 'write' | 'analysis' | 'ephemeral'

export interface StoreOptions {
  readonly directory: string
  readonly mode: StoreMode
  readonly nowMs: () => number
  /** Make the history from the ledger alone. */
  readonly ignoreSnapshot?: boolean
  /** Sessions kept in memory per set. */
  readonly hotLimit?: number
}

/** The whole state, as the service uses it. */
export interface OpenStore extends Store, LedgerWriter {
  /** What was found damaged at opening and what was done about it; empty when all was well. */
  readonly report: readonly string[]
  /** The service's own counters; set them in `beforeCheckpoint`. */
  readonly counters: { get(): Json | undefined; set(counters: Json): void }
  /** Where the ledger ends, in bytes. */
  endOffset(): number
  /** What was committed after an offset, each with its history as of then, also what is committed meanwhile. */
  replay(fromOffset: number): AsyncIterable<LedgerEntry>
  /** What was committed, and what follows from it was perhaps not done when the last process was killed: none after a stop. */
  unfinished(): AsyncIterable<UnfinishedEntry>
  /** All that follows from the lines before an offset is done: the next checkpoint says so. */
  finishedUpTo(offset: number): void
  /** How far an exporter has come in the ledger. A new one starts at 0, in `ephemeral` mode at what was there before. */
  cursorOf(exporter: string): number
  moveCursor(exporter: string, offset: number): void
  /** Writes checkpoint and snapshot, lets go of the lock. Safe to call twice. */
  close(): Promise<void>
}

/** A committed assessment after which the process was killed. */
export interface UnfinishedEntry extends LedgerEntry {
  /** The ledger of suggestions has what it says about them. */
  readonly isSettled: boolean
}

/**
 * Opens the state below a directory and repairs what a crash left.
 *
 * @throws {EnvironmentError} when another process writes there, it cannot be written, or a newer agentperf wrote it
 */
export async function openStore(options: StoreOptions): Promise<OpenStore> {
  const layout = layoutOf(options.directory)
  const lock = options.mode === 'ephemeral' ? undefined : await takeDirectory(layout, options.nowMs())
  let ledger: Ledger | undefined
  let suggestions: SuggestionLedger | undefined
  let acks: AckLog | undefined
  let injections: InjectionLog | undefined
  try {
    ledger = lock === undefined ? Ledger.openReadOnly(layout.ledger) : Ledger.openForWriting(layout.ledger)
    const knowsNone = options.mode !== 'write'
    const loaded = await loadHistory(ledger, layout, { ignoreSnapshot: options.ignoreSnapshot ?? false, knowsNone })
    const salt = lock === undefined ? newSalt() : await readOrMakeSalt(layout.salt)
    suggestions = new SuggestionLedger({ path: layout.suggestions, salt, readOnly: lock === undefined })
    acks = new AckLog({ path: layout.acks, readOnly: lock === undefined })
    injections = new InjectionLog({ path: layout.injections, readOnly: lock === undefined })
    const report = [...reportOn(ledger, loaded), ...suggestions.report, ...acks.report]
    if (lock !== undefined && loaded.lostResets > 0) await loaded.resets.write(layout.resets)
    const state =
      options.mode === 'write'
        ? await restoreState(layout, ledger.length, (problem) => report.push(problem))
        : temporaryState(ledger.length)
    return new DirectoryStore({
      mode: options.mode,
      layout,
      lock,
      ledger,
      loaded,
      suggestions,
      acks,
      injections,
      state,
      report,
      hotLimit: options.hotLimit,
    })
  } catch (error) {
    ledger?.close()
    suggestions?.close()
    acks?.close()
    injections?.close()
    lock?.release()
    throw error
  }
}

async function takeDirectory({ stateDirectory, historyDirectory, lock: path }: Layout, nowMs: number): Promise<Lock> {
  try {
    mkdirSync(stateDirectory, { recursive: true })
  } catch (error) {
    throw folderError(stateDirectory, error)
  }
  const lock = acquireLock(path, nowMs)
  await Promise.all([stateDirectory, historyDirectory].map(removeLeftovers))
  return lock
}

function reportOn({ path, repair }: Ledger, { badLines, lostResets, snapshotProblem }: LoadedHistory): string[] {
  const report: string[] = []
  if (repair.tornBytes > 0)
    report.push(`${path} ended in an unfinished line: its ${repair.tornBytes} bytes were cut off.`)
  if (repair.lineFeedAdded) report.push(`${path} lacked the line feed of its last line: it was added.`)
  if (badLines > 0) report.push(`${path} has ${badLines} lines that are no ledger lines: they were skipped.`)
  if (snapshotProblem === 'damaged')
    report.push('The snapshot of the history is damaged: it was made anew from the ledger.')
  if (snapshotProblem === 'other_ledger')
    report.push(`${path} was changed since the snapshot: the history was made anew.`)
  if (lostResets > 0) report.push(`${path} lacks sessions that ${lostResets} baseline resets name: they do not count.`)
  return report
}
