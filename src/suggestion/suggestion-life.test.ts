import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { SuggestionEvent } from '../model/suggestion.ts'
import { EVENTS, eventOf, life } from './suggestion-event.fixture.ts'
import { applyEvent, foldEvents } from './suggestion-life.ts'

const SEED = 20_261_126

test.for<{ name: string; events: readonly SuggestionEvent['event'][]; state: string; outcome?: string }>([
  { name: 'proposed', events: ['proposed'], state: 'proposed' },
  { name: 'on trial', events: ['proposed', 'activated', 'assigned', 'injected', 'provisional'], state: 'active' },
  { name: 'proven', events: ['proposed', 'activated', 'proven'], state: 'proven' },
  { name: 'promoted', events: ['proposed', 'activated', 'proven', 'promoted'], state: 'promoted' },
  { name: 'retired', events: ['proposed', 'activated', 'retired'], state: 'retired', outcome: 'ineffective' },
  { name: 'disabled', events: ['proposed', 'activated', 'disabled'], state: 'disabled' },
  { name: 'tried again', events: ['proposed', 'activated', 'disabled', 'enabled', 'activated'], state: 'active' },
  {
    name: 'taken back',
    events: ['proposed', 'activated', 'proven', 'promoted', 'reverted'],
    state: 'retired',
    outcome: 'reverted',
  },
  { name: 'reopened', events: ['proposed', 'activated', 'proven', 'promoted', 'reopened'], state: 'proposed' },
])('$name', ({ events, state, outcome }) => {
  const { lives, refused } = foldEvents(events.map(eventOf))
  expect(refused).toEqual([])
  expect(lives.get('opt-a')).toMatchObject({ id: 'opt-a', agentType: 'reviewer', state, rule: 'batch-tasks' })
  expect(lives.get('opt-a')?.outcome).toBe(outcome)
})

test('a trial knows its sessions, and another one begins without them', () => {
  const first = life('proposed', 'activated', 'assigned', 'injected', 'injected', 'provisional')
  expect(first?.trial).toMatchObject({
    decision: 'trial',
    kpi: 'tool_overhead_ratio',
    reference: { mean: 0.42, std_dev: 0.11 },
    assignments: [{ sessionId: 's1', arm: 'treated', block: 1, blockSize: 2, place: 0 }],
    injectedTokens: { s1: 120 },
    injectedCharacters: { s1: 480 },
    provisional: { verdict: 'promising' },
  })
  const proven = life('proposed', 'activated', 'assigned', 'proven')
  expect(proven?.verdict).toEqual({ rule: 'posterior', evidence: { effect: 0.4 } })
  const again = life('proposed', 'activated', 'assigned', 'proven', 'promoted', 'reopened')
  expect(again).not.toHaveProperty('trial')
  expect(again).not.toHaveProperty('verdict')
})

test('an event of a suggestion that is not known, a second proposal and a second arm change nothing', () => {
  expect(applyEvent(undefined, eventOf('activated'))).toEqual({ refused: 'unknown_suggestion' })
  expect(applyEvent(life('proposed'), eventOf('proposed'))).toEqual({ refused: 'already_known' })
  const assigned = life('proposed', 'activated', 'assigned')
  expect(applyEvent(assigned, { ...eventOf('assigned'), arm: 'control' } as SuggestionEvent)).toEqual({
    refused: 'assigned_already',
  })
})

describe('whatever comes', () => {
  const anyEvents = fc.array(fc.constantFrom(...EVENTS), { maxLength: 40 })

  test('what is retired stays retired', () => {
    fc.assert(
      fc.property(anyEvents, (names) => {
        const retired = life('proposed', 'activated', 'retired')
        const after = names.reduce((before, name) => {
          const result = applyEvent(before, eventOf(name))
          return 'life' in result ? result.life : before
        }, retired)
        expect(after).toMatchObject({ state: 'retired', outcome: 'ineffective', since: retired?.since })
      }),
      { seed: SEED },
    )
  })

  test('no trial changes what is promoted or disabled', () => {
    const byHand = new Set<string>(['enabled', 'reverted', 'reopened'])
    fc.assert(
      fc.property(anyEvents, (names) => {
        for (const state of ['promoted', 'disabled'] as const) {
          const start =
            state === 'promoted' ? life('proposed', 'activated', 'proven', 'promoted') : life('proposed', 'disabled')
          const after = names
            .filter((name) => !byHand.has(name))
            .reduce((before, name) => {
              const result = applyEvent(before, eventOf(name))
              return 'life' in result ? result.life : before
            }, start)
          expect(after?.state).toBe(state)
        }
      }),
      { seed: SEED },
    )
  })

  test('every event counts or is refused with its reason, and folding in two steps is folding in one', () => {
    fc.assert(
      fc.property(anyEvents, (names) => {
        const events = names.map(eventOf)
        const { lives, refused } = foldEvents(events)
        const accepted = events.filter((event) => !refused.some((one) => one.event === event))
        expect(foldEvents(accepted)).toEqual({ lives, refused: [] })
        for (const { refusal } of refused)
          expect(refusal).toMatch(/^(unknown_suggestion|already_known|assigned_already|not_from_[a-z]+)$/)
      }),
      { seed: SEED },
    )
  })
})
