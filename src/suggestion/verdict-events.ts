import {
  type DecisionMode,
  type ProvenEvent,
  type ProvisionalEvent,
  type RetiredEvent,
  SUGGESTION_SCHEMA,
} from '../model/suggestion.ts'
import { decideSeed, provisionalVerdict } from './decide-seed.ts'
import { decideTrial } from './decide-trial.ts'
import type { SuggestionLife } from './suggestion-life.ts'
import type { Decision, Trial } from './trial.ts'

/** Decides a trial by the rules that it was begun under. */
export function decide(trial: Trial, mode: DecisionMode): Decision {
  return mode === 'seed' ? decideSeed(trial) : decideTrial(trial, mode === 'strict')
}

/**
 * What is to be written into the ledger now that a session of a trial has ended: the provisional verdict, once, and the
 * final one. Nothing while the suggestion is not on trial, and nothing twice.
 *
 * @param at ISO 8601 in UTC
 */
export function verdictEvents(
  life: SuggestionLife,
  trial: Trial,
  at: string,
): readonly (ProvisionalEvent | ProvenEvent | RetiredEvent)[] {
  if (life.state !== 'active' || life.trial === undefined) return []
  const base = { schema: SUGGESTION_SCHEMA, at, suggestion_id: life.id, agent_type: life.agentType }
  const provisional = life.trial.provisional === undefined ? provisionalVerdict(trial) : undefined
  const { verdict, rule, reason, evidence } = decide(trial, life.trial.decision)
  const decided = { ...base, reason, decision_rule: rule, evidence }
  return [
    ...(provisional === undefined
      ? []
      : [{ ...base, event: 'provisional' as const, reason: PROVISIONAL_REASON, ...provisional }]),
    ...(verdict === 'proven' ? [{ ...decided, event: 'proven' as const }] : []),
    ...(verdict === 'continue' || verdict === 'proven'
      ? []
      : [{ ...decided, event: 'retired' as const, outcome: verdict }]),
  ]
}

const PROVISIONAL_REASON = 'the first three sessions with it, against the frozen baseline'
