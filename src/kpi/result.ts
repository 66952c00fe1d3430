import type { Note } from '../model/assessment.ts'

/** A measured KPI: `n` inputs from `sources`; `estimated` when a stand-in formula was used. */
export interface Measured {
  readonly value: number
  readonly n: number
  readonly sources: readonly string[]
  readonly estimated: boolean
  readonly note?: Finding
}

/** A KPI that cannot be measured, and why. */
export interface Absent {
  readonly absent: string
  readonly note?: Finding
}

/** A note of the KPI that is being computed. */
export type Finding = Pick<Note, 'code' | 'message'>

export type KpiResult = Measured | Absent

/** @returns the quotient, or why there is none: `nothing` is the reason when the divisor is 0 */
export function share(
  part: number,
  whole: number,
  nothing: string,
  evidence: Pick<Measured, 'n' | 'sources'> & Partial<Pick<Measured, 'estimated' | 'note'>>,
): KpiResult {
  return whole > 0 ? { value: part / whole, estimated: false, ...evidence } : { absent: nothing }
}
