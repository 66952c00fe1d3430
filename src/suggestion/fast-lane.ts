import type { DecisionNumbers } from '../model/suggestion.ts'
import { armOf, type Trial, type TrialSession } from './trial.ts'

/** So many sessions are enough for an effect that nobody can overlook. */
const TREATED = 3

/** With so many sessions before, three better ones come by chance once in `(23 over 3)` = 1771 times. */
const HISTORY = 20

/**
 * The quick way for a large effect, looked at exactly once: the first three sessions with the suggestion are all better than
 * the best of the 20 before it was proposed, and than every session of the trial in which nothing was on. Where others are
 * on trial too, it waits until each of them was off in one of the sessions: the effect could be theirs.
 *
 * @returns the numbers that show it; `undefined` when it does not apply
 */
export function fastLane({ suggestionId, direction, history, sessions }: Trial): DecisionNumbers | undefined {
  const last = lastOfFirst(sessions, suggestionId)
  const before = history.slice(-HISTORY)
  if (last === undefined || before.length < HISTORY) return undefined
  const seen = sessions.slice(0, last + 1)
  const treated = seen.filter((session) => armOf(session, suggestionId) === 'treated')
  // Models differ by more than suggestions do.
  if (!before.every(({ stratum }) => treated.every((session) => mayBeSameStratum(stratum, session.stratum)))) {
    return undefined
  }
  const nothingOn = seen.filter(({ arms }) => Object.values(arms).every((arm) => arm === 'control'))
  const best = bestOf([...before.map(({ value }) => value), ...valuesOf(nothingOn)], direction)
  const values = valuesOf(treated)
  const worst = -bestOf(
    values.map((value) => -value),
    direction,
  )
  const isBetter = direction === 'higher' ? worst > best : worst < best
  return isBetter ? { treated: values.length, worst_treated: worst, best_before: best, history: HISTORY } : undefined
}

/** @returns the index of the session with which there is enough to look at */
function lastOfFirst(sessions: readonly TrialSession[], suggestionId: string): number | undefined {
  const others = new Set<string>()
  const offOnce = new Set<string>()
  let treated = 0
  for (const [index, session] of sessions.entries()) {
    if (session.measured === undefined || armOf(session, suggestionId) !== 'treated') continue
    treated += 1
    for (const [id, arm] of Object.entries(session.arms)) {
      if (id !== suggestionId) others.add(id)
      if (arm === 'control') offOnce.add(id)
    }
    if (treated >= TREATED && [...others].every((id) => offOnce.has(id))) return index
  }
  return undefined
}

function valuesOf(sessions: readonly TrialSession[]): readonly number[] {
  return sessions.flatMap(({ measured }) => (measured === undefined ? [] : [measured.value]))
}

function bestOf(values: readonly number[], direction: Trial['direction']): number {
  return direction === 'higher' ? Math.max(...values) : Math.min(...values)
}

/** What is not known may be the same. */
function mayBeSameStratum(a: TrialSession['stratum'], b: TrialSession['stratum']): boolean {
  const mayBe = (one: string | null, other: string | null): boolean => one === null || other === null || one === other
  return mayBe(a.model, b.model) && mayBe(a.agent_version, b.agent_version)
}
