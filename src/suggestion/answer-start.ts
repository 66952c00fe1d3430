import type { PastSessions } from '../baseline/baseline.ts'
import { INJECTION_SCHEMA, type InjectionLine } from '../model/injection.ts'
import { type Stratum, SUGGESTION_SCHEMA, type SuggestionEvent } from '../model/suggestion.ts'
import { assignedEvents } from './agent-trials.ts'
import { type Assignment, assignSession, assignTreated, MAX_CONCURRENT } from './assignment.ts'
import { baselineRows } from './baseline-rows.ts'
import { type InjectedTokens, injectedText } from './injected-text.ts'
import type { SuggestionLife } from './suggestion-life.ts'

/** A session or subagent that begins. */
export interface Start {
  readonly sessionId: string
  readonly hook: 'SessionStart' | 'SubagentStart'
  /** Of a subagent. */
  readonly agentId?: string | undefined
  readonly agentType: string
  /** As far as it is known before the session does anything. */
  readonly stratum: Stratum
  /** Nothing was done in the session yet: only such a one may be assigned. */
  readonly isNew: boolean
  /** ISO 8601 in UTC. */
  readonly at: string
}

/** What is known of the agent type. */
export interface StartKnowledge {
  readonly lives: readonly SuggestionLife[]
  /** Oldest first. */
  readonly assignments: readonly Assignment[]
  readonly history: PastSessions | undefined
  readonly salt: string
  /** What was alarming about the last session, as Markdown; empty when nothing was. */
  readonly warning: string
}

export interface StartAnswer {
  /** Markdown; empty when there is nothing to say. */
  readonly text: string
  /** To be recorded before the text is given. */
  readonly events: readonly SuggestionEvent[]
  /** Absent where nothing is said. */
  readonly injection?: InjectionLine
}

/**
 * What a session is told at its start: what is usual for its agent type, what is proven, and of what is on trial that which
 * its arm has. A subagent is told the same, of its own agent type, and of what is on trial only where its session has that type.
 */
export function answerStart(start: Start, knowledge: StartKnowledge): StartAnswer {
  const { lives, history } = knowledge
  const active = lives.filter(({ state }) => state === 'active').slice(0, MAX_CONCURRENT)
  const proven = lives.filter(({ state }) => state === 'proven').slice(0, MAX_CONCURRENT - active.length)
  const { arms, events } = armsOf(start, active, knowledge)
  const candidates = [...proven, ...active]
  const suggestions = candidates.filter(({ id, state }) => state === 'proven' || arms[id] === 'treated')
  const { text, tokens, cost } = injectedText({
    warning: knowledge.warning,
    agentType: start.agentType,
    sessionCount: history?.sessionCount ?? 0,
    rows: history === undefined ? [] : baselineRows(history),
    suggestions,
    candidates: candidates.length,
  })
  return {
    text,
    events: [
      ...events,
      ...suggestions.map(({ id }) => injected(start, { id, tokens: tokens[id] ?? 0, characters: text.length })),
    ],
    ...(text !== '' && { injection: injectionLine(start, suggestions, cost, text.length) }),
  }
}

function injectionLine(
  { sessionId, agentId, agentType, hook, at }: Start,
  suggestions: readonly SuggestionLife[],
  cost: InjectedTokens,
  characters: number,
): InjectionLine {
  return {
    schema: INJECTION_SCHEMA,
    at,
    session_id: sessionId,
    ...(agentId !== undefined && { agent_id: agentId }),
    agent_type: agentType,
    hook,
    suggestion_ids: suggestions.map(({ id }) => id),
    ...cost,
    characters,
  }
}

function armsOf(
  { sessionId, hook, agentType, stratum, isNew, at }: Start,
  active: readonly SuggestionLife[],
  { assignments, salt }: StartKnowledge,
): { readonly arms: Assignment['arms']; readonly events: readonly SuggestionEvent[] } {
  const known = assignments.find((one) => one.sessionId === sessionId)
  if (known !== undefined) return { arms: known.arms, events: [] }
  // Only sessions are measured: a subagent's place in a block would never be filled.
  const mayBeAssigned = isNew && hook === 'SessionStart' && active.length > 0
  if (!mayBeAssigned) return { arms: {}, events: [] }
  const next = { salt, agentType, sessionId, suggestionIds: active.map(({ id }) => id), stratum }
  // A comparison of one that is compared with one that is not would be none.
  const assign = active.some(({ trial }) => trial?.decision === 'seed') ? assignTreated : assignSession
  const assignment = assign(next, assignments)
  return { arms: assignment.arms, events: assignedEvents(assignment, { agentType, at }) }
}

function injected(
  { sessionId, agentId, agentType, at }: Start,
  { id, tokens, characters }: { readonly id: string; readonly tokens: number; readonly characters: number },
): SuggestionEvent {
  return {
    schema: SUGGESTION_SCHEMA,
    at,
    event: 'injected',
    suggestion_id: id,
    agent_type: agentType,
    reason: 'put into the answer to the hook',
    session_id: sessionId,
    ...(agentId !== undefined && { agent_id: agentId }),
    tokens,
    characters,
  }
}
