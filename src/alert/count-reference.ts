import type { Direction } from '../kpi/table.ts'
import { betaBinomialUpperTail } from '../stats/beta-binomial.ts'
import { normalQuantile } from '../stats/normal-quantile.ts'
import { type Reference, rememberLast } from './reference.ts'

/** Weight of a session against the next newer one. */
const FORGETTING = 0.95

/** From this many sessions on an outlier counts as if it were only so many standard deviations away; counts are skewed. */
const CLIP_FROM_SESSIONS = 8
const CLIP_STD_DEVS = 4

/** Half an input that went wrong and half a one that did not, before anything is seen (Jeffreys): no rate is 0 or 1. */
const PRIOR_INPUTS = 0.5

/** Overdispersion before anything is seen, which counts as much as this many pairs of inputs. */
const PRIOR_OVERDISPERSION = 0.1
const PRIOR_PAIRS = 50
const MIN_OVERDISPERSION = 0.001
const MAX_OVERDISPERSION = 0.9

/** What 12 degrees of freedom do to the tail of a continuous KPI, so much more overdispersion does to that of counts. */
const TAIL_CAUTION = 1.4

/** Inputs of a session that went wrong, of all. Whole numbers. */
interface Counts {
  readonly bad: number
  readonly total: number
}

/** Sums in which newer sessions count more. */
interface Sums extends Counts {
  readonly sessions: number
  /** How many sessions the sums are worth. */
  readonly weights: number
  /** Squared residuals beyond what a fixed rate would give, and the pairs of inputs that could give them. */
  readonly excess: number
  readonly pairs: number
}

const NO_SUMS: Sums = { sessions: 0, weights: 0, bad: 0, total: 0, excess: 0, pairs: 0 }

/**
 * The usual value of a KPI that is a share of its inputs: how often they go wrong, and how much that varies between
 * sessions. A session is compared by the beta-binomial tail, so that one failure of three inputs is no alarm.
 */
export function countReference(direction: Direction, sums: Sums = NO_SUMS): Reference {
  const rate = rateOf(sums)
  return {
    sessions: sums.sessions,
    usual: direction === 'lower' ? rate : 1 - rate,
    compare: rememberLast((value, inputs) => {
      const counts = countsOf(value, inputs, direction)
      const { exactly, atLeast } = tailOf(counts, sums, 1)
      return {
        p: tailOf(counts, sums, TAIL_CAUTION).atLeast,
        // With half of the probability of exactly this session (mid-p) it averages 0 even where there are few values.
        score: -normalQuantile(atLeast - exactly / 2),
      }
    }),
    learn: (value, inputs) => countReference(direction, addCounts(sums, countsOf(value, inputs, direction))),
  }
}

function countsOf(value: number, inputs: number, direction: Direction): Counts {
  const total = Math.max(1, Math.round(inputs))
  const share = Math.min(1, Math.max(0, direction === 'lower' ? value : 1 - value))
  return { bad: Math.round(share * total), total }
}

function rateOf({ bad, total }: Counts): number {
  return (bad + PRIOR_INPUTS) / (total + 2 * PRIOR_INPUTS)
}

/** The tail of the next session's distribution; that the rate itself is only estimated makes it wider. */
function tailOf({ bad, total }: Counts, sums: Sums, caution: number): ReturnType<typeof betaBinomialUpperTail> {
  const overdispersion = overdispersionOf(sums)
  const ofRate = sums.sessions === 0 ? 0 : overdispersion / sums.weights + 1 / sums.total
  return betaBinomialUpperTail(bad, {
    n: total,
    rate: rateOf(sums),
    overdispersion: Math.min(MAX_OVERDISPERSION, caution * overdispersion + ofRate),
  })
}

/** Moment estimate: the squared residual of n inputs is expected to be `1 + (n − 1)·ρ` (Williams 1982). */
function overdispersionOf({ excess, pairs }: Sums): number {
  const estimate = (excess + PRIOR_OVERDISPERSION * PRIOR_PAIRS) / (pairs + PRIOR_PAIRS)
  return Math.min(MAX_OVERDISPERSION, Math.max(MIN_OVERDISPERSION, estimate))
}

function addCounts(sums: Sums, counts: Counts): Sums {
  const { bad, excess, pairs } =
    sums.sessions === 0 ? { bad: counts.bad, excess: 0, pairs: 0 } : scatterOf(sums, counts)
  return {
    sessions: sums.sessions + 1,
    weights: FORGETTING * sums.weights + 1,
    bad: FORGETTING * sums.bad + bad,
    total: FORGETTING * sums.total + counts.total,
    excess: FORGETTING * sums.excess + excess,
    pairs: FORGETTING * sums.pairs + pairs,
  }
}

/** A session's part in the sums, its distance from the usual rate limited. */
function scatterOf(sums: Sums, { bad, total }: Counts): Pick<Sums, 'bad' | 'excess' | 'pairs'> {
  const rate = rateOf(sums)
  const variance = total * rate * (1 - rate)
  const limit =
    sums.sessions < CLIP_FROM_SESSIONS
      ? Number.POSITIVE_INFINITY
      : CLIP_STD_DEVS * Math.sqrt(variance * (1 + (total - 1) * overdispersionOf(sums)))
  const distance = Math.min(limit, Math.max(-limit, bad - total * rate))
  return { bad: total * rate + distance, excess: (distance * distance) / variance - 1, pairs: total - 1 }
}
