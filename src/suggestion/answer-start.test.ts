import { expect, test } from 'vitest'
import { assignmentsOf } from './agent-trials.ts'
import { answerStart, type Start, type StartKnowledge } from './answer-start.ts'
import { eventOf, life } from './suggestion-event.fixture.ts'
import type { SuggestionLife } from './suggestion-life.ts'

const TITLE = 'Batch tasks'

function start(changes: Partial<Start> = {}): Start {
  const stratum = { model: 'claude-opus-5', agent_version: '2.1.328' }
  const at = '2026-11-20T13:00:00.000Z'
  return { sessionId: 's9', hook: 'SessionStart', agentType: 'reviewer', stratum, isNew: true, at, ...changes }
}

function knowledge(found: SuggestionLife | undefined): StartKnowledge {
  if (found === undefined) throw new Error('expected a life')
  return { lives: [found], assignments: [], history: undefined, salt: 'salt', warning: '' }
}

const SUBAGENT = { hook: 'SubagentStart', agentId: 'a1' } as const

test('a session is assigned, a subagent is not: nobody would measure it', () => {
  const active = knowledge(life('proposed', 'activated'))
  expect(answerStart(start(), active).events[0]).toMatchObject({ event: 'assigned', session_id: 's9' })
  expect(answerStart(start(SUBAGENT), active)).toEqual({ text: '', events: [] })
})

test('a subagent is told what is proven for its type', () => {
  const { text, events, injection } = answerStart(start(SUBAGENT), knowledge(life('proposed', 'activated', 'proven')))
  expect(text).toContain(TITLE)
  expect(events).toMatchObject([{ event: 'injected', session_id: 's9', agent_id: 'a1' }])
  expect(injection).toMatchObject({ hook: 'SubagentStart', agent_id: 'a1', suggestion_ids: ['opt-a'] })
})

test.for(['treated', 'control'] as const)('a subagent of its session’s own type has its arm: %s', (arm) => {
  const assigned = { ...eventOf('assigned'), arm, session_id: 's9' }
  const known = { ...knowledge(life('proposed', 'activated')), assignments: assignmentsOf([assigned], 'reviewer') }
  const { text, events } = answerStart(start(SUBAGENT), known)
  expect(text.includes(TITLE)).toBe(arm === 'treated')
  expect(events.filter(({ event }) => event === 'assigned')).toEqual([])
})
