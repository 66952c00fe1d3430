import type { Session } from '../model/session.ts'
import { oncePer } from './once-per.ts'

/** A session's tasks, each once. */
export interface TaskCounts {
  readonly completed: number
  readonly deleted: number
  /** Whether any status was recorded: without one, nobody knows what was completed. */
  readonly hasStatus: boolean
}

/** Counts the tasks by their furthest status. */
export const countTasks = oncePer(({ tasks }: Session): TaskCounts => {
  const statuses = Object.values(tasks.statuses)
  return {
    completed: statuses.filter((status) => status === 'completed').length + tasks.completedWithoutId,
    deleted: statuses.filter((status) => status === 'deleted').length,
    hasStatus: statuses.length + tasks.completedWithoutId > 0,
  }
})
