import type { LedgerLine } from '../model/assessment.ts'

// As in the monitor: a shift of one standard deviation is to be found, and no single session decides.
const ALLOWANCE = 0.5
const MIN_SCORE = -2.5
const MAX_SCORE = 2

/** Between which two sessions a worsening began. */
export interface ChangePoint {
  /** The last session that was as usual; absent when the worsening is older than what is known. */
  readonly before?: LedgerLine
  readonly first: LedgerLine
}

/**
 * Estimates when a worsening began: with the session after the last one at which the CUSUM of the deviations was 0.
 *
 * @param lines of one agent type, oldest first
 * @returns `undefined` when no session is worse than its baseline
 */
export function changePointOf(lines: readonly LedgerLine[], metric: string): ChangePoint | undefined {
  let sum = 0
  let before: LedgerLine | undefined
  let first: LedgerLine | undefined
  for (const line of lines) {
    const deviation = line.deviations[metric]
    if (deviation === undefined) continue
    sum = Math.max(0, sum + Math.min(MAX_SCORE, Math.max(MIN_SCORE, deviation)) - ALLOWANCE)
    if (sum === 0) {
      before = line
      first = undefined
    } else {
      first ??= line
    }
  }
  if (first === undefined) return undefined
  return before === undefined ? { first } : { before, first }
}
