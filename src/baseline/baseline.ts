import { type KpiName, kpiDefinition } from '../kpi/table.ts'
import { addToMoments, momentsOf } from '../stats/moving-moments.ts'

/** How baselines are computed. */
export interface BaselineSettings {
  /** Weight of the newest session, in (0, 1]. */
  readonly alpha: number
  /** Sessions before a KPI is compared with its baseline. */
  readonly bootstrapSessions: number
}

/** What a baseline needs of a session. */
export interface PastSession {
  readonly endedAt: string
  readonly kpis: Readonly<Record<string, number>>
}

/** The last sessions of an agent type: all that its baseline depends on. */
export interface PastSessions {
  readonly agentType: string
  /** All sessions of the agent type, older ones included. */
  readonly sessionCount: number
  /** Oldest first. */
  readonly window: readonly PastSession[]
}

/** `bootstrap` until there are enough sessions and the standard deviation has settled. */
export type BaselineStatus = 'bootstrap' | 'converged'

/** What is normal for one KPI of one agent type, in the KPI's unit. */
export interface Spread {
  readonly mean: number
  /** Never below the KPI's floor and 5 % of the mean. 0 only for a KPI without floor that was always 0. */
  readonly stdDev: number
  /** Values that it rests on, no more than the window has. */
  readonly n: number
  readonly status: BaselineStatus
  /** The values scatter by more than half of the mean. */
  readonly isUncertain: boolean
}

const MIN_RELATIVE_STD_DEV = 0.05
const UNCERTAIN_RELATIVE_STD_DEV = 0.5
const SETTLED_CHANGE = 0.1
const SETTLED_UPDATES = 3

/** @returns the names of all KPIs with a value, in order of first appearance, with their values, oldest first */
export function valuesByKpi({ window }: PastSessions): Map<string, number[]> {
  const values = new Map<string, number[]>()
  addValues(values, window)
  return values
}

/** Adds the values of later sessions. */
export function addValues(values: Map<string, number[]>, sessions: readonly PastSession[]): void {
  for (const { kpis } of sessions) {
    // With `Object.entries` this took two thirds of a comparison: it is 200 sessions' KPIs at each session's end.
    for (const name in kpis) {
      const value = kpis[name]
      if (value === undefined) continue
      const known = values.get(name)
      if (known === undefined) values.set(name, [value])
      else known.push(value)
    }
  }
}

/**
 * The exponentially weighted mean and standard deviation of a KPI's values: a function of the values alone, so that a
 * session that is corrected later leaves the same baseline as one that was right from the start.
 *
 * @param values oldest first
 * @returns `undefined` without values
 */
export function spreadOf(
  name: string,
  values: readonly number[],
  { alpha, bootstrapSessions }: BaselineSettings,
): Spread | undefined {
  if (values.length === 0) return undefined
  const minStdDev = kpiDefinition(name)?.minStdDev ?? 0
  // Only the last updates tell whether it has settled, each by the one before.
  const last = values.slice(-1 - SETTLED_UPDATES)
  let moments = momentsOf(values.slice(0, -last.length), alpha)
  let stdDev = 0
  let settled = 0
  for (const value of last) {
    moments = addToMoments(moments, value, alpha)
    const previous = stdDev
    stdDev = Math.max(Math.sqrt(moments.variance), minStdDev, MIN_RELATIVE_STD_DEV * Math.abs(moments.mean))
    settled = Math.abs(stdDev - previous) < SETTLED_CHANGE * previous ? settled + 1 : 0
  }
  const isConverged = moments.n >= bootstrapSessions && settled >= SETTLED_UPDATES
  return {
    mean: moments.mean,
    stdDev,
    n: moments.n,
    status: isConverged ? 'converged' : 'bootstrap',
    isUncertain: stdDev > UNCERTAIN_RELATIVE_STD_DEV * Math.abs(moments.mean),
  }
}

/** What a new agent type is expected to do before anything is known of it. Never compared with. */
export const BOOTSTRAP_DEFAULTS: Readonly<Partial<Record<KpiName, Pick<Spread, 'mean' | 'stdDev'>>>> = {
  token_efficiency: { mean: 0.03, stdDev: 0.02 },
  task_completion_rate: { mean: 0.9, stdDev: 0.1 },
  active_time_ratio: { mean: 0.5, stdDev: 0.15 },
  tool_overhead_ratio: { mean: 0.5, stdDev: 0.25 },
  cache_efficiency: { mean: 0.9, stdDev: 0.05 },
  error_rate: { mean: 0.02, stdDev: 0.02 },
  quality_relevance: { mean: 0.9, stdDev: 0.05 },
  quality_faithfulness: { mean: 0.9, stdDev: 0.05 },
  quality_coherence: { mean: 0.9, stdDev: 0.05 },
  quality_hallucination: { mean: 0.05, stdDev: 0.03 },
}
