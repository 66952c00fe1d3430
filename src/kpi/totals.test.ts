import { expect, test } from 'vitest'
import { edgarAndNadyne, session } from './session.fixture.ts'
import { sessionTotals } from './totals.ts'

test('what nothing measured is left out, not 0', () => {
  expect(sessionTotals(session())).toEqual({})
})

test('the totals of Edgar & Nadyne', () => {
  expect(sessionTotals(edgarAndNadyne('B'))).toEqual({
    fresh_input_tokens: 93_505,
    cache_read_tokens: 1_836_873,
    cache_creation_tokens: 30_305,
    output_tokens: 2013,
    tool_calls: 41,
    tool_failures: 0,
    tasks_created: 10,
  })
})

test('failures of tools whose outcome is unknown are unknown', () => {
  expect(sessionTotals(session({ tools: { Bash: { calls: 2, failures: 0, unknown: 2 } } }))).toEqual({ tool_calls: 2 })
})

test('tasks of another session were created 0 times here', () => {
  const tasks = { creates: 0, updates: 1, statuses: { 7: 'completed' as const }, completedWithoutId: 1 }
  expect(sessionTotals(session({ tasks, prompts: 3, compactions: 1 }))).toEqual({
    tasks_created: 0,
    tasks_completed: 2,
    prompts: 3,
    compactions: 1,
  })
})
