import { type Direction, kpiDefinition } from '../kpi/table.ts'
import { addToMoments, NO_MOMENTS } from '../stats/moving-moments.ts'
import { weightedQuantiles } from '../stats/quantile.ts'
import { fromScale, toScale } from '../stats/scale.ts'

/** Percentiles of a KPI's values; each is absent while there are too few values to tell. */
export interface Percentiles {
  readonly p50?: number
  readonly p95?: number
  readonly p99?: number
}

/** Weight of a value against the next newer one. */
const FORGETTING = 0.98

/** From this many values on, the tails are read off the values themselves. */
const EXACT_TAILS = 100

/** With fewer values than this, a 99th percentile is a guess. */
const MIN_P99 = 30

/** Weight of the newest value in the fitted distribution. */
const FIT_ALPHA = 0.05

/** Standard normal quantiles. */
const Z95 = 1.6448536269514722
const Z99 = 2.3263478740408408

/**
 * Percentiles in which newer values count more. The median is exact; the tails come from a normal distribution fitted on
 * the KPI's scale while values are few, and are exact where a value stands at a bound of that scale (an error rate of 0),
 * which no such distribution describes.
 *
 * @param values oldest first
 */
export function percentilesOf(name: string, values: readonly number[]): Percentiles {
  const quantileAt = weightedQuantiles(values, weightsOf(values.length))
  const p50 = quantileAt(0.5)
  if (p50 === undefined) return {}
  const fit = values.length < EXACT_TAILS ? fitTails(name, values) : undefined
  // A fitted tail of few, skewed values may lie on the wrong side of the exact median.
  const p95 = Math.max(p50, fit?.p95 ?? quantileAt(0.95) ?? p50)
  if (values.length < MIN_P99) return { p50, p95 }
  return { p50, p95, p99: Math.max(p95, fit?.p99 ?? quantileAt(0.99) ?? p95) }
}

/**
 * What only one session of twenty is better than: the 95th percentile, or the 5th where lower values are better.
 *
 * @param values oldest first
 * @returns `undefined` without values
 */
export function bestPercentile(name: string, values: readonly number[], direction: Direction): number | undefined {
  if (direction === 'higher') return percentilesOf(name, values).p95
  const quantileAt = weightedQuantiles(values, weightsOf(values.length))
  const p50 = quantileAt(0.5)
  if (p50 === undefined) return undefined
  const fit = values.length < EXACT_TAILS ? fitTails(name, values) : undefined
  return Math.min(p50, fit?.p5 ?? quantileAt(0.05) ?? p50)
}

/** Of values, oldest first: newer ones count more. */
function weightsOf(count: number): readonly number[] {
  while (POWERS.length < count) POWERS.push(FORGETTING ** POWERS.length)
  return POWERS.slice(0, count).reverse()
}

/** Of {@link FORGETTING}, by exponent: worked out once. */
const POWERS: number[] = []

interface FittedTails {
  readonly p5: number
  readonly p95: number
  readonly p99: number
}

function fitTails(name: string, values: readonly number[]): FittedTails | undefined {
  const scale = kpiDefinition(name)?.scale ?? 'linear'
  let moments = NO_MOMENTS
  for (const value of values) {
    const position = toScale(value, scale)
    if (position === undefined) return undefined
    moments = addToMoments(moments, position, FIT_ALPHA)
  }
  const stdDev = Math.sqrt(moments.variance)
  const at = (z: number): number => fromScale(moments.mean + z * stdDev, scale)
  return { p5: at(-Z95), p95: at(Z95), p99: at(Z99) }
}
