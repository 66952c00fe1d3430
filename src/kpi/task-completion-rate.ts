import type { Session } from '../model/session.ts'
import type { KpiResult } from './result.ts'
import { countTasks } from './tasks.ts'

/** A task is normally updated twice: to `in_progress` and to `completed`. */
const UPDATES_PER_TASK = 2

/**
 * Tasks completed / tasks created, each task once, deleted ones left out. Where no status was recorded it is estimated
 * from the number of updates, as min(updates / (2 · creates), 1).
 *
 * More tasks completed than created (they were created in another session) is capped at 1 and noted.
 */
export function taskCompletionRate(session: Session): KpiResult {
  const { sources, tasks } = session
  const { completed, deleted, hasStatus } = countTasks(session)
  if (tasks.creates === 0) {
    const changed = hasStatus || tasks.updates > 0
    return { absent: changed ? 'tasks were changed but none was created in this session' : 'no task was created' }
  }
  if (!hasStatus) {
    const value = Math.min(tasks.updates / (UPDATES_PER_TASK * tasks.creates), 1)
    return { value, n: tasks.creates, sources, estimated: true }
  }

  const kept = tasks.creates - deleted
  if (kept <= 0) return { absent: 'all tasks that were created were deleted' }
  const raw = completed / kept
  const measured = { value: Math.min(raw, 1), n: kept, sources, estimated: false }
  if (raw <= 1) return measured
  const message = `${completed} tasks were completed and ${kept} created, a rate of ${raw}: the others were created in another session`
  return { ...measured, note: { code: 'ratio_capped', message } }
}
