import type { Session } from '../model/session.ts'
import { mean } from '../stats/mean.ts'
import { quantile } from '../stats/quantile.ts'
import type { KpiResult } from './result.ts'

/** Median of an evaluation's scores, 0 to 1. */
export function medianScore(session: Session, evaluation: string): KpiResult {
  return scoreOf(session, evaluation, (scores) => quantile(scores, 0.5))
}

/** Mean of an evaluation's scores, 0 to 1. */
export function meanScore(session: Session, evaluation: string): KpiResult {
  return scoreOf(session, evaluation, mean)
}

/** One number for all scores of an evaluation. */
export function scoreOf(
  { evaluations, sources }: Session,
  evaluation: string,
  summarise: (scores: readonly number[]) => number | undefined,
): KpiResult {
  const scores = evaluations[evaluation] ?? []
  const value = summarise(scores)
  // Joined, as in thresholds.ts: the ledger line becomes JSON in half the time.
  if (value === undefined) return { absent: ['no model has judged', evaluation].join(' ') }
  return { value, n: scores.length, sources, estimated: false }
}
