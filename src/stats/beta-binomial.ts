import { logBeta, logGamma } from './log-gamma.ts'

/** Counts whose rate itself varies from session to session. */
export interface BetaBinomial {
  /** Number of trials. */
  readonly n: number
  /** Expected share of successes, in (0, 1). */
  readonly rate: number
  /** Correlation between the trials of a session, in (0, 1): the rate has the variance `overdispersion · rate · (1 − rate)`. */
  readonly overdispersion: number
}

export interface UpperTail {
  /** P(Y = y). */
  readonly exactly: number
  /** P(Y ≥ y). */
  readonly atLeast: number
}

const NEGLIGIBLE = 1e-17

/** @param y successes, a whole number from 0 to n */
export function betaBinomialUpperTail(y: number, { n, rate, overdispersion }: BetaBinomial): UpperTail {
  const concentration = (1 - overdispersion) / overdispersion
  const a = rate * concentration
  const b = (1 - rate) * concentration
  const exactly = Math.exp(logChoose(n, y) + logBeta(y + a, n - y + b) - logBeta(a, b))
  // From y towards the nearer end of the distribution's bulk: few terms, and no loss of digits in the tail.
  if (y > n * rate) return { exactly, atLeast: Math.min(1, exactly + sumAbove(y, exactly, n, a, b)) }
  return { exactly, atLeast: Math.max(0, 1 - sumBelow(y, exactly, n, a, b)) }
}

function sumAbove(y: number, exactly: number, n: number, a: number, b: number): number {
  let term = exactly
  let sum = 0
  for (let k = y; k < n; k++) {
    term *= ((n - k) * (a + k)) / ((k + 1) * (b + n - k - 1))
    sum += term
    if (term < NEGLIGIBLE * sum) break
  }
  return sum
}

function sumBelow(y: number, exactly: number, n: number, a: number, b: number): number {
  let term = exactly
  let sum = 0
  for (let k = y; k > 0; k--) {
    term *= (k * (b + n - k)) / ((n - k + 1) * (a + k - 1))
    sum += term
    if (term < NEGLIGIBLE * sum) break
  }
  return sum
}

function logChoose(n: number, k: number): number {
  return logGamma(n + 1) - logGamma(k + 1) - logGamma(n - k + 1)
}
