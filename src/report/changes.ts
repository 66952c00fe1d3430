import type { LedgerLine } from '../model/assessment.ts'
import { mean } from '../stats/mean.ts'
import { kpiDirection } from './kpi-label.ts'

/** A KPI of an agent type that is not where it used to be. */
export interface Change {
  readonly agentType: string
  readonly kpi: string
  /** Means of the first and of the last sessions. */
  readonly before: number
  readonly now: number
  /** How far apart, in standard deviations of the first sessions; positive is worse. */
  readonly deviation: number
}

/** The last quarter of the sessions counts as now, their first half as before. */
const NOW_SHARE = 1 / 4
const BEFORE_SHARE = 1 / 2
const MIN_NOW = 3
const MIN_BEFORE = 4
const MIN_DEVIATION = 2

/**
 * KPIs that in the last quarter of the sessions lie on average at least two standard deviations from where they were in
 * the first half. A way to look at samples, not a verdict: nothing is corrected for the number of comparisons.
 *
 * @param lines of any agent types, in order of time
 * @returns the furthest first
 */
export function whatChanged(lines: readonly LedgerLine[]): readonly Change[] {
  const changes = [...Map.groupBy(lines, ({ agent_type }) => agent_type)].flatMap(([agentType, own]) =>
    [...new Set(own.flatMap(({ kpis }) => Object.keys(kpis)))].flatMap((kpi) => changeOf(agentType, kpi, own)),
  )
  return changes.toSorted((a, b) => Math.abs(b.deviation) - Math.abs(a.deviation))
}

function changeOf(agentType: string, kpi: string, lines: readonly LedgerLine[]): readonly Change[] {
  const direction = lines.map((line) => kpiDirection(line, kpi)).find((known) => known !== undefined)
  const values = lines.map(({ kpis }) => kpis[kpi]).filter((value) => value !== undefined)
  const earlier = values.slice(0, Math.floor(values.length * BEFORE_SHARE))
  const before = mean(earlier)
  const now = mean(values.slice(-Math.max(MIN_NOW, Math.ceil(values.length * NOW_SHARE))))
  if (direction === undefined || before === undefined || now === undefined || earlier.length < MIN_BEFORE) return []
  const spread = Math.sqrt(mean(earlier.map((value) => (value - before) ** 2)) ?? 0)
  if (spread === 0) return []
  const deviation = ((now - before) / spread) * (direction === 'higher' ? -1 : 1)
  return Math.abs(deviation) < MIN_DEVIATION ? [] : [{ agentType, kpi, before, now, deviation }]
}
