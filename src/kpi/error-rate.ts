import type { Session } from '../model/session.ts'
import { outcomesAreLost } from './input-findings.ts'
import type { KpiResult } from './result.ts'
import { countToolCalls } from './tool-calls.ts'

/**
 * Failed operations / operations whose outcome is known. Operations are tool calls, and model calls where a source tells
 * of single ones.
 */
export function errorRate(session: Session): KpiResult {
  if (outcomesAreLost(session)) return { absent: 'most tool calls carry no success flag' }
  const { calls, known, failed } = countToolCalls(session)
  const { calls: answered, errors } = session.modelUse ?? { calls: 0, errors: 0 }
  const operations = known + answered + errors
  if (operations > 0) {
    return { value: (failed + errors) / operations, n: operations, sources: session.sources, estimated: false }
  }
  return { absent: calls > 0 ? 'no tool call has a known outcome' : 'no tool call was recorded' }
}
