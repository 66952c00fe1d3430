/** How much a column adds to the values, everything else being equal. */
export interface PartialEffect {
  readonly effect: number
  /** Variance of the effect. */
  readonly variance: number
  readonly degreesOfFreedom: number
}

/** A regression by least squares: each row is one observation. */
export interface Regression {
  readonly values: readonly number[]
  /** How much each observation counts: the inverse of its variance, but for a factor. */
  readonly weights: readonly number[]
  /** The column whose effect is asked for. */
  readonly column: readonly number[]
  /** The other columns, the constant one included. */
  readonly others: readonly (readonly number[])[]
  /** Values scatter by at least so much, whatever they look like; of an observation of weight 1. */
  readonly minStdDev: number
}

/** A column that keeps less than this share of its length is a mixture of those before it. */
const DEPENDENT_SHARE = 1e-9

/**
 * Weighted least squares by orthogonalisation: the column is cleared of what the others explain, and so are the values.
 *
 * @returns `undefined` where the others already say all that the column says, or nothing is left to estimate the scatter
 */
export function partialEffect({ values, weights, column, others, minStdDev }: Regression): PartialEffect | undefined {
  const roots = weights.map(Math.sqrt)
  const weigh = (numbers: readonly number[]): readonly number[] => numbers.map((one, i) => one * (roots[i] ?? 0))
  const basis: (readonly number[])[] = []
  for (const other of others) {
    const cleared = clear(weigh(other), basis)
    if (cleared !== undefined) basis.push(cleared)
  }
  const own = clear(weigh(column), basis)
  const degreesOfFreedom = values.length - basis.length - 1
  if (own === undefined || degreesOfFreedom < 1) return undefined
  const left = subtractProjections(weigh(values), basis)
  const length = dot(own, own)
  const effect = dot(own, left) / length
  const residualSquares = left.reduce((sum, value, i) => sum + (value - effect * (own[i] ?? 0)) ** 2, 0)
  const variance = Math.max(residualSquares / degreesOfFreedom, minStdDev ** 2) / length
  return { effect, variance, degreesOfFreedom }
}

/** @returns what is left of a column; `undefined` when that is nothing */
function clear(column: readonly number[], basis: readonly (readonly number[])[]): readonly number[] | undefined {
  const left = subtractProjections(column, basis)
  return dot(left, left) > DEPENDENT_SHARE * dot(column, column) ? left : undefined
}

// One after the other (modified Gram–Schmidt), which keeps the digits.
function subtractProjections(column: readonly number[], basis: readonly (readonly number[])[]): readonly number[] {
  return basis.reduce((left, one) => {
    const share = dot(one, left) / dot(one, one)
    return left.map((value, i) => value - share * (one[i] ?? 0))
  }, column)
}

function dot(a: readonly number[], b: readonly number[]): number {
  let sum = 0
  // Most of a simulation's time is spent here: an iterator would double it.
  for (let i = 0; i < a.length; i++) sum += (a[i] ?? 0) * (b[i] ?? 0)
  return sum
}
