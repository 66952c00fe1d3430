import { hash } from 'node:crypto'
import type { Activity, TaskStatus } from '../model/activity.ts'

/** What ids look like; what is longer or has spaces may be what somebody wrote. */
const ID = /^[\w.:#-]{1,64}$/
const DIGEST_LENGTH = 22

/** A change of a task. Its id is kept as it is where it is one, else as a digest that tells nothing. */
export function taskChange(
  change: 'created' | 'updated',
  taskId: string | undefined,
  status: TaskStatus | undefined,
): Activity {
  return { kind: 'task_change', change, taskId: taskId === undefined ? undefined : idOf(taskId), status }
}

export function taskStatusOf(value: unknown): TaskStatus | undefined {
  return value === 'pending' || value === 'in_progress' || value === 'completed' || value === 'deleted'
    ? value
    : undefined
}

function idOf(taskId: string): string {
  return ID.test(taskId) ? taskId : `digest:${hash('sha256', taskId, 'base64url').slice(0, DIGEST_LENGTH)}`
}
