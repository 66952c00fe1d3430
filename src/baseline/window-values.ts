import { addValues, type PastSession, type PastSessions, valuesByKpi } from './baseline.ts'

interface Known {
  readonly window: readonly PastSession[]
  /** Of the window's sessions, oldest first. */
  readonly values: Map<string, number[]>
}

/**
 * What {@link valuesByKpi} gives, kept up to date while sessions are added: from one session to the next only what is new in
 * the window, and what fell out of it, is looked at.
 */
export class WindowValues {
  /** By agent type, the least recently used first. */
  readonly #known = new Map<string, Known>()
  readonly #most: number

  /** @param most agent types that are kept in mind; others are worked out anew */
  constructor(most = 64) {
    this.#most = most
  }

  /** @returns the values of each KPI, oldest first; valid until the next call */
  of(history: PastSessions): ReadonlyMap<string, readonly number[]> {
    const { agentType, window } = history
    const known = this.#known.get(agentType)
    const gone = known === undefined ? undefined : goneBefore(window, known.window)
    const values = known === undefined || gone === undefined ? valuesByKpi(history) : moved(known, gone, window)
    this.#keep(agentType, { window, values })
    return values
  }

  #keep(agentType: string, known: Known): void {
    this.#known.delete(agentType)
    this.#known.set(agentType, known)
    const [oldest] = this.#known.keys()
    if (this.#known.size > this.#most && oldest !== undefined) this.#known.delete(oldest)
  }
}

/**
 * How many of the earlier window's sessions fell out of it.
 *
 * @returns `undefined` when it does not go on from there: a session that is corrected has other values, in an object of its own
 */
function goneBefore(window: readonly PastSession[], earlier: readonly PastSession[]): number | undefined {
  const oldest = window[0]?.kpis
  const gone = earlier.findIndex(({ kpis }) => kpis === oldest)
  if (gone === -1 || earlier.length - gone > window.length) return undefined
  for (let index = gone; index < earlier.length; index += 1) {
    if (earlier[index]?.kpis !== window[index - gone]?.kpis) return undefined
  }
  return gone
}

function moved(
  { window: earlier, values }: Known,
  gone: number,
  window: readonly PastSession[],
): Map<string, number[]> {
  for (const { kpis } of earlier.slice(0, gone)) {
    for (const name in kpis) values.get(name)?.shift()
  }
  addValues(values, window.slice(earlier.length - gone))
  return values
}
