import type { LedgerLine } from '#src/model/assessment.ts'
import { historyEntry } from './history-entry.ts'
import { type AgentHistory, HISTORY_WINDOW, type History, type HistoryEntry } from './store.ts'

/** Sessions of a batch that will be committed before those behind them. */
interface Uncommitted {
  /** New sessions, in order, and where each of them stands. */
  readonly added: HistoryEntry[]
  readonly places: Map<string, number>
  /** New revisions of sessions that were committed before. */
  readonly corrected: Map<string, HistoryEntry>
}

/**
 * The history with the sessions of one batch, as they will stand in it once they are committed. So a session is compared
 * with the same sessions, however they came in batches.
 */
export class BatchHistory {
  readonly #history: History
  readonly #uncommitted = new Map<string, Uncommitted>()

  constructor(history: History) {
    this.#history = history
  }

  /** Takes in a session that will be committed before those that are asked about next. */
  add(line: LedgerLine): void {
    const { session_id: sessionId } = line
    const { added, places, corrected } = this.#of(line.agent_type)
    const entry = historyEntry(line, Number.MAX_SAFE_INTEGER)
    if (this.#isCommitted(sessionId)) {
      corrected.set(sessionId, entry)
      return
    }
    const place = places.get(sessionId) ?? added.length
    places.set(sessionId, place)
    added[place] = entry
  }

  /** @returns what a session is compared with; `undefined` when nothing stands before it */
  before(agentType: string, sessionId: string): AgentHistory | undefined {
    const committed = this.#history.before(agentType, sessionId)
    const { added, places, corrected } = this.#of(agentType)
    // A session that is corrected keeps its place: what is new in the batch stands behind it.
    const newer = this.#isCommitted(sessionId) ? 0 : (places.get(sessionId) ?? added.length)
    if (corrected.size + newer === 0) return committed

    const window = (committed?.window ?? []).map((entry) => {
      const correction = corrected.get(entry.sessionId)
      return correction === undefined ? entry : { ...correction, place: entry.place }
    })
    return {
      agentType,
      sessionCount: (committed?.sessionCount ?? 0) + newer,
      window: [...window, ...added.slice(Math.max(0, newer - HISTORY_WINDOW), newer)].slice(-HISTORY_WINDOW),
    }
  }

  // Not `knows`: where sessions are analysed anew it knows none, but the history has them.
  #isCommitted(sessionId: string): boolean {
    return this.#history.revisionOf(sessionId) > 0
  }

  #of(agentType: string): Uncommitted {
    let uncommitted = this.#uncommitted.get(agentType)
    if (uncommitted === undefined) {
      uncommitted = { added: [], places: new Map(), corrected: new Map() }
      this.#uncommitted.set(agentType, uncommitted)
    }
    return uncommitted
  }
}
