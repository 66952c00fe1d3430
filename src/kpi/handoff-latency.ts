import type { Session } from '../model/session.ts'
import { quantile } from '../stats/quantile.ts'
import type { KpiResult } from './result.ts'

/**
 * Median time from the end of one invocation to the start of the next, in milliseconds. Invocations that overlap hand
 * nothing over: the time counts from the end of the last of them.
 */
export function handoffLatencyMs({ invocations, sources }: Session): KpiResult {
  const ordered = invocations
    .flatMap(({ startedAtMs, endedAtMs }) => (startedAtMs === undefined ? [] : [{ startedAtMs, endedAtMs }]))
    .toSorted((a, b) => a.startedAtMs - b.startedAtMs)
  const gaps: number[] = []
  let busyUntilMs: number | undefined
  for (const { startedAtMs, endedAtMs } of ordered) {
    if (busyUntilMs !== undefined && startedAtMs >= busyUntilMs) gaps.push(startedAtMs - busyUntilMs)
    // One that never ended hands nothing over either.
    busyUntilMs = Math.max(busyUntilMs ?? -Infinity, endedAtMs ?? Infinity)
  }
  const value = quantile(gaps, 0.5)
  if (value === undefined) return { absent: 'no subagent started after another had ended' }
  return { value, n: gaps.length, sources, estimated: false }
}
