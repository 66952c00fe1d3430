import type { SuggestionPriority } from './assessment.ts'

/** Version of {@link SuggestionEvent}; a reader refuses lines of a newer one. */
export const SUGGESTION_SCHEMA = 1

/**
 * Where a suggestion is in its life. `proposed`: a rule wants it; `active`: on trial; `proven`: the trial says that it helps;
 * `promoted`: part of the agent's own file; `retired`: over, whatever its outcome; `disabled`: switched off by hand.
 */
export type SuggestionState = 'proposed' | 'active' | 'proven' | 'promoted' | 'retired' | 'disabled'

/** Whether a session gets a suggestion on trial, or serves for comparison. */
export type Arm = 'treated' | 'control'

/** What a trial ended with, or what a promoted suggestion was taken back for. */
export type RetirementOutcome = 'ineffective' | 'harmful' | 'futile' | 'reverted'

/**
 * How trials are decided. `trial`: randomised, by the shrunken effect. `strict`: randomised, by an e-value, for changes
 * that nobody looks at. `seed`: the mission's own rule, 20 % better in 2 of 3 sessions, without a comparison.
 */
export type DecisionMode = 'trial' | 'strict' | 'seed'

/** Which rule decided; `undecided` while none does. */
export type DecisionRule =
  | 'posterior'
  | 'fast_lane'
  | 'e_value'
  | 'seed_2_of_3'
  | 'harm_stop'
  | 'futility'
  | 'session_limit'
  | 'undecided'

/** What is only compared with its like: sessions of one model and one version of the agent's program. */
export interface Stratum {
  readonly model: string | null
  readonly agent_version: string | null
}

/** A usual value that no later session changes, in the KPI's unit. */
export interface FrozenReference {
  readonly mean: number
  readonly std_dev: number
}

/** Numbers that a decision rests on, by their names. */
export type DecisionNumbers = Readonly<Record<string, number>>

interface EventBase {
  readonly schema: number
  /** ISO 8601 in UTC. */
  readonly at: string
  readonly suggestion_id: string
  readonly agent_type: string
  /** In words. */
  readonly reason: string
  /** The ledger line that it follows from; absent where a hook or a person brought it about. */
  readonly after?: LedgerLineName
}

/** Names a line of `history/kpis.jsonl`. */
export interface LedgerLineName {
  readonly session_id: string
  readonly revision: number
}

/** What a suggestion is expected to change, as its rule had it. */
export interface SuggestedImpact {
  readonly kpi: string
  readonly direction: 'increase' | 'decrease'
  /** In words: `10-20x`. */
  readonly magnitude: string
}

/** A rule asked for it after a session. What it says does not change any more, whatever becomes of the rule. */
export interface ProposedEvent extends EventBase {
  readonly event: 'proposed'
  readonly rule: string
  readonly priority: SuggestionPriority
  readonly title: string
  /** What to do. */
  readonly implementation: string
  readonly expected_impact: SuggestedImpact
  readonly session_id: string
  /** The numbers that speak for it, in words. */
  readonly evidence: string
}

/** It goes on trial. */
export interface ActivatedEvent extends EventBase {
  readonly event: 'activated'
  readonly decision: DecisionMode
  readonly kpi: string
  /** Which direction is better. */
  readonly direction: 'higher' | 'lower'
  /** The agent type's baseline of the KPI at this moment; `null` where there is none. */
  readonly reference: FrozenReference | null
  /** Session before which the history ends that the trial is compared with: the one that it was proposed after. */
  readonly trigger_session_id: string
}

/** The arm of a session, decided before the session does anything. */
export interface AssignedEvent extends EventBase {
  readonly event: 'assigned'
  readonly session_id: string
  readonly arm: Arm
  /** Blocks of an agent type are counted from 1. */
  readonly block: number
  /** Sessions of a full block. */
  readonly block_size: number
  /** Place in the block, from 0. */
  readonly place: number
  readonly stratum: Stratum
}

/** It was put into a session. */
export interface InjectedEvent extends EventBase {
  readonly event: 'injected'
  readonly session_id: string
  /** The subagent that it was said to; absent for the main agent. */
  readonly agent_id?: string
  readonly tokens: number
  /** Of all that was said to the session, tables included. */
  readonly characters?: number
}

/** What three sessions look like; decides nothing. */
export interface ProvisionalEvent extends EventBase {
  readonly event: 'provisional'
  readonly verdict: 'promising' | 'unclear' | 'worse'
  readonly evidence: DecisionNumbers
}

/** The sessions of a trial, as they were when it was decided: later ones push them out of what is kept in mind. */
export interface MeasuredTrial {
  /** The last ones with the KPI before the suggestion was proposed, oldest first. */
  readonly history: readonly { readonly value: number; readonly stratum: Stratum }[]
  /** Those of the trial that had ended, oldest first. */
  readonly sessions: readonly MeasuredSession[]
}

export interface MeasuredSession {
  readonly session_id: string
  readonly stratum: Stratum
  /** The KPI and the number of inputs that it rests on; absent where it could not be measured. */
  readonly measured?: { readonly value: number; readonly inputs: number }
}

export interface ProvenEvent extends EventBase {
  readonly event: 'proven'
  readonly decision_rule: DecisionRule
  readonly evidence: DecisionNumbers
  readonly trial?: MeasuredTrial
}

export interface RetiredEvent extends EventBase {
  readonly event: 'retired'
  readonly outcome: Exclude<RetirementOutcome, 'reverted'>
  readonly decision_rule: DecisionRule
  readonly evidence: DecisionNumbers
  readonly trial?: MeasuredTrial
}

/** Written into the agent's own file. */
export interface PromotedEvent extends EventBase {
  readonly event: 'promoted'
}

/** By hand. */
export interface DisabledEvent extends EventBase {
  readonly event: 'disabled'
}

/** By hand: what was disabled may be tried again. */
export interface EnabledEvent extends EventBase {
  readonly event: 'enabled'
}

/** By hand: taken out of the agent's own file. */
export interface RevertedEvent extends EventBase {
  readonly event: 'reverted'
}

/** The KPI got worse after promotion: it goes on trial again. */
export interface ReopenedEvent extends EventBase {
  readonly event: 'reopened'
  readonly evidence: DecisionNumbers
}

/** A line of `history/suggestions.jsonl`. */
export type SuggestionEvent =
  | ProposedEvent
  | ActivatedEvent
  | AssignedEvent
  | InjectedEvent
  | ProvisionalEvent
  | ProvenEvent
  | RetiredEvent
  | PromotedEvent
  | DisabledEvent
  | EnabledEvent
  | RevertedEvent
  | ReopenedEvent
