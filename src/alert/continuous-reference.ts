import type { PositionScale } from '../kpi/position-scale.ts'
import type { Direction } from '../kpi/table.ts'
import { normalQuantile } from '../stats/normal-quantile.ts'
import { studentTUpperTail } from '../stats/student-t.ts'
import { type Reference, rememberLast } from './reference.ts'

/** Weight of the newest session: the mean is worth at most 39 sessions. */
const ALPHA = 0.05

/** From this many sessions on an outlier counts as if it were only so many standard deviations away. */
const CLIP_FROM_SESSIONS = 8
const CLIP_STD_DEVS = 2.5

/** Sessions are not quite normal: more degrees of freedom would promise thinner tails than they have. */
const TAIL_DEGREES_OF_FREEDOM = 12

/** Scores are summed up: there, single tails matter less. */
const SCORE_DEGREES_OF_FREEDOM = 30

/** Exponentially weighted moments of positions. */
interface Moments {
  readonly sessions: number
  readonly mean: number
  readonly variance: number
  /** Sum of the squared weights: its inverse is the number of sessions that the mean is worth. */
  readonly weightSquares: number
}

const NO_MOMENTS: Moments = { sessions: 0, mean: 0, variance: 0, weightSquares: 1 }

/**
 * The usual value of a KPI that scatters evenly on a scale: slow, and hardly moved by single sessions. A session is
 * compared by the predictive t distribution, `T = (y − μ) / (s·√(1 + 1/n_eff))` on the bad side.
 */
export function continuousReference(
  scale: PositionScale,
  direction: Direction,
  moments: Moments = NO_MOMENTS,
): Reference {
  const { sessions, mean, variance, weightSquares } = moments
  // Corrected for the weights, as a sample's standard deviation is.
  const sampleStdDev = weightSquares < 1 ? Math.sqrt(variance / (1 - weightSquares)) : 0
  const stdDev = Math.max(sampleStdDev, scale.minStdDevAt(mean))
  return {
    sessions,
    usual: scale.fromPosition(mean),
    compare: rememberLast((value) => {
      const above = scale.toPosition(value) - mean
      const distance = direction === 'lower' ? above : -above
      const spread = stdDev * Math.sqrt(1 + weightSquares)
      const tail = (most: number): number => tailOf(distance, spread, Math.min(most, 1 / weightSquares - 1))
      return { p: tail(TAIL_DEGREES_OF_FREEDOM), score: -normalQuantile(tail(SCORE_DEGREES_OF_FREEDOM)) }
    }),
    learn(value) {
      const limit = sessions < CLIP_FROM_SESSIONS ? Number.POSITIVE_INFINITY : CLIP_STD_DEVS * stdDev
      const distance = Math.min(limit, Math.max(-limit, scale.toPosition(value) - mean))
      return continuousReference(scale, direction, addDistance(moments, distance))
    },
  }
}

function tailOf(distance: number, spread: number, degreesOfFreedom: number): number {
  if (degreesOfFreedom <= 0) return 0.5
  // A KPI without a floor that never varied.
  if (spread === 0) return distance > 0 ? 0 : distance < 0 ? 1 : 0.5
  return studentTUpperTail(distance / spread, degreesOfFreedom)
}

// West (1979), Finch (2009), as moving-moments.ts; with the weights' squares, which tell what the mean is worth.
function addDistance({ sessions, mean, variance, weightSquares }: Moments, distance: number): Moments {
  const weight = Math.max(1 / (sessions + 1), ALPHA)
  return {
    sessions: sessions + 1,
    mean: mean + weight * distance,
    variance: (1 - weight) * (variance + weight * distance * distance),
    weightSquares: (1 - weight) ** 2 * weightSquares + weight ** 2,
  }
}
