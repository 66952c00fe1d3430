import { SUGGESTION_SCHEMA, type SuggestionEvent } from '../model/suggestion.ts'
import { type EndedSession, measuredKpi, trialOf } from './agent-trials.ts'
import type { Assignment } from './assignment.ts'
import { regressionAfterPromotion } from './promotion-watch.ts'
import type { SuggestionLife } from './suggestion-life.ts'

/**
 * What is promoted and helps no more goes on trial again.
 *
 * @param lives of one agent type
 * @param ended sessions of the agent type, oldest first
 */
export function reopenedEvents(
  lives: readonly SuggestionLife[],
  assignments: readonly Assignment[],
  ended: readonly EndedSession[],
  at: string,
): readonly SuggestionEvent[] {
  return lives.flatMap((life) => {
    const trial = life.state === 'promoted' ? trialOf(life, assignments, ended) : undefined
    if (trial === undefined) return []
    const ofTrial = new Set(life.trial?.assignments.map(({ sessionId }) => sessionId))
    const after = ended
      .filter(({ sessionId, endedAt }) => endedAt > life.since && !ofTrial.has(sessionId))
      .map((session) => {
        const measured = measuredKpi(session, trial.kpi)
        return { stratum: session.stratum, ...(measured !== undefined && { measured }) }
      })
    const evidence = regressionAfterPromotion(trial, after)
    if (evidence === undefined) return []
    const base = { schema: SUGGESTION_SCHEMA, at, suggestion_id: life.id, agent_type: life.agentType }
    return [{ ...base, event: 'reopened' as const, reason: `${trial.kpi} fell back after the promotion`, evidence }]
  })
}
