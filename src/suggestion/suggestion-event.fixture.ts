import { SUGGESTION_SCHEMA, type SuggestionEvent } from '../model/suggestion.ts'
import { foldEvents, type SuggestionLife } from './suggestion-life.ts'

const BASE = {
  schema: SUGGESTION_SCHEMA,
  at: '2026-11-20T12:00:00.000Z',
  suggestion_id: 'opt-a',
  agent_type: 'reviewer',
  reason: 'because',
}
const EVIDENCE = { effect: 0.4 }
const STRATUM = { model: 'claude-opus-5', agent_version: '2.1.328' }

/** One event of each kind, all of one suggestion. */
const BY_NAME: { readonly [Name in SuggestionEvent['event']]: Extract<SuggestionEvent, { event: Name }> } = {
  proposed: {
    ...BASE,
    event: 'proposed',
    rule: 'batch-tasks',
    priority: 'HIGH',
    title: 'Batch tasks',
    implementation: 'Create all tasks together at the beginning.',
    expected_impact: { kpi: 'tool_overhead_ratio', direction: 'decrease', magnitude: '~50%' },
    session_id: 's0',
    evidence: '26 of 41',
  },
  activated: {
    ...BASE,
    event: 'activated',
    decision: 'trial',
    kpi: 'tool_overhead_ratio',
    direction: 'lower',
    reference: { mean: 0.42, std_dev: 0.11 },
    trigger_session_id: 's0',
  },
  assigned: {
    ...BASE,
    event: 'assigned',
    session_id: 's1',
    arm: 'treated',
    block: 1,
    block_size: 2,
    place: 0,
    stratum: STRATUM,
  },
  injected: { ...BASE, event: 'injected', session_id: 's1', tokens: 60, characters: 480 },
  provisional: { ...BASE, event: 'provisional', verdict: 'promising', evidence: EVIDENCE },
  proven: { ...BASE, event: 'proven', decision_rule: 'posterior', evidence: EVIDENCE },
  retired: { ...BASE, event: 'retired', outcome: 'ineffective', decision_rule: 'session_limit', evidence: EVIDENCE },
  promoted: { ...BASE, event: 'promoted' },
  disabled: { ...BASE, event: 'disabled' },
  enabled: { ...BASE, event: 'enabled' },
  reverted: { ...BASE, event: 'reverted' },
  reopened: { ...BASE, event: 'reopened', evidence: EVIDENCE },
}

export const EVENTS: readonly SuggestionEvent['event'][] = Object.values(BY_NAME).map(({ event }) => event)

/** @returns an object of its own each time */
export function eventOf(name: SuggestionEvent['event']): SuggestionEvent {
  return { ...BY_NAME[name] }
}

/** The suggestion after some events. */
export function life(...names: readonly SuggestionEvent['event'][]): SuggestionLife | undefined {
  return foldEvents(names.map(eventOf)).lives.get('opt-a')
}
