import { mean } from './mean.ts'
import { studentTUpperTail } from './student-t.ts'

/**
 * Welch's t-test, one-sided: the probability of a difference at least this large while the means are the same.
 *
 * @param above values that may lie higher, at least two
 * @param others at least two
 * @param minStdDev values that scatter less are taken to scatter so much
 * @returns `undefined` with fewer values, or when nothing scatters
 */
export function welchUpperTail(
  above: readonly number[],
  others: readonly number[],
  minStdDev: number,
): number | undefined {
  const a = momentsOf(above, minStdDev)
  const b = momentsOf(others, minStdDev)
  if (a === undefined || b === undefined) return undefined
  const square = a.error + b.error
  if (square === 0) return undefined
  const degrees = square ** 2 / (a.error ** 2 / (a.n - 1) + b.error ** 2 / (b.n - 1))
  return studentTUpperTail((a.mean - b.mean) / Math.sqrt(square), degrees)
}

/** `error`: squared standard error of the mean. */
function momentsOf(values: readonly number[], minStdDev: number) {
  const middle = mean(values)
  const n = values.length
  if (middle === undefined || n < 2) return undefined
  let squares = 0
  for (const value of values) squares += (value - middle) ** 2
  return { n, mean: middle, error: Math.max(squares / (n - 1), minStdDev ** 2) / n }
}
