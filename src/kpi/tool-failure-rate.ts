import type { Session } from '../model/session.ts'
import { outcomesAreLost } from './input-findings.ts'
import type { KpiResult } from './result.ts'
import { countToolCalls } from './tool-calls.ts'

/** Failed tool calls / tool calls whose outcome is known. Absent when so few are known that the telemetry must be off. */
export function toolFailureRate(session: Session): KpiResult {
  const { calls, known, failed } = countToolCalls(session)
  if (outcomesAreLost(session)) return { absent: 'most tool calls carry no success flag' }
  if (known > 0) return { value: failed / known, n: known, sources: session.sources, estimated: false }
  return { absent: calls > 0 ? 'no tool call has a known outcome' : 'no tool call was recorded' }
}
