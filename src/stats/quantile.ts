/** A value and how much it counts. */
export interface WeightedValue {
  readonly value: number
  /** Positive; only the ratios between weights matter. */
  readonly weight: number
}

/**
 * Quantile by linear interpolation between order statistics: Hyndman & Fan (1996) type 7, R's default.
 *
 * @param values finite, in any order
 * @param p in [0, 1]
 * @returns `undefined` without values
 */
export function quantile(values: readonly number[], p: number): number | undefined {
  const sorted = values.toSorted((a, b) => a - b)
  const position = (sorted.length - 1) * p
  const index = Math.floor(position)
  const lower = sorted[index]
  if (lower === undefined) return undefined
  const upper = sorted[index + 1] ?? lower
  return lower + (position - index) * (upper - lower)
}

/**
 * The same quantile where values count differently: Akinshin, «Weighted quantile estimators» (2023, arXiv:2304.07265),
 * type 7 over Kish's effective sample size. With equal weights it is {@link quantile}.
 *
 * @param p in [0, 1]
 * @returns `undefined` without values
 */
export function weightedQuantile(values: readonly WeightedValue[], p: number): number | undefined {
  const sorted = values.toSorted((a, b) => a.value - b.value)
  let sum = 0
  let sumOfSquares = 0
  for (const { weight } of sorted) {
    sum += weight
    sumOfSquares += weight * weight
  }
  if (sum <= 0) return undefined

  const effectiveSize = (sum * sum) / sumOfSquares
  const offset = p * (effectiveSize - 1)
  const shareBelow = (weightBelow: number): number =>
    Math.min(1, Math.max(0, (weightBelow / sum) * effectiveSize - offset))

  let weightBelow = 0
  let share = 0
  let result = 0
  for (const { value, weight } of sorted) {
    weightBelow += weight
    const next = shareBelow(weightBelow)
    result += value * (next - share)
    share = next
  }
  // Rounding must not carry the result out of the values' range.
  return Math.min(sorted.at(-1)?.value ?? result, Math.max(sorted[0]?.value ?? result, result / share))
}
