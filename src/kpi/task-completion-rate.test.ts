import { expect, test } from 'vitest'
import type { TaskStatus } from '../model/activity.ts'
import type { TaskRecord } from '../model/session.ts'
import { session } from './session.fixture.ts'
import { taskCompletionRate } from './task-completion-rate.ts'

test.for<{ name: string; tasks: Partial<TaskRecord>; expected: object }>([
  { name: 'no tasks', tasks: {}, expected: { absent: 'no task was created' } },
  {
    name: 'all completed',
    tasks: { creates: 2, updates: 4, statuses: statuses('completed', 'completed') },
    expected: { value: 1, n: 2, estimated: false },
  },
  {
    name: 'one of four completed, one without any news',
    tasks: { creates: 4, updates: 5, statuses: statuses('completed', 'in_progress', 'pending') },
    expected: { value: 0.25, n: 4, estimated: false },
  },
  {
    name: 'deleted tasks do not count',
    tasks: { creates: 3, updates: 4, statuses: statuses('completed', 'deleted', 'in_progress') },
    expected: { value: 0.5, n: 2, estimated: false },
  },
  {
    name: 'all deleted',
    tasks: { creates: 1, updates: 1, statuses: statuses('deleted') },
    expected: { absent: 'all tasks that were created were deleted' },
  },
  {
    name: 'completions without an id count',
    tasks: { creates: 4, updates: 3, completedWithoutId: 3 },
    expected: { value: 0.75, n: 4, estimated: false },
  },
  {
    name: 'without statuses two updates are taken for a completion',
    tasks: { creates: 10, updates: 16 },
    expected: { value: 0.8, n: 10, estimated: true },
  },
  {
    name: 'an estimate is never above 1',
    tasks: { creates: 1, updates: 9 },
    expected: { value: 1, n: 1, estimated: true },
  },
  {
    name: 'created but never touched',
    tasks: { creates: 3, updates: 0 },
    expected: { value: 0, n: 3, estimated: true },
  },
  {
    name: 'created in another session',
    tasks: { creates: 0, updates: 2, statuses: statuses('completed') },
    expected: { absent: 'tasks were changed but none was created in this session' },
  },
  {
    name: 'updates alone, without a status',
    tasks: { creates: 0, updates: 2 },
    expected: { absent: 'tasks were changed but none was created in this session' },
  },
])('task completion rate: $name', ({ tasks, expected }) => {
  expect(taskCompletionRate(withTasks(tasks))).toEqual({
    ...expected,
    ...('value' in expected ? { sources: ['hook_spans'] } : {}),
  })
})

test('more completed than created is capped, with the raw rate in a note', () => {
  const result = taskCompletionRate(
    withTasks({
      creates: 3,
      updates: 5,
      statuses: statuses('completed', 'completed', 'completed', 'completed', 'completed'),
    }),
  )
  expect(result).toMatchObject({ value: 1, n: 3, note: { code: 'ratio_capped' } })
  expect(result.note?.message).toContain('5 tasks were completed and 3 created, a rate of 1.6666666666666667')
})

function withTasks(tasks: Partial<TaskRecord>) {
  return session({ tasks: { creates: 0, updates: 0, statuses: {}, completedWithoutId: 0, ...tasks } })
}

function statuses(...all: TaskStatus[]): Record<string, TaskStatus> {
  return Object.fromEntries(all.map((status, index) => [String(index + 1), status]))
}
