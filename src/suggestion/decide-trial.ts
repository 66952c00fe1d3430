import type { DecisionNumbers, DecisionRule } from '../model/suggestion.ts'
import { eValue, probabilityAbove } from '../stats/shrunken-effect.ts'
import { fastLane } from './fast-lane.ts'
import type { Decision, Trial, TrialSession } from './trial.ts'
import { PRIOR_STD_DEV, type TrialEffect, trialEffect } from './trial-effect.ts'

/** A trial is over with so many measured sessions. */
export const SESSION_LIMIT = 30
/** Or with so many sessions, where most do not have the KPI. */
const UNMEASURED_LIMIT = 90

const CONFIDENCE = 0.95
/** Better by 5 %: less is not worth its place in every session. */
const WORTH = Math.log(1.05)
const PROMOTE_FROM_EACH = 5
const HARM_FROM_EACH = 3
/** Hardly better by 10 %: more sessions would not change that. */
const HOPED_FOR = Math.log(1.1)
const MIN_HOPE = 0.1
const FUTILE_FROM_EACH = 8

/** Evidence that no effect gives once in 20 trials, however often one looks. */
const STRICT_E_VALUE = 20

/**
 * Decides a randomised trial: after the third session with the suggestion for effects of several times, then after every
 * full block, and for good with 30 sessions.
 *
 * @param strict only an e-value proves: it stays valid however often one looks
 */
export function decideTrial(trial: Trial, strict = false): Decision {
  const quick = strict ? undefined : fastLane(trial)
  if (quick !== undefined) {
    return decided('proven', 'fast_lane', { ...trialEffect(trial, trial.sessions)?.numbers, ...quick })
  }
  const measured = trial.sessions.filter((session) => session.measured !== undefined)
  const isLast = isAtLimit(trial)
  const sessions = isLast ? measured : trial.sessions.filter((session) => isOfClosedBlock(session, trial.sessions))
  const effect = trialEffect(trial, sessions)
  return effect === undefined ? withoutEffect(isLast, measured.length) : judge(effect, isLast, strict)
}

/** However a trial is decided, it ends. */
export function isAtLimit({ sessions }: Pick<Trial, 'sessions'>): boolean {
  const measured = sessions.filter((session) => session.measured !== undefined).length
  return measured >= SESSION_LIMIT || sessions.length >= UNMEASURED_LIMIT
}

function judge(effect: TrialEffect, isLast: boolean, strict: boolean): Decision {
  const { raw, shrunken } = effect
  const fewest = Math.min(effect.treated, effect.control)
  const probabilityWorse = 1 - probabilityAbove(shrunken, 0)
  const numbers = {
    ...effect.numbers,
    probability_worth: probabilityAbove(shrunken, WORTH),
    probability_hoped_for: probabilityAbove(shrunken, HOPED_FOR),
    ...(strict && { e_value: eValue(raw, PRIOR_STD_DEV) }),
  }
  if (fewest >= PROMOTE_FROM_EACH) {
    if (strict && (numbers.e_value ?? 0) >= STRICT_E_VALUE) return decided('proven', 'e_value', numbers)
    if (!strict && numbers.probability_worth >= CONFIDENCE) return decided('proven', 'posterior', numbers)
  }
  if (fewest >= HARM_FROM_EACH && probabilityWorse >= CONFIDENCE) {
    return decided('harmful', 'harm_stop', numbers)
  }
  if (fewest >= FUTILE_FROM_EACH && numbers.probability_hoped_for < MIN_HOPE) {
    return decided('futile', 'futility', numbers)
  }
  return isLast ? decided('ineffective', 'session_limit', numbers) : decided('continue', 'undecided', numbers)
}

function withoutEffect(isLast: boolean, sessions: number): Decision {
  return isLast ? decided('ineffective', 'session_limit', { sessions }) : decided('continue', 'undecided', { sessions })
}

/** Full, or left for another one: looking in the middle of a block would see arms of different length. */
function isOfClosedBlock({ block, blockSize }: TrialSession, all: readonly TrialSession[]): boolean {
  return all.at(-1)?.block !== block || all.filter((other) => other.block === block).length >= blockSize
}

const REASONS = {
  fast_lane: 'the first sessions with it are all better than the best before it and without it',
  posterior: 'it is at least 5 % better with a probability of 95 %',
  e_value: 'the evidence for it is 20 times what chance gives',
  seed_2_of_3: 'two of the first three sessions decide',
  harm_stop: 'it is worse with a probability of 95 %',
  futility: 'it is 10 % better with a probability below 10 %',
  session_limit: 'it is not proven after all sessions of a trial',
  undecided: 'the evidence does not suffice yet',
} as const satisfies Record<DecisionRule, string>

function decided(verdict: Decision['verdict'], rule: DecisionRule, evidence: DecisionNumbers): Decision {
  return { verdict, rule, reason: REASONS[rule], evidence }
}
