import type { Arm, DecisionNumbers, MeasuredSession, MeasuredTrial, SuggestionState } from '../model/suggestion.ts'
import { type EndedSession, measuredTrial, trialOf } from './agent-trials.ts'
import type { Assignment } from './assignment.ts'
import type { SuggestionLife } from './suggestion-life.ts'
import { decide } from './verdict-events.ts'

/** Version of the file's layout, as the mission has it. */
const VERSION = '1.0.0'

/** States that `optimizations/active.json` lists; a person may set `active` to `disabled` and back. */
const LISTED: readonly SuggestionState[] = ['active', 'proven', 'disabled']

/** `optimizations/active.json`: the mission's layout, and what a trial says. Times are ISO 8601 in UTC. */
export interface ActiveDocument {
  readonly version: string
  /** When something last changed; `null` before anything was. */
  readonly last_updated: string | null
  readonly suggestions: readonly ActiveSuggestion[]
}

/** `optimizations/archive.json`: what is over, and why. */
export interface ArchiveDocument {
  readonly version: string
  readonly suggestions: readonly (ActiveSuggestion & {
    readonly outcome: string
    readonly archived_at: string
    readonly archive_reason: string
  })[]
}

export interface ActiveSuggestion {
  readonly id: string
  readonly source_session: string
  readonly agent_type: string
  readonly activation_status: SuggestionState
  readonly activated_at: string | null
  readonly title: string
  readonly implementation_guidance: string
  readonly expected_impact: SuggestionLife['expectedImpact']
  /** Of the session that was assigned last. */
  readonly arm: Arm | null
  /** What is believed of it; `effect` on the KPI's scale, `change` in the KPI's unit, as shares. */
  readonly posterior: Readonly<Record<string, number>> | null
  /** Of `change`, with a probability of 90 %. */
  readonly interval: readonly [low: number, high: number] | null
  readonly decision_rule: string
  /** Over all sessions. */
  readonly injected_tokens: number
  readonly tracking: {
    readonly sessions_applied: readonly string[]
    readonly session_count: number
    readonly impact_results: readonly ImpactResult[]
    readonly effectiveness: string
    /** Of the sessions that had it, against the frozen baseline. */
    readonly avg_improvement: string | null
    readonly promotion_eligible: boolean
  }
}

interface ImpactResult {
  readonly session: string
  readonly kpi_before: number
  readonly kpi_after: number
  /** `null` where the baseline is 0. */
  readonly delta: string | null
}

/** What is known of an agent type. */
export interface AgentKnowledge {
  readonly lives: readonly SuggestionLife[]
  /** Oldest first. */
  readonly assignments: readonly Assignment[]
  /** Oldest first. */
  readonly ended: readonly EndedSession[]
}

export function activeDocument(agents: readonly AgentKnowledge[]): ActiveDocument {
  const since = agents.flatMap(({ lives }) => lives.map((life) => life.since)).toSorted()
  return {
    version: VERSION,
    last_updated: since.at(-1) ?? null,
    suggestions: listed(agents, LISTED).map(([one]) => one),
  }
}

export function archiveDocument(agents: readonly AgentKnowledge[]): ArchiveDocument {
  const suggestions = listed(agents, ['retired']).map(([one, { outcome, since, reason }]) => ({
    ...one,
    outcome: outcome ?? 'reverted',
    archived_at: since,
    archive_reason: reason,
  }))
  return { version: VERSION, suggestions }
}

function listed(
  agents: readonly AgentKnowledge[],
  states: readonly SuggestionState[],
): readonly (readonly [ActiveSuggestion, SuggestionLife])[] {
  return agents.flatMap((agent) =>
    agent.lives.filter(({ state }) => states.includes(state)).map((life) => [describe(life, agent), life] as const),
  )
}

function describe(life: SuggestionLife, agent: AgentKnowledge): ActiveSuggestion {
  const numbers = life.verdict?.evidence ?? standing(life, agent)
  const { change_low: low, change_high: high } = numbers
  return {
    id: life.id,
    source_session: life.sourceSessionId,
    agent_type: life.agentType,
    activation_status: life.state,
    activated_at: life.trial?.activatedAt ?? null,
    title: life.title,
    implementation_guidance: life.implementation,
    expected_impact: life.expectedImpact,
    arm: life.trial?.assignments.at(-1)?.arm ?? null,
    posterior: numbers.effect === undefined ? null : numbers,
    interval: low === undefined || high === undefined ? null : [low, high],
    decision_rule: life.verdict?.rule ?? 'undecided',
    injected_tokens: Object.values(life.trial?.injectedTokens ?? {}).reduce((sum, tokens) => sum + tokens, 0),
    tracking: trackingOf(life, agent),
  }
}

function standing(life: SuggestionLife, { assignments, ended }: AgentKnowledge): DecisionNumbers {
  // Without an assigned session, as while old telemetry is read, there is nothing to compare.
  if (life.trial === undefined || life.trial.assignments.length === 0) return {}
  const trial = trialOf(life, assignments, ended)
  return trial === undefined ? {} : decide(trial, life.trial.decision).evidence
}

const NO_SESSIONS: MeasuredTrial = { history: [], sessions: [] }

function trackingOf(life: SuggestionLife, { ended }: AgentKnowledge): ActiveSuggestion['tracking'] {
  const treated = new Set(life.trial?.assignments.filter(({ arm }) => arm === 'treated').map((one) => one.sessionId))
  const { sessions } =
    life.verdict?.trial ?? (life.trial === undefined ? NO_SESSIONS : measuredTrial(life.trial, ended))
  const applied = sessions.filter(({ session_id: id }) => treated.has(id))
  const results = applied.flatMap((session) => impactResult(life, session))
  const sign = life.trial?.direction === 'lower' ? -1 : 1
  const gains = results.flatMap(({ kpi_before: before, kpi_after: after }) =>
    before === 0 ? [] : [(sign * (after - before)) / Math.abs(before)],
  )
  const average = gains.reduce((sum, gain) => sum + gain, 0) / gains.length
  return {
    sessions_applied: applied.map(({ session_id: id }) => id),
    session_count: applied.length,
    impact_results: results,
    effectiveness: effectivenessOf(life),
    avg_improvement: gains.length === 0 ? null : percent(average),
    promotion_eligible: life.state === 'proven',
  }
}

function impactResult(
  { trial }: SuggestionLife,
  { session_id: session, measured }: MeasuredSession,
): readonly ImpactResult[] {
  if (measured === undefined || trial === undefined || trial.reference === null) return []
  const { value: after } = measured
  const { mean: before } = trial.reference
  const delta = before === 0 ? null : percent((after - before) / Math.abs(before))
  return [{ session, kpi_before: before, kpi_after: after, delta }]
}

function effectivenessOf({ state, outcome, trial }: SuggestionLife): string {
  if (state === 'proven' || state === 'promoted') return 'PROVEN'
  if (state === 'retired') return (outcome ?? 'reverted').toUpperCase()
  return trial?.provisional === undefined ? 'PENDING' : `PROVISIONALLY_${trial.provisional.verdict.toUpperCase()}`
}

function percent(share: number): string {
  const text = (share * 100).toFixed(0)
  return share < 0 ? `${text}%` : `+${text}%`
}
