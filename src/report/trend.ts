import type { Direction } from '../kpi/table.ts'
import { quantile } from '../stats/quantile.ts'

export type Trend = 'improving' | 'worsening' | 'rising' | 'falling' | 'stable'

/** A change by less than this share of the earlier median is none. */
const STABLE_SHARE = 0.05

/**
 * Where the last value stands against the median of those before it.
 *
 * @param values oldest first
 * @param direction which way is better; without it the trend is told without judging
 * @returns `undefined` with fewer than three values
 */
export function trendOf(values: readonly number[], direction: Direction | undefined): Trend | undefined {
  const last = values.at(-1)
  const before = quantile(values.slice(0, -1), 0.5)
  if (last === undefined || before === undefined || values.length < 3) return undefined
  if (Math.abs(last - before) <= STABLE_SHARE * Math.abs(before)) return 'stable'
  const rising = last > before
  if (direction === undefined) return rising ? 'rising' : 'falling'
  return rising === (direction === 'higher') ? 'improving' : 'worsening'
}
