import type { Session } from '../../model/session.ts'
import { scoreOf } from '../quality.ts'
import type { KpiResult } from '../result.ts'

/** The mission's median: of an even number of scores the upper of the two in the middle. */
export function seedMedianScore(session: Session, evaluation: string): KpiResult {
  return scoreOf(session, evaluation, (scores) => scores.toSorted((a, b) => a - b)[Math.floor(scores.length / 2)])
}
