// Lanczos coefficients for g = 7, n = 9 (Godfrey 2001): relative error below 1e-14 for positive arguments.
const G = 7
const FIRST = 0.9999999999998099
const REST: readonly number[] = [
  676.5203681218851, -1259.1392167224028, 771.3234287776531, -176.6150291621406, 12.507343278686905,
  -0.13857109526572012, 9.984369578019572e-6, 1.5056327351493116e-7,
]
const LOG_SQRT_TWO_PI = 0.9189385332046728

/** Natural logarithm of Γ(x). @param x positive */
export function logGamma(x: number): number {
  const shifted = x - 1
  let sum = FIRST
  let place = 0
  for (const coefficient of REST) {
    sum += coefficient / (shifted + place + 1)
    place += 1
  }
  const base = shifted + G + 0.5
  return LOG_SQRT_TWO_PI + (shifted + 0.5) * Math.log(base) - base + Math.log(sum)
}

/** Natural logarithm of the beta function. @param a positive @param b positive */
export function logBeta(a: number, b: number): number {
  return logGamma(a) + logGamma(b) - logGamma(a + b)
}
