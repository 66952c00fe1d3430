/** Exponentially weighted mean and variance of the values so far. */
export interface MovingMoments {
  readonly n: number
  readonly mean: number
  /** The weighted mean of squared distances: it underestimates for small `n`, as any variance without correction. */
  readonly variance: number
}

export const NO_MOMENTS: MovingMoments = { n: 0, mean: 0, variance: 0 }

/**
 * Adds one value: West (1979), Finch (2009), `d = x − μ; μ += αd; v = (1 − α)(v + αd²)`, with the start-up weight
 * `α_t = max(1/(t + 1), α)`, so that the first values count alike and the mean of one value is that value.
 *
 * @param alpha weight of the newest value, in (0, 1]
 */
export function addToMoments({ n, mean, variance }: MovingMoments, value: number, alpha: number): MovingMoments {
  const weight = Math.max(1 / (n + 1), alpha)
  const distance = value - mean
  return {
    n: n + 1,
    mean: mean + weight * distance,
    variance: (1 - weight) * (variance + weight * distance * distance),
  }
}

/** What {@link addToMoments} gives for all values, the first one first, without an object for each. */
export function momentsOf(values: readonly number[], alpha: number): MovingMoments {
  let n = 0
  let mean = 0
  let variance = 0
  for (const value of values) {
    n += 1
    const weight = Math.max(1 / n, alpha)
    const distance = value - mean
    mean += weight * distance
    variance = (1 - weight) * (variance + weight * distance * distance)
  }
  return { n, mean, variance }
}
