import type { Direction } from '../kpi/table.ts'
import { type BaselineSettings, spreadOf } from './baseline.ts'

/** How a session stands to its agent type's baseline, by KPI, as its ledger line has it. */
export interface Comparison {
  readonly baselines: Readonly<Record<string, number>>
  readonly std_devs: Readonly<Record<string, number>>
  /** In standard deviations; positive is worse. */
  readonly deviations: Readonly<Record<string, number>>
}

export const NOT_COMPARED: Comparison = { baselines: {}, std_devs: {}, deviations: {} }

/**
 * Compares a session with the history that stands before it, by the values of each KPI, oldest first. A KPI is left out when the
 * session has no value for it or the history fewer than `bootstrapSessions`; its deviation when nothing says which direction is
 * better, or when it never varied and has no floor.
 */
export function compare(
  kpis: Readonly<Record<string, number>>,
  values: ReadonlyMap<string, readonly number[]>,
  settings: BaselineSettings,
  directionOf: (kpi: string) => Direction | undefined,
): Comparison {
  const baselines: Record<string, number> = {}
  const stdDevs: Record<string, number> = {}
  const deviations: Record<string, number> = {}
  for (const [name, value] of Object.entries(kpis)) {
    const spread = spreadOf(name, values.get(name) ?? [], settings)
    if (spread === undefined || spread.n < settings.bootstrapSessions) continue
    baselines[name] = spread.mean
    stdDevs[name] = spread.stdDev
    const direction = directionOf(name)
    if (direction === undefined || spread.stdDev === 0) continue
    const above = (value - spread.mean) / spread.stdDev
    // `0 -` rather than a sign: a value at the mean is 0, not -0.
    deviations[name] = direction === 'lower' ? above : 0 - above
  }
  return { baselines, std_devs: stdDevs, deviations }
}
