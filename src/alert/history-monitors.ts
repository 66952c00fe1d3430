import { type DirectionOf, type MonitoredSession, type Monitors, NO_MONITORS, observe } from './monitor.ts'

/** The last sessions of an agent type. */
export interface SessionHistory {
  readonly agentType: string
  /** All of the agent type, older ones included. */
  readonly sessionCount: number
  /** Oldest first. */
  readonly window: readonly MonitoredSession[]
}

/** Monitors are a function of so many of the last sessions or more, up to those of the window. */
const LEAST_SESSIONS = 100

interface Known {
  readonly sessions: readonly MonitoredSession[]
  readonly monitors: Monitors
}

/**
 * What is known after the sessions of a history: a function of them alone. It begins with a session whose number is a
 * multiple of 100, so that it can go on from where it was while sessions are added, and begins anew once in 100 sessions.
 */
export class HistoryMonitors {
  readonly #known = new Map<string, Known>()
  readonly #most: number

  /** @param most agent types that are kept in mind; others are worked out anew */
  constructor(most = 64) {
    this.#most = most
  }

  after({ agentType, sessionCount, window }: SessionHistory, directionOf: DirectionOf): Monitors {
    const first = sessionCount - window.length
    const sessions = window.slice(Math.ceil(first / LEAST_SESSIONS) * LEAST_SESSIONS - first)
    const known = this.#known.get(agentType)
    const start = known !== undefined && continues(sessions, known.sessions) ? known : undefined
    let monitors = start?.monitors ?? NO_MONITORS
    for (const session of sessions.slice(start?.sessions.length ?? 0)) {
      monitors = observe(monitors, session, directionOf).monitors
    }
    this.#keep(agentType, { sessions, monitors })
    return monitors
  }

  #keep(agentType: string, known: Known): void {
    this.#known.delete(agentType)
    this.#known.set(agentType, known)
    const [oldest] = this.#known.keys()
    if (this.#known.size > this.#most && oldest !== undefined) this.#known.delete(oldest)
  }
}

// A session that is corrected has other values, in an object of its own.
function continues(sessions: readonly MonitoredSession[], earlier: readonly MonitoredSession[]): boolean {
  return earlier.length <= sessions.length && earlier.every(({ kpis }, index) => sessions[index]?.kpis === kpis)
}
