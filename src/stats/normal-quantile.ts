// Acklam's rational approximation (2003) of the normal quantile: relative error below 1.2e-9.
const CENTRE_TOP = [
  -39.69683028665376, 220.9460984245205, -275.9285104469687, 138.357751867269, -30.66479806614716, 2.506628277459239,
] as const
const CENTRE_BOTTOM = [
  -54.47609879822406, 161.5858368580409, -155.6989798598866, 66.80131188771972, -13.28068155288572, 1,
] as const
const TAIL_TOP = [
  -0.007784894002430293, -0.3223964580411365, -2.400758277161838, -2.549732539343734, 4.374664141464968,
  2.938163982698783,
] as const
const TAIL_BOTTOM = [0.007784695709041462, 0.3224671290700398, 2.445134137142996, 3.754408661907416, 1] as const
const TAIL = 0.02425

/** The value that a standard normal variable stays below with probability `p`; ±∞ at 0 and 1. */
export function normalQuantile(p: number): number {
  if (p <= 0) return Number.NEGATIVE_INFINITY
  if (p >= 1) return Number.POSITIVE_INFINITY
  if (p < TAIL) return lowerTail(p)
  if (p > 1 - TAIL) return -lowerTail(1 - p)
  const offset = p - 0.5
  const square = offset * offset
  return (offset * polynomial(CENTRE_TOP, square)) / polynomial(CENTRE_BOTTOM, square)
}

function lowerTail(p: number): number {
  const distance = Math.sqrt(-2 * Math.log(p))
  return polynomial(TAIL_TOP, distance) / polynomial(TAIL_BOTTOM, distance)
}

/** @param coefficients the highest power's first */
function polynomial(coefficients: readonly number[], x: number): number {
  let sum = 0
  for (const coefficient of coefficients) sum = sum * x + coefficient
  return sum
}
