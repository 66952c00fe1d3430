import { expect, test } from 'vitest'
import { EVENTS, eventOf } from '../suggestion/suggestion-event.fixture.ts'
import { parseSuggestionEvent } from './suggestion-event-schema.ts'

test.for(EVENTS)('the event %s comes back from its line', (name) => {
  expect(parseSuggestionEvent(JSON.stringify(eventOf(name)))).toEqual(eventOf(name))
})

test('a verdict comes back with the sessions that it rests on', () => {
  const stratum = { model: null, agent_version: '2.1.328' }
  const sessions = [
    { session_id: 's1', stratum, measured: { value: 0.1, inputs: 41 } },
    { session_id: 's2', stratum },
  ]
  const event = { ...eventOf('proven'), trial: { history: [{ value: 0.4, stratum }], sessions } }
  expect(parseSuggestionEvent(JSON.stringify(event))).toEqual(event)
})

const PROVEN = eventOf('proven')

test.for<[name: string, line: string]>([
  ['no JSON', '{"schema":1,"event":"prov'],
  ['an empty line', ''],
  ['no object', '7'],
  ['a newer schema', JSON.stringify({ ...PROVEN, schema: 2 })],
  ['an unknown event', JSON.stringify({ ...PROVEN, event: 'approved' })],
  ['an unknown key', JSON.stringify({ ...PROVEN, prompt: 'x' })],
  ['a missing key', JSON.stringify({ ...PROVEN, evidence: undefined })],
  ['a number that is none', JSON.stringify({ ...PROVEN, evidence: { effect: 'large' } })],
  ['a time that is none', JSON.stringify({ ...PROVEN, at: 'yesterday' })],
])('%s is not read', ([, line]) => {
  expect(parseSuggestionEvent(line)).toBeUndefined()
})
