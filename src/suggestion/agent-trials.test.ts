import { expect, test } from 'vitest'
import type { SuggestionEvent } from '../model/suggestion.ts'
import { assignedEvents, assignmentsOf, type EndedSession, trialOf } from './agent-trials.ts'
import { type Assignment, assignSession } from './assignment.ts'
import { eventOf } from './suggestion-event.fixture.ts'
import { foldEvents } from './suggestion-life.ts'
import { verdictEvents } from './verdict-events.ts'

const AT = '2026-11-20T12:00:00.000Z'
const STRATUM = { model: 'claude-opus-5', agent_version: null }
const KPI = 'tool_overhead_ratio'

test('what is logged before a session is what is read after it', () => {
  const assignment: Assignment = {
    sessionId: 's1',
    arms: { 'opt-a': 'treated', 'opt-b': 'control' },
    block: 3,
    blockSize: 4,
    place: 1,
    stratum: STRATUM,
  }
  const events = assignedEvents(assignment, { agentType: 'reviewer', at: AT })
  expect(events.map(({ suggestion_id: id, arm }) => [id, arm])).toEqual(Object.entries(assignment.arms))
  expect(assignmentsOf(events, 'reviewer')).toEqual([assignment])
  expect(assignmentsOf(events, 'tester')).toEqual([])
  const changed = events.map((event) => ({ ...event, arm: 'control' as const }))
  expect(assignmentsOf([...events, ...changed], 'reviewer')).toEqual([assignment])
})

test('a suggestion that was never on trial has no trial', () => {
  const { lives } = foldEvents([eventOf('proposed')])
  const life = lives.get('opt-a')
  expect(life && trialOf(life, [], [])).toBeUndefined()
})

test('from proposal to proof by the ledger alone: a large effect is proven at its third session', () => {
  const { events, sessions } = simulateLedger((isOn) => (isOn ? 0.04 : 0.4), 12)
  const { lives, refused } = foldEvents(events)
  expect(refused).toEqual([])
  const life = lives.get('opt-a')
  expect(life).toMatchObject({ state: 'proven', verdict: { rule: 'fast_lane', evidence: { treated: 3, history: 20 } } })
  expect(life?.trial?.provisional?.verdict).toBe('promising')
  expect(life?.trial?.assignments.filter(({ arm }) => arm === 'treated')).toHaveLength(3)
  // Nothing is decided twice.
  const trial = life && trialOf(life, assignmentsOf(events, 'reviewer'), sessions)
  expect(life && trial && verdictEvents(life, trial, AT)).toEqual([])
})

test('what does nothing is retired after 30 sessions at the latest', () => {
  const { events } = simulateLedger(() => 0.4, 40)
  const { lives, refused } = foldEvents(events)
  expect(refused).toEqual([])
  expect(lives.get('opt-a')).toMatchObject({ state: 'retired' })
  expect(lives.get('opt-a')?.outcome).toMatch(/^(futile|ineffective)$/)
  expect(lives.get('opt-a')?.trial?.assignments.length).toBeLessThanOrEqual(30)
})

test('the history ends before the session that the suggestion came after', () => {
  const { events, sessions } = simulateLedger(() => 0.4, 1)
  const life = foldEvents(events).lives.get('opt-a')
  const trial = life && trialOf(life, assignmentsOf(events, 'reviewer'), sessions)
  expect(trial?.history).toHaveLength(20)
  expect(trial?.sessions).toHaveLength(1)
  expect(trial?.sessions[0]?.stratum).toEqual({ model: 'claude-opus-5', agent_version: '2.1.328' })
  const lost = life && trialOf(life, [], sessions.slice(21))
  expect(lost?.history).toEqual([])
})

/** The ledgers after 20 sessions, a bad one after which `opt-a` is tried, and up to `count` more, decided after each. */
function simulateLedger(
  overheadOf: (isOn: boolean) => number,
  count: number,
): { readonly events: readonly SuggestionEvent[]; readonly sessions: readonly EndedSession[] } {
  const usual = Array.from({ length: 20 }, (_, i) => ended(`h${i}`, 0.4 + (i % 5) / 50))
  const sessions = [...usual, ended('s0', 0.9)]
  const events = [eventOf('proposed'), eventOf('activated')]
  for (let i = 1; i <= count; i++) {
    const suggestionIds = activeIds(events)
    if (suggestionIds.length === 0) break
    const next = { salt: 'x', agentType: 'reviewer', sessionId: `t${i}`, suggestionIds, stratum: STRATUM }
    const assignment = assignSession(next, assignmentsOf(events, 'reviewer'))
    events.push(...assignedEvents(assignment, { agentType: 'reviewer', at: AT }))
    sessions.push(ended(`t${i}`, overheadOf(assignment.arms['opt-a'] === 'treated') + (i % 7) / 200))
    for (const life of foldEvents(events).lives.values()) {
      const trial = trialOf(life, assignmentsOf(events, 'reviewer'), sessions)
      if (trial !== undefined) events.push(...verdictEvents(life, trial, AT))
    }
  }
  return { events, sessions }
}

function activeIds(events: readonly SuggestionEvent[]): readonly string[] {
  return [...foldEvents(events).lives.values()].filter(({ state }) => state === 'active').map(({ id }) => id)
}

function ended(sessionId: string, value: number): EndedSession {
  const stratum = { model: 'claude-opus-5', agent_version: '2.1.328' }
  return { sessionId, endedAt: '2026-11-20T12:00:00.000Z', kpis: { [KPI]: value }, inputs: { [KPI]: 30 }, stratum }
}
