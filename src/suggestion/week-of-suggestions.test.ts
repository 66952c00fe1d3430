import { expect, test } from 'vitest'
import type { SuggestionEvent } from '../model/suggestion.ts'
import { eventOf } from './suggestion-event.fixture.ts'
import { weekOfSuggestions } from './week-of-suggestions.ts'

const WEEK = { startMs: Date.UTC(2026, 1, 9), endMs: Date.UTC(2026, 1, 16) }

function at(day: string, name: SuggestionEvent['event']): SuggestionEvent {
  return { ...eventOf(name), at: `2026-02-${day}T12:00:00.000Z` }
}

test.for<[name: string, after: readonly SuggestionEvent[], state: string, proved: readonly string[]]>([
  ['on trial', [], 'active', []],
  ['proven later', [at('16', 'proven')], 'active', []],
  ['proven before it', [at('08', 'proven')], 'proven', []],
  ['proven in it', [at('10', 'proven')], 'proven', ['proven']],
  ['reverted later', [at('10', 'proven'), at('12', 'promoted'), at('20', 'reverted')], 'promoted', ['promoted']],
  ['reverted in it', [at('10', 'proven'), at('12', 'promoted'), at('15', 'reverted')], 'retired', ['promoted']],
  ['reopened in it', [at('10', 'proven'), at('12', 'promoted'), at('15', 'reopened')], 'proposed', ['promoted']],
])('of one that is %s the week has what was known at its end', ([, after, state, proved]) => {
  const events = [at('02', 'proposed'), at('03', 'activated'), ...after]
  const week = weekOfSuggestions(events, WEEK)
  expect(week.suggestions.map((life) => life.state)).toEqual([state])
  expect(week.proved.map((life) => life.state)).toEqual(proved)
  expect(week.proved.every((life) => life.verdict !== undefined)).toBe(true)
})

test('one that was proposed later is not known', () => {
  expect(weekOfSuggestions([at('17', 'proposed')], WEEK)).toEqual({ suggestions: [], proved: [] })
})
