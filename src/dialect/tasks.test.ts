import { expect, test } from 'vitest'
import { taskChange, taskStatusOf } from './tasks.ts'

test.for(['1', 'todo:aB3-_x', 'task-0a1b', 'wf#2.1'])('the id %j is kept', (taskId) => {
  expect(taskChange('created', taskId, undefined)).toMatchObject({ taskId })
})

test.for(['write to ada@example.org', 'ada@example.org', 'x'.repeat(65), 'a\nb'])(
  'of %j a digest is kept, the same each time',
  (taskId) => {
    const change = taskChange('updated', taskId, 'completed')
    expect(change).toMatchObject({ change: 'updated', taskId: expect.stringMatching(/^digest:[\w-]{22}$/) })
    expect(taskChange('updated', taskId, 'completed')).toEqual(change)
  },
)

test('no id is none, and an unknown status neither', () => {
  expect(taskChange('created', undefined, taskStatusOf('blocked'))).toEqual({
    kind: 'task_change',
    change: 'created',
    taskId: undefined,
    status: undefined,
  })
})
