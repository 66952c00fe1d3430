import type { Arm, DecisionNumbers, DecisionRule, FrozenReference, Stratum } from '../model/suggestion.ts'

/** A session that has ended, with the arms that it was assigned before it began. */
export interface TrialSession {
  /** By suggestion: of those that were on trial at the same time too. */
  readonly arms: Readonly<Record<string, Arm>>
  readonly block: number
  readonly blockSize: number
  readonly stratum: Stratum
  /** The KPI; absent where it could not be measured. */
  readonly measured?: MeasuredKpi
}

export interface MeasuredKpi {
  readonly value: number
  /** Number of inputs that the value rests on. */
  readonly inputs: number
}

/** A session from before the suggestion was proposed. */
export interface HistorySession {
  readonly value: number
  readonly stratum: Stratum
}

/** What is known about one suggestion on trial: the decision is a function of it. */
export interface Trial {
  readonly suggestionId: string
  readonly kpi: string
  /** Which direction is better. */
  readonly direction: 'higher' | 'lower'
  /** Oldest first; the session after which it was proposed and later ones are not among them. */
  readonly history: readonly HistorySession[]
  /** Frozen when the trial began; absent where there was no baseline. */
  readonly reference?: FrozenReference
  /** In the order in which they were assigned; those that have not ended are left out. */
  readonly sessions: readonly TrialSession[]
}

export interface Decision {
  readonly verdict: 'continue' | 'proven' | 'ineffective' | 'harmful' | 'futile'
  readonly rule: DecisionRule
  /** In words. */
  readonly reason: string
  readonly evidence: DecisionNumbers
}

/** @returns the arm of a session; sessions from before the suggestion was on trial count as without it */
export function armOf({ arms }: Pick<TrialSession, 'arms'>, suggestionId: string): Arm {
  return arms[suggestionId] ?? 'control'
}
