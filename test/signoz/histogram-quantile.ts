/**
 * The quantile of a histogram, as Prometheus and SigNoz estimate it: the values of a bucket lie evenly in it.
 *
 * @param buckets upper bound and how many values are not above it; one bound is Infinity
 */
export function histogramQuantile(
  quantile: number,
  buckets: readonly (readonly [bound: number, count: number])[],
): number {
  const sorted = buckets.toSorted(([a], [b]) => a - b)
  const total = sorted.at(-1)?.[1] ?? 0
  if (total === 0) return Number.NaN
  const rank = quantile * total
  const i = sorted.findIndex(([, count]) => count >= rank)
  const [bound = Number.NaN, count = 0] = sorted[i] ?? []
  const [lower, before] = sorted[i - 1] ?? [0, 0]
  // Of the last bucket only the lower bound is known.
  if (bound === Number.POSITIVE_INFINITY) return lower
  return lower + ((bound - lower) * (rank - before)) / (count - before)
}
