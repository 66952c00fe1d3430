/** Beyond it the smaller tail has less than 1e-15. */
const FAR = 8

/**
 * P(X < x) for a standard normal variable, to 15 digits after the point: Marsaglia, «Evaluating the normal distribution»
 * (2004), the series `1/2 + φ(x)·(x + x³/3 + x⁵/(3·5) + …)`.
 */
export function normalCdf(x: number): number {
  if (x <= -FAR) return 0
  if (x >= FAR) return 1
  let term = x
  let sum = x
  for (let divisor = 3; Math.abs(term) > 1e-17 * Math.abs(sum); divisor += 2) {
    term *= (x * x) / divisor
    sum += term
  }
  return 0.5 + (sum * Math.exp((-x * x) / 2)) / Math.sqrt(2 * Math.PI)
}
