import type { Session } from '../model/session.ts'
import type { KpiResult } from './result.ts'
import { toolFailureRate } from './tool-failure-rate.ts'

/** Failed operations / operations whose outcome is known. Operations of a session are its tool calls. */
export function errorRate(session: Session): KpiResult {
  return toolFailureRate(session)
}
