/**
 * Quantile by linear interpolation between order statistics: Hyndman & Fan (1996) type 7, R's default.
 *
 * @param values finite, in any order
 * @param p in [0, 1]
 * @returns `undefined` without values
 */
export function quantile(values: readonly number[], p: number): number | undefined {
  const sorted = new Float64Array(values).sort()
  const position = (sorted.length - 1) * p
  const index = Math.floor(position)
  const lower = sorted[index]
  if (lower === undefined) return undefined
  const upper = sorted[index + 1] ?? lower
  return lower + (position - index) * (upper - lower)
}

/**
 * The same quantiles where values count differently: Akinshin, «Weighted quantile estimators» (2023, arXiv:2304.07265),
 * type 7 over Kish's effective sample size. With equal weights they are those of {@link quantile}.
 *
 * @param values finite, in any order
 * @param weights one for each value, positive; only the ratios between them matter
 * @returns the quantile for a p in [0, 1]; `undefined` without values
 */
export function weightedQuantiles(
  values: readonly number[],
  weights: readonly number[],
): (p: number) => number | undefined {
  const order = orderOf(values)
  const sorted = order.map((index) => values[index] ?? 0)
  const weightsOfSorted = order.map((index) => weights[index] ?? 0)
  let sum = 0
  let sumOfSquares = 0
  for (const weight of weightsOfSorted) {
    sum += weight
    sumOfSquares += weight * weight
  }
  if (sum <= 0) return () => undefined
  const effectiveSize = (sum * sum) / sumOfSquares

  return (p) => {
    const offset = p * (effectiveSize - 1)
    let weightBelow = 0
    let share = 0
    let result = 0
    for (let index = 0; index < sorted.length; index += 1) {
      weightBelow += weightsOfSorted[index] ?? 0
      const next = Math.min(1, Math.max(0, (weightBelow / sum) * effectiveSize - offset))
      result += (sorted[index] ?? 0) * (next - share)
      share = next
    }
    // Rounding must not carry the result out of the values' range.
    return Math.min(sorted.at(-1) ?? result, Math.max(sorted[0] ?? result, result / share))
  }
}

/**
 * The places of values from the smallest to the largest, equal ones as they come. Numbers are sorted natively, and looked up
 * there: a comparison function takes several times as long.
 */
function orderOf(values: readonly number[]): readonly number[] {
  const sorted = new Float64Array(values).sort()
  const equals = new Uint32Array(values.length)
  const order = new Array<number>(values.length).fill(0)
  for (let index = 0; index < values.length; index += 1) {
    const first = countBelow(sorted, values[index] ?? 0)
    const before = equals[first] ?? 0
    equals[first] = before + 1
    order[first + before] = index
  }
  return order
}

function countBelow(sorted: Float64Array, value: number): number {
  let low = 0
  for (let high = sorted.length; low < high; ) {
    const middle = (low + high) >>> 1
    if ((sorted[middle] ?? 0) < value) low = middle + 1
    else high = middle
  }
  return low
}
