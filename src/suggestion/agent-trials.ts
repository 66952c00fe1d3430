import type { AssignedEvent, MeasuredSession, MeasuredTrial, Stratum, SuggestionEvent } from '../model/suggestion.ts'
import { SUGGESTION_SCHEMA } from '../model/suggestion.ts'
import type { Assignment } from './assignment.ts'
import type { SuggestionLife, TrialLife } from './suggestion-life.ts'
import type { HistorySession, MeasuredKpi, Trial, TrialSession } from './trial.ts'

/** So many sessions from before the suggestion are compared with at most. */
const HISTORY = 20

/** A session that has ended, as far as trials need it. */
export interface EndedSession {
  readonly sessionId: string
  /** ISO 8601 in UTC. */
  readonly endedAt: string
  readonly kpis: Readonly<Record<string, number>>
  /** Number of inputs that each KPI rests on. */
  readonly inputs: Readonly<Record<string, number>>
  readonly stratum: Stratum
}

/** The assignments that events tell of, oldest first: those of one session, one for each suggestion, are put together. */
export function assignmentsOf(events: Iterable<SuggestionEvent>, agentType: string): readonly Assignment[] {
  const bySession = new Map<string, Assignment>()
  for (const event of events) {
    if (event.event !== 'assigned' || event.agent_type !== agentType) continue
    const { session_id: sessionId, suggestion_id: id, arm, block, block_size: blockSize, place, stratum } = event
    const known = bySession.get(sessionId) ?? { sessionId, arms: {}, block, blockSize, place, stratum }
    // The first word counts: an arm that changed later would not be random any more.
    if (Object.hasOwn(known.arms, id)) continue
    bySession.set(sessionId, { ...known, arms: { ...known.arms, [id]: arm } })
  }
  return [...bySession.values()]
}

/** The events that log an assignment, to be written before the session begins: one for each suggestion. */
export function assignedEvents(
  assignment: Assignment,
  { agentType, at }: { readonly agentType: string; readonly at: string },
): readonly AssignedEvent[] {
  const { sessionId, arms, block, blockSize, place, stratum } = assignment
  return Object.entries(arms).map(([id, arm]) => ({
    schema: SUGGESTION_SCHEMA,
    at,
    event: 'assigned',
    suggestion_id: id,
    agent_type: agentType,
    reason: `place ${place + 1} of ${blockSize} in block ${block}`,
    session_id: sessionId,
    arm,
    block,
    block_size: blockSize,
    place,
    stratum,
  }))
}

/**
 * The trial of a suggestion, from its life and the sessions that have ended. One that is decided rests on the sessions that
 * decided it.
 *
 * @param assignments of its agent type, oldest first
 * @param ended sessions of its agent type, oldest first
 * @returns `undefined` for a suggestion that was never on trial
 */
export function trialOf(
  { id, trial, verdict }: SuggestionLife,
  assignments: readonly Assignment[],
  ended: readonly EndedSession[],
): Trial | undefined {
  if (trial === undefined) return undefined
  const { kpi, direction, reference } = trial
  const own = new Set(trial.assignments.map(({ sessionId }) => sessionId))
  const { history, sessions } = verdict?.trial ?? measuredTrial(trial, ended)
  const byId = new Map(sessions.map((session) => [session.session_id, session]))
  return {
    suggestionId: id,
    kpi,
    direction,
    ...(reference !== null && { reference }),
    history,
    sessions: assignments
      .filter(({ sessionId }) => own.has(sessionId))
      .flatMap((assignment) => trialSession(assignment, byId.get(assignment.sessionId))),
  }
}

/** What of the sessions that have ended a trial rests on. @param ended oldest first */
export function measuredTrial(
  { kpi, triggerSessionId, assignments }: TrialLife,
  ended: readonly EndedSession[],
): MeasuredTrial {
  const own = new Set(assignments.map(({ sessionId }) => sessionId))
  const trigger = ended.findIndex(({ sessionId }) => sessionId === triggerSessionId)
  const before = trigger < 0 ? [] : ended.slice(0, trigger)
  return {
    history: before.flatMap((session) => historySession(session, kpi)).slice(-HISTORY),
    sessions: ended.filter(({ sessionId }) => own.has(sessionId)).map((session) => measuredSession(session, kpi)),
  }
}

function historySession({ kpis, stratum }: EndedSession, kpi: string): readonly HistorySession[] {
  const value = kpis[kpi]
  return value === undefined ? [] : [{ value, stratum }]
}

function measuredSession(session: EndedSession, kpi: string): MeasuredSession {
  const measured = measuredKpi(session, kpi)
  return { session_id: session.sessionId, stratum: session.stratum, ...(measured !== undefined && { measured }) }
}

function trialSession(
  { arms, block, blockSize, stratum: assigned }: Assignment,
  session: MeasuredSession | undefined,
): readonly TrialSession[] {
  if (session === undefined) return []
  // A session that has ended says more than was known before it.
  const stratum = {
    model: session.stratum.model ?? assigned.model,
    agent_version: session.stratum.agent_version ?? assigned.agent_version,
  }
  return [{ arms, block, blockSize, stratum, ...(session.measured !== undefined && { measured: session.measured }) }]
}

export function measuredKpi({ kpis, inputs }: EndedSession, kpi: string): MeasuredKpi | undefined {
  const value = kpis[kpi]
  return value === undefined ? undefined : { value, inputs: inputs[kpi] ?? 1 }
}
