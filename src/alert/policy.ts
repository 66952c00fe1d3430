import type { Alert, LedgerLine } from '../model/assessment.ts'
import { mergeAlerts } from './alert-level.ts'
import type { Monitors } from './monitor.ts'
import { type ComparedSession, seedPolicy } from './seed-policy.ts'
import { standardPolicy } from './standard-policy.ts'

/** `standard`: this project's rules, with stated false-alarm rates. `seed`: the mission's matrix, literally. */
export type Policy = 'standard' | 'seed'

/** What is known of an agent type's sessions before one. */
export interface Before {
  readonly monitors: Monitors
  /** Oldest first; the last two are enough. */
  readonly sessions: readonly ComparedSession[]
}

/** @returns the alerts of a session, at most one for each KPI, the worst first */
export function judgeSession(
  policy: Policy,
  line: Pick<LedgerLine, 'kpis' | 'evidence' | 'notes' | 'baselines' | 'deviations' | 'custom_kpis'>,
  before: Before,
): readonly Alert[] {
  return mergeAlerts(policy === 'seed' ? seedPolicy(line, before.sessions) : standardPolicy(line, before.monitors))
}
