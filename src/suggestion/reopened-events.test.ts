import { expect, test } from 'vitest'
import type { SuggestionEvent } from '../model/suggestion.ts'
import { activeDocument } from './active-document.ts'
import { assignedEvents, assignmentsOf, type EndedSession } from './agent-trials.ts'
import { assignSession } from './assignment.ts'
import { decidedEvents, handEvent } from './next-events.ts'
import { reopenedEvents } from './reopened-events.ts'
import { eventOf } from './suggestion-event.fixture.ts'
import { foldEvents, type SuggestionLife } from './suggestion-life.ts'

const STRATUM = { model: 'claude-opus-5', agent_version: '2.1.328' }
const AGENT_TYPE = 'reviewer'
/** What stores keep in mind of an agent type. */
const WINDOW = 200
const START_MS = Date.UTC(2026, 10, 20)

/** An agent whose sessions have less overhead with the suggestion. */
class Agent {
  readonly events: SuggestionEvent[] = [eventOf('proposed'), eventOf('activated')]
  readonly #sessions: EndedSession[] = []

  constructor() {
    for (let n = 0; n < 20; n++) this.end(`h${n}`, 0.4)
    this.end('s0', 0.9)
    for (let n = 1; n <= 30 && this.life.state === 'active'; n++) {
      const next = { salt: 'x', agentType: AGENT_TYPE, sessionId: `t${n}`, suggestionIds: ['opt-a'], stratum: STRATUM }
      const assignment = assignSession(next, this.assignments)
      this.events.push(...assignedEvents(assignment, { agentType: AGENT_TYPE, at: this.now }))
      this.end(`t${n}`, assignment.arms['opt-a'] === 'treated' ? 0.04 : 0.4)
      this.events.push(...decidedEvents([this.life], this.assignments, this.ended, this.now))
    }
  }

  get life(): SuggestionLife {
    const life = foldEvents(this.events).lives.get('opt-a')
    if (life === undefined) throw new Error('expected a life')
    return life
  }

  get assignments() {
    return assignmentsOf(this.events, AGENT_TYPE)
  }

  get ended(): readonly EndedSession[] {
    return this.#sessions.slice(-WINDOW)
  }

  get now(): string {
    return new Date(START_MS + this.#sessions.length * 60_000).toISOString()
  }

  get reopened(): readonly SuggestionEvent[] {
    return reopenedEvents([this.life], this.assignments, this.ended, this.now)
  }

  end(sessionId: string, usual: number): void {
    const value = usual + (this.#sessions.length % 7) / 200
    const kpi = 'tool_overhead_ratio'
    const endedAt = new Date(START_MS + (this.#sessions.length + 1) * 60_000).toISOString()
    this.#sessions.push({ sessionId, endedAt, kpis: { [kpi]: value }, inputs: { [kpi]: 30 }, stratum: STRATUM })
  }
}

test('what is promoted is watched however many sessions came since', () => {
  const agent = new Agent()
  agent.events.push(handEvent(agent.life, 'promoted', 'written', agent.now))
  expect(agent.life.state).toBe('promoted')
  for (let n = 1; n <= 2 * WINDOW; n++) agent.end(`good-${n}`, 0.04)
  expect(agent.reopened).toEqual([])
  for (let n = 1; n <= 10; n++) agent.end(`bad-${n}`, 0.4)
  expect(agent.reopened).toMatchObject([{ event: 'reopened', suggestion_id: 'opt-a' }])
})

test('active.json goes on telling the sessions that a proof rests on', () => {
  const agent = new Agent()
  const tracking = () => {
    const { life, assignments, ended } = agent
    return activeDocument([{ lives: [life], assignments, ended }]).suggestions[0]?.tracking
  }
  const proven = tracking()
  expect(proven).toMatchObject({ session_count: 3, effectiveness: 'PROVEN', avg_improvement: expect.any(String) })
  for (let n = 1; n <= WINDOW; n++) agent.end(`good-${n}`, 0.04)
  expect(tracking()).toEqual(proven)
})
