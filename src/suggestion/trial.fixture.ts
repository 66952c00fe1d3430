import type { Arm } from '../model/suggestion.ts'
import type { HistorySession, Trial, TrialSession } from './trial.ts'

export const STRATUM = { model: 'claude-opus-5', agent_version: '2.1.328' }

/** Twenty sessions from 0.040 to 0.059. */
export const HISTORY: readonly HistorySession[] = Array.from({ length: 20 }, (_, i) => ({
  value: 0.04 + ((i * 7) % 20) / 1000,
  stratum: STRATUM,
}))

/** A trial of `opt-a`, without sessions. */
export const TRIAL: Trial = {
  suggestionId: 'opt-a',
  kpi: 'token_efficiency',
  direction: 'higher',
  history: HISTORY,
  reference: { mean: 0.05, std_dev: 0.006 },
  sessions: [],
}

/** Sessions of `opt-a` in blocks of two: each pair is one with it and one without it. */
export function pairs(values: readonly (readonly [treated: number, control: number])[]): readonly TrialSession[] {
  return values.flatMap(([treated, control], index) => [
    trialSession({ 'opt-a': 'treated' }, treated, { block: index + 1 }),
    trialSession({ 'opt-a': 'control' }, control, { block: index + 1 }),
  ])
}

export function trialSession(
  arms: Readonly<Record<string, Arm>>,
  value: number | undefined,
  more: Partial<TrialSession> = {},
): TrialSession {
  const measured = value === undefined ? {} : { measured: { value, inputs: 40 } }
  return { arms, block: 1, blockSize: 2, stratum: STRATUM, ...measured, ...more }
}
