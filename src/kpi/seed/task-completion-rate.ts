import type { Session } from '../../model/session.ts'
import type { KpiResult } from '../result.ts'

/** The mission's formula: min(task updates / task creates, 1). */
export function seedTaskCompletionRate({ tasks, sources }: Session): KpiResult {
  if (tasks.creates === 0) return { absent: 'no task was created' }
  return { value: Math.min(tasks.updates / tasks.creates, 1), n: tasks.creates, sources, estimated: false }
}
