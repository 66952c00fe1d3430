import type {
  ActivatedEvent,
  DecisionNumbers,
  DecisionRule,
  FrozenReference,
  MeasuredTrial,
  ProposedEvent,
  ProvenEvent,
  ProvisionalEvent,
  RetiredEvent,
  RetirementOutcome,
  SuggestedImpact,
  SuggestionEvent,
  SuggestionState,
} from '../model/suggestion.ts'
import type { Assignment } from './assignment.ts'

/** Everything that is known of one suggestion. */
export interface SuggestionLife {
  readonly id: string
  readonly agentType: string
  readonly state: SuggestionState
  /** Since when it is in this state: ISO 8601 in UTC. */
  readonly since: string
  /** Why it is in this state, in words. */
  readonly reason: string
  readonly rule: string
  readonly priority: ProposedEvent['priority']
  readonly title: string
  /** What to do. */
  readonly implementation: string
  readonly expectedImpact: SuggestedImpact
  /** Session after which it was proposed first. */
  readonly sourceSessionId: string
  /** The last trial, if there was one. */
  readonly trial?: TrialLife
  /** Set when it is retired. */
  readonly outcome?: RetirementOutcome
  /** What proved or retired it. */
  readonly verdict?: Verdict
}

export interface Verdict {
  readonly rule: DecisionRule
  readonly evidence: DecisionNumbers
  readonly trial?: MeasuredTrial
}

/** A trial from its activation on. */
export interface TrialLife extends Pick<ActivatedEvent, 'decision' | 'kpi' | 'direction'> {
  readonly activatedAt: string
  readonly triggerSessionId: string
  readonly reference: FrozenReference | null
  /** Sessions that were assigned, oldest first. */
  readonly assignments: readonly TrialAssignment[]
  /** Tokens by the session that they were put into. */
  readonly injectedTokens: Readonly<Record<string, number>>
  /** Characters of all that was said to an agent at its start: by session, of subagents by their own id. */
  readonly injectedCharacters: Readonly<Record<string, number>>
  readonly provisional?: Pick<ProvisionalEvent, 'verdict' | 'evidence'>
}

export interface TrialAssignment extends Omit<Assignment, 'arms'> {
  readonly arm: Assignment['arms'][string]
}

/** An event that does not fit the life so far, and changes nothing. */
export type Refusal = 'unknown_suggestion' | 'already_known' | 'assigned_already' | `not_from_${SuggestionState}`

/** Which states an event may come in; one that is proposed has none before. */
const MAY_FOLLOW: Readonly<Record<Exclude<SuggestionEvent['event'], 'proposed'>, readonly SuggestionState[]>> = {
  activated: ['proposed'],
  assigned: ['active'],
  // What is proven or promoted may still be put into sessions that are open.
  injected: ['active', 'proven', 'promoted', 'retired', 'disabled'],
  provisional: ['active'],
  proven: ['active'],
  retired: ['active', 'proven'],
  promoted: ['proven'],
  disabled: ['proposed', 'active', 'proven'],
  enabled: ['disabled'],
  reverted: ['promoted'],
  reopened: ['promoted'],
}

/**
 * What becomes of a suggestion by an event. Retired ones stay retired; disabled and promoted ones are changed by people, or
 * by a regression after promotion, never by their trial.
 */
export function applyEvent(
  life: SuggestionLife | undefined,
  event: SuggestionEvent,
): { readonly life: SuggestionLife } | { readonly refused: Refusal } {
  if (event.event === 'proposed') return life === undefined ? { life: newLife(event) } : { refused: 'already_known' }
  if (life === undefined) return { refused: 'unknown_suggestion' }
  if (!MAY_FOLLOW[event.event].includes(life.state)) return { refused: `not_from_${life.state}` }
  if (event.event === 'assigned' && isAssigned(life, event.session_id)) return { refused: 'assigned_already' }
  return { life: changed(life, event) }
}

