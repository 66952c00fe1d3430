import { isCounted } from '../kpi/counted-kpis.ts'
import { positionScale, UNKNOWN_SCALE } from '../kpi/position-scale.ts'
import { kpiDefinition } from '../kpi/table.ts'
import { mean } from '../stats/mean.ts'
import type { MeasuredKpi, Trial } from './trial.ts'

/** Sessions on the scale on which effects of suggestions are alike: there, ln 1.05 is 5 % better. */
export interface TrialPositions {
  readonly positions: readonly number[]
  /** How much each session counts. */
  readonly weights: readonly number[]
  /** Positions scatter by at least so much; of a session of weight 1. */
  readonly minStdDev: number
  /** The KPI of sessions with the suggestion, where those without it have a mean position and it adds `effect`. */
  readonly valueAfter: (meanPosition: number, effect: number) => number
}

/** Correlation between the inputs of a session; only how much sessions count depends on it. */
const OVERDISPERSION = 0.1

/**
 * Logarithms of what has no upper bound, log-odds of shares. Shares of few inputs are counted instead, and count the more
 * the more inputs they have.
 */
export function trialPositions({ kpi }: Pick<Trial, 'kpi'>, measured: readonly MeasuredKpi[]): TrialPositions {
  if (isCounted(kpi)) return countedPositions(measured)
  const definition = kpiDefinition(kpi)
  const scale = definition === undefined ? UNKNOWN_SCALE : positionScale(definition)
  const positions = measured.map(({ value }) => scale.toPosition(value))
  return {
    positions,
    weights: measured.map(() => 1),
    minStdDev: scale.minStdDevAt(mean(positions) ?? 0),
    valueAfter: (meanPosition, effect) => scale.fromPosition(meanPosition + effect),
  }
}

/**
 * One step of a logistic regression for counts that scatter more than chance gives (beta-binomial, Williams 1982): log-odds
 * near the common rate, with the weights `n / (1 + (n − 1)·ρ)`.
 */
function countedPositions(measured: readonly MeasuredKpi[]): TrialPositions {
  const counts = measured.map(({ value, inputs }) => {
    const total = Math.max(1, Math.round(inputs))
    return { total, share: Math.min(1, Math.max(0, value)) }
  })
  const inputs = counts.reduce((sum, { total }) => sum + total, 0)
  const hits = counts.reduce((sum, { total, share }) => sum + share * total, 0)
  // Half an input of each kind (Jeffreys): no rate is 0 or 1.
  const rate = (hits + 0.5) / (inputs + 1)
  const information = rate * (1 - rate)
  const weights = counts.map(({ total }) => total / (1 + (total - 1) * OVERDISPERSION))
  const byChance = mean(counts.map(({ total }, i) => (weights[i] ?? 0) / total)) ?? 1
  const usual = Math.log(rate / (1 - rate))
  return {
    positions: counts.map(({ share }) => (share - rate) / information),
    weights,
    minStdDev: Math.sqrt(byChance / information),
    valueAfter: (meanPosition, effect) => 1 / (1 + Math.exp(-(usual + meanPosition + effect))),
  }
}
