import type { Assessment } from '../model/assessment.ts'

/** A committed assessment and where its ledger line ends. */
export interface LedgerEntry {
  readonly assessment: Assessment
  readonly endOffset: number
}

/** What hands committed assessments to one exporter. */
export interface Feed {
  /** Whether its exporter reads where KPI values stand in the history. */
  readonly readsHistory: boolean
  start(): void
  offer(entries: readonly LedgerEntry[]): void
  /** Settles when more may be offered without much waiting in memory; at once for an exporter that fails. */
  room(): Promise<void>
  /** Why the exporter was given up, if it was. */
  readonly givenUp: Error | undefined
  /** Settles when the exporter has everything, was given up, or was stopped. */
  drained(): Promise<void>
  stop(): void
}