/** All suggestions, by id, and the events that were refused with the reason of each. */
export interface SuggestionLives {
  readonly lives: ReadonlyMap<string, SuggestionLife>
  readonly refused: readonly { readonly event: SuggestionEvent; readonly refusal: Refusal }[]
}

/** @param events oldest first, as they lie in the ledger */
export function foldEvents(events: Iterable<SuggestionEvent>): SuggestionLives {
  const lives = new Map<string, SuggestionLife>()
  const refused: SuggestionLives['refused'][number][] = []
  for (const event of events) {
    const result = applyEvent(lives.get(event.suggestion_id), event)
    if ('life' in result) lives.set(event.suggestion_id, result.life)
    else refused.push({ event, refusal: result.refused })
  }
  return { lives, refused }
}

function newLife(event: ProposedEvent): SuggestionLife {
  const { suggestion_id: id, agent_type: agentType, session_id: sourceSessionId, at, reason } = event
  const { rule, priority, title, implementation, expected_impact: expectedImpact } = event
  const what = { rule, priority, title, implementation, expectedImpact }
  return { id, agentType, state: 'proposed', since: at, reason, ...what, sourceSessionId }
}

function changed(life: SuggestionLife, event: Exclude<SuggestionEvent, ProposedEvent>): SuggestionLife {
  const into = (state: SuggestionState): SuggestionLife => ({ ...life, state, since: event.at, reason: event.reason })
  switch (event.event) {
    case 'activated':
      return { ...into('active'), trial: newTrial(event) }
    case 'assigned':
    case 'injected':
    case 'provisional':
      return life.trial === undefined ? life : { ...life, trial: trialAfter(life.trial, event) }
    case 'proven':
      return { ...into('proven'), verdict: verdictOf(event) }
    case 'retired':
      return { ...into('retired'), outcome: event.outcome, verdict: verdictOf(event) }
    case 'promoted':
      return into('promoted')
    case 'disabled':
      return into('disabled')
    case 'enabled':
    case 'reopened':
      return withoutVerdict(into('proposed'))
    case 'reverted':
      return { ...into('retired'), outcome: 'reverted' }
  }
}

function verdictOf({ decision_rule: rule, evidence, trial }: ProvenEvent | RetiredEvent): Verdict {
  return { rule, evidence, ...(trial !== undefined && { trial }) }
}

/** What is tried again must be proven again: by a trial of its own, from its activation on. */
function withoutVerdict({ verdict: _verdict, trial: _trial, ...life }: SuggestionLife): SuggestionLife {
  return life
}

function newTrial(event: ActivatedEvent): TrialLife {
  const { decision, kpi, direction, at: activatedAt, trigger_session_id: triggerSessionId, reference } = event
  return {
    decision,
    kpi,
    direction,
    activatedAt,
    triggerSessionId,
    reference,
    assignments: [],
    injectedTokens: {},
    injectedCharacters: {},
  }
}

function trialAfter(
  trial: TrialLife,
  event: Extract<SuggestionEvent, { event: 'assigned' | 'injected' | 'provisional' }>,
): TrialLife {
  if (event.event === 'assigned') {
    const { session_id: sessionId, arm, block, block_size: blockSize, place, stratum } = event
    return { ...trial, assignments: [...trial.assignments, { sessionId, arm, block, blockSize, place, stratum }] }
  }
  if (event.event === 'injected') {
    const before = trial.injectedTokens[event.session_id] ?? 0
    const { session_id: id, agent_id: agentId = id, tokens, characters } = event
    return {
      ...trial,
      injectedTokens: { ...trial.injectedTokens, [id]: before + tokens },
      ...(characters !== undefined && {
        injectedCharacters: { ...trial.injectedCharacters, [agentId]: characters },
      }),
    }
  }
  return { ...trial, provisional: { verdict: event.verdict, evidence: event.evidence } }
}

function isAssigned({ trial }: SuggestionLife, sessionId: string): boolean {
  return trial?.assignments.some((one) => one.sessionId === sessionId) ?? false
}
