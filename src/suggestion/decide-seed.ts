import type { DecisionNumbers, FrozenReference } from '../model/suggestion.ts'
import { mean } from '../stats/mean.ts'
import { isAtLimit } from './decide-trial.ts'
import { armOf, type Decision, type Trial } from './trial.ts'

/** Sessions after which the mission decides. */
export const SEED_SESSIONS = 3
const BETTER_SESSIONS = 2
const BETTER_SHARE = 0.2

/** A reference below it is no measure of shares: then a standard deviation is. */
const NEAR_ZERO = 1e-9

/**
 * The mission's own rule: proven when the KPI of at least two of the first three sessions with the suggestion is more than
 * 20 % better than the baseline was when it was activated. No comparison, no chance: it promotes one useless suggestion of
 * six.
 */
export function decideSeed(trial: Trial): Decision {
  const changes = firstChanges(trial)
  const better = changes.filter((change) => change > BETTER_SHARE).length
  const evidence = { sessions: changes.length, better, ...changeNumbers(changes) }
  if (changes.length < SEED_SESSIONS) {
    if (isAtLimit(trial)) return { verdict: 'ineffective', rule: 'session_limit', reason: NOT_COMPARED, evidence }
    return { verdict: 'continue', rule: 'undecided', reason: 'fewer than three sessions', evidence }
  }
  const reason = `${better} of ${SEED_SESSIONS} sessions are more than 20 % better than the frozen baseline`
  return { verdict: better >= BETTER_SESSIONS ? 'proven' : 'ineffective', rule: 'seed_2_of_3', reason, evidence }
}

const NOT_COMPARED = 'fewer than three of all sessions of a trial have the KPI and a baseline to compare it with'

/** What three sessions look like to the mission's rule, for people who wait. */
export interface ProvisionalVerdict {
  readonly verdict: 'promising' | 'unclear' | 'worse'
  readonly evidence: DecisionNumbers
}

/** @returns `undefined` before the third session with the suggestion, or without a baseline */
export function provisionalVerdict(trial: Trial): ProvisionalVerdict | undefined {
  const changes = firstChanges(trial)
  if (changes.length < SEED_SESSIONS) return undefined
  const better = changes.filter((change) => change > BETTER_SHARE).length
  const worse = changes.filter((change) => change < -BETTER_SHARE).length
  const verdict = better >= BETTER_SESSIONS ? 'promising' : worse >= BETTER_SESSIONS ? 'worse' : 'unclear'
  return { verdict, evidence: { better, worse, ...changeNumbers(changes) } }
}

/** How much better the first three sessions with the suggestion are than the frozen reference. */
function firstChanges({ suggestionId, direction, reference, sessions }: Trial): readonly number[] {
  if (reference === undefined) return []
  const values = sessions
    .filter((session) => armOf(session, suggestionId) === 'treated')
    .flatMap(({ measured }) => (measured === undefined ? [] : [measured.value]))
    .slice(0, SEED_SESSIONS)
  const sign = direction === 'higher' ? 1 : -1
  return values.map((value) => sign * changeFrom(value, reference))
}

/** Share of the reference; of its standard deviation where it is 0. */
function changeFrom(value: number, { mean: usual, std_dev: stdDev }: FrozenReference): number {
  const distance = value - usual
  if (Math.abs(usual) > NEAR_ZERO) return distance / Math.abs(usual)
  return distance === 0 ? 0 : distance / Math.max(stdDev, NEAR_ZERO)
}

function changeNumbers(changes: readonly number[]): DecisionNumbers {
  const average = mean(changes)
  return {
    ...Object.fromEntries(changes.map((change, index) => [`change_${index + 1}`, change] as const)),
    ...(average !== undefined && { average_change: average }),
  }
}
