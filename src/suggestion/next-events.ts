import type { LedgerLine } from '../model/assessment.ts'
import {
  type DecisionMode,
  type FrozenReference,
  SUGGESTION_SCHEMA,
  type SuggestionEvent,
} from '../model/suggestion.ts'
import { type EndedSession, measuredTrial, trialOf } from './agent-trials.ts'
import type { Assignment } from './assignment.ts'
import type { CompiledRule } from './rule.ts'
import type { SuggestionLife } from './suggestion-life.ts'
import { verdictEvents } from './verdict-events.ts'

const URGENCY = { CRITICAL: 0, HIGH: 1, MEDIUM: 2, LOW: 3 } as const satisfies Record<
  SuggestionLife['priority'],
  number
>

/**
 * What rules ask for after a session, as events. Those that are known already are among them: the ledger takes each once.
 *
 * @param at ISO 8601 in UTC
 */
export function proposedEvents(
  line: LedgerLine,
  rules: readonly CompiledRule[],
  at: string,
): readonly SuggestionEvent[] {
  return line.suggestions.flatMap(({ id, rule: name, priority, title, implementation, evidence }) => {
    const known = rules.find(({ rule }) => rule.name === name)
    if (known === undefined) return []
    const { kpi, direction, magnitude } = known.rule.impact
    return [
      {
        ...baseOf(id, line.agent_type, at),
        event: 'proposed' as const,
        reason: `the rule ${name} asked for it`,
        rule: name,
        priority,
        title,
        implementation,
        expected_impact: { kpi, direction, magnitude },
        session_id: line.session_id,
        evidence,
      },
    ]
  })
}

/**
 * The verdicts on what is on trial.
 *
 * @param lives of one agent type
 * @param ended sessions of the agent type, oldest first
 */
export function decidedEvents(
  lives: readonly SuggestionLife[],
  assignments: readonly Assignment[],
  ended: readonly EndedSession[],
  at: string,
): readonly SuggestionEvent[] {
  return lives.flatMap((life) => {
    if (life.state !== 'active') return []
    const trial = trialOf(life, assignments, ended)
    if (trial === undefined || life.trial === undefined) return []
    const measured = measuredTrial(life.trial, ended)
    return verdictEvents(life, trial, at).map((event) =>
      event.event === 'provisional' ? event : { ...event, trial: measured },
    )
  })
}

/** How many are on trial, and how they are decided. */
export interface TrialSettings {
  readonly decision: DecisionMode
  /** Of one agent type. */
  readonly maxActive: number
}

/**
 * What goes on trial now: the most urgent that are proposed, while there is room. What is proven and not promoted yet takes
 * its room too, since it is told to every session. The mission's rule needs a baseline: without one a suggestion waits.
 *
 * @param lives of one agent type
 * @param line the agent type's last session: its baselines are what the mission's rule compares with
 */
export function activatedEvents(
  lives: readonly SuggestionLife[],
  line: LedgerLine,
  { decision, maxActive }: TrialSettings,
  at: string,
): readonly SuggestionEvent[] {
  const taken = lives.filter(({ state }) => state === 'active' || state === 'proven').length
  const isComparable = (kpi: string): boolean => decision !== 'seed' || referenceOf(line, kpi) !== null
  return lives
    .filter(({ state, expectedImpact }) => state === 'proposed' && isComparable(expectedImpact.kpi))
    .toSorted((a, b) => URGENCY[a.priority] - URGENCY[b.priority])
    .slice(0, Math.max(0, maxActive - taken))
    .map(({ id, agentType, expectedImpact: { kpi, direction }, sourceSessionId }) => ({
      ...baseOf(id, agentType, at),
      event: 'activated',
      reason: `there was room for it: ${taken} of ${maxActive} were active`,
      decision,
      kpi,
      direction: direction === 'increase' ? 'higher' : 'lower',
      reference: referenceOf(line, kpi),
      trigger_session_id: sourceSessionId,
    }))
}

function referenceOf({ baselines, std_devs }: LedgerLine, kpi: string): FrozenReference | null {
  const mean = baselines[kpi]
  const stdDev = std_devs[kpi]
  return mean === undefined || stdDev === undefined ? null : { mean, std_dev: stdDev }
}

/** The event that a person's word is. @param at ISO 8601 in UTC */
export function handEvent(
  { id, agentType }: Pick<SuggestionLife, 'id' | 'agentType'>,
  event: 'disabled' | 'enabled' | 'promoted' | 'reverted',
  reason: string,
  at: string,
): SuggestionEvent {
  return { ...baseOf(id, agentType, at), event, reason }
}

function baseOf(id: string, agentType: string, at: string) {
  return { schema: SUGGESTION_SCHEMA, at, suggestion_id: id, agent_type: agentType }
}
