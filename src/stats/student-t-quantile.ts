import { logBeta } from './log-gamma.ts'
import { normalQuantile } from './normal-quantile.ts'
import { studentTUpperTail } from './student-t.ts'

const STEPS = 100
const PRECISION = 1e-12

/**
 * The value that Student's t exceeds with probability `p`: Newton's method, kept between bounds by bisection.
 *
 * @param p in (0, 1)
 * @param degreesOfFreedom positive, fractions allowed
 */
export function studentTUpperQuantile(p: number, degreesOfFreedom: number): number {
  if (p > 0.5) return -studentTUpperQuantile(1 - p, degreesOfFreedom)
  let low = 0
  let high = Number.POSITIVE_INFINITY
  let t = -normalQuantile(p)
  for (let step = 0; step < STEPS; step++) {
    const excess = studentTUpperTail(t, degreesOfFreedom) - p
    if (excess > 0) low = t
    else high = t
    const newton = t + excess / density(t, degreesOfFreedom)
    const next = newton > low && newton < high ? newton : high < Number.POSITIVE_INFINITY ? (low + high) / 2 : 2 * t + 1
    if (Math.abs(next - t) <= PRECISION * Math.abs(next)) return next
    t = next
  }
  return t
}

function density(t: number, degreesOfFreedom: number): number {
  const power = (-(degreesOfFreedom + 1) / 2) * Math.log1p((t * t) / degreesOfFreedom)
  return Math.exp(power - logBeta(degreesOfFreedom / 2, 0.5)) / Math.sqrt(degreesOfFreedom)
}
