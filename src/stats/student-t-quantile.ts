import { studentTUpperTail } from './student-t.ts'

const STEPS = 200

/**
 * The value that Student's t exceeds with probability `p`, by bisection.
 *
 * @param p in (0, 1)
 * @param degreesOfFreedom positive, fractions allowed
 */
export function studentTUpperQuantile(p: number, degreesOfFreedom: number): number {
  if (p > 0.5) return -studentTUpperQuantile(1 - p, degreesOfFreedom)
  let low = 0
  let high = 1
  while (studentTUpperTail(high, degreesOfFreedom) > p) {
    low = high
    high *= 2
  }
  for (let step = 0; step < STEPS; step++) {
    const middle = (low + high) / 2
    if (middle === low || middle === high) break
    if (studentTUpperTail(middle, degreesOfFreedom) > p) low = middle
    else high = middle
  }
  return (low + high) / 2
}
