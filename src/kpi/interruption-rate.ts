import type { Session } from '../model/session.ts'
import { type KpiResult, share } from './result.ts'
import { countToolCalls } from './tool-calls.ts'

/** Tool calls that were not allowed to run / all that the agent wanted to make. */
export function interruptionRate(session: Session): KpiResult {
  const { rejections, sources } = session
  if (rejections === undefined) return { absent: 'no source tells of tool calls that were not allowed' }
  const wanted = countToolCalls(session).calls + rejections
  return share(rejections, wanted, 'no tool call was recorded', { n: wanted, sources })
}
