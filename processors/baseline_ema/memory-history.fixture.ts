import type { LedgerLine } from '#src/model/assessment.ts'
import { historyEntry } from '#src/store/history-entry.ts'
import { type AgentHistory, HISTORY_WINDOW, type History, type HistoryEntry } from '#src/store/store.ts'

interface Committed extends HistoryEntry {
  readonly agentType: string
  readonly revision: number
}

/** The history in memory, as the contract describes it: a list of sessions in which revisions keep their place. */
export class MemoryHistory implements History {
  readonly #sessions: Committed[] = []
  readonly #lines: LedgerLine[] = []
  readonly #knowsNone: boolean

  /** @param knowsNone as where sessions are analysed anew */
  constructor(knowsNone = false) {
    this.#knowsNone = knowsNone
  }

  commit(lines: Iterable<LedgerLine>): void {
    for (const line of lines) {
      this.#lines.push(line)
      const { agent_type: agentType, session_id, revision } = line
      const known = this.#sessions.findIndex(({ sessionId }) => sessionId === session_id)
      const place = known < 0 ? this.#sessions.length : known
      this.#sessions[place] = { ...historyEntry(line, place), agentType, revision }
    }
  }

  agentTypes(): readonly string[] {
    return [...new Set(this.#sessions.map(({ agentType }) => agentType))].sort()
  }

  of(agentType: string): AgentHistory | undefined {
    return this.upTo(agentType, this.#sessions.length)
  }

  before(agentType: string, sessionId: string): AgentHistory | undefined {
    const known = this.#sessions.findIndex((session) => session.sessionId === sessionId)
    return this.upTo(agentType, known < 0 ? this.#sessions.length : known)
  }

  revisionOf(sessionId: string): number {
    return this.#sessions.find((session) => session.sessionId === sessionId)?.revision ?? 0
  }

  lineOf(sessionId: string, revision: number): LedgerLine | undefined {
    return this.#lines.find((line) => line.session_id === sessionId && line.revision === revision)
  }

  knows(sessionId: string): boolean {
    return !this.#knowsNone && this.revisionOf(sessionId) > 0
  }

  standing(): Readonly<Record<string, never>> {
    return {}
  }

  upTo(agentType: string, end: number): AgentHistory | undefined {
    const sessions = this.#sessions.slice(0, end).filter((session) => session.agentType === agentType)
    if (sessions.length === 0) return undefined
    return { agentType, sessionCount: sessions.length, window: sessions.slice(-HISTORY_WINDOW) }
  }
}
