import type { Session } from '../model/session.ts'
import { oncePer } from './once-per.ts'

/** A session's tool calls: all, those whose outcome is known, and those that failed. */
export interface ToolCalls {
  readonly calls: number
  readonly known: number
  readonly failed: number
}

/** Counts the calls of all tools. */
export const countToolCalls = oncePer(({ tools }: Session): ToolCalls => {
  let calls = 0
  let known = 0
  let failed = 0
  for (const use of Object.values(tools)) {
    calls += use.calls
    known += use.calls - use.unknown
    failed += use.failures
  }
  return { calls, known, failed }
})
