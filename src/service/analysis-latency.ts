import type { LedgerLine } from '../model/assessment.ts'
import type { Json, Positions } from '../store/store.ts'

/** Sessions that percentiles are over. */
const LAST_SESSIONS = 200

/** Where it is kept among the notes of a checkpoint. */
export const LATENCY_NOTE = { component: 'service', key: 'analysis_latency_ms' } as const

/**
 * How long after its end a session was in the ledger. Only of sessions that said that they ended, and did while the service ran:
 * others end by being idle, or ended long ago.
 */
export class AnalysisLatency {
  readonly #sinceMs: number
  #latenciesMs: readonly number[]

  constructor(notes: Positions, sinceMs: number) {
    this.#sinceMs = sinceMs
    this.#latenciesMs = latenciesOf(notes.get(LATENCY_NOTE.component, LATENCY_NOTE.key))
  }

  committed(lines: readonly LedgerLine[], nowMs: number): void {
    const latencies = lines
      .filter(({ trigger, ended_at }) => trigger === 'end_signal' && Date.parse(ended_at) >= this.#sinceMs)
      .map(({ ended_at }) => Math.max(0, Math.round(nowMs - Date.parse(ended_at))))
    this.#latenciesMs = [...this.#latenciesMs, ...latencies].slice(-LAST_SESSIONS)
  }

  save(notes: Positions): void {
    if (this.#latenciesMs.length > 0) notes.set(LATENCY_NOTE.component, LATENCY_NOTE.key, this.#latenciesMs)
  }
}

export function latenciesOf(saved: Json | undefined): readonly number[] {
  return Array.isArray(saved) ? saved.filter((value) => typeof value === 'number') : []
}
