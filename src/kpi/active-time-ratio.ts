import type { Session } from '../model/session.ts'
import type { KpiResult } from './result.ts'

type Interval = readonly [startMs: number, endMs: number]

/**
 * Share of a session's time in which the agent was at work: the time that the agent itself reports, else the stretches of
 * activity / the time from first to last
 * activity, less the time between the processes of a resumed session. What of that time was covered by activity
 * nevertheless (a quick restart, a late subagent) still counts, so that the share cannot exceed 1.
 */
export function activeTimeRatio(session: Session): KpiResult {
  const { startedAtMs, endedAtMs, activeIntervals, sources, meteredUse } = session
  if (activeIntervals.length === 0) return { absent: 'no activity was recorded' }
  let coveredMs = 0
  for (const [startMs, endMs] of activeIntervals) coveredMs += endMs - startMs
  const activeMs = meteredUse.activeSeconds === undefined ? coveredMs : meteredUse.activeSeconds * 1000
  let pausedMs = 0
  for (const pause of betweenProcesses(session)) pausedMs += uncoveredMs(pause, activeIntervals)
  const wallMs = endedAtMs - startedAtMs - pausedMs
  if (wallMs <= 0) return { absent: 'the session has no duration' }
  return { value: Math.min(activeMs / wallMs, 1), n: activeIntervals.length, sources, estimated: false }
}

/** The times between the end of one process and the start of the next, within the session. */
function betweenProcesses({ processStartsMs, processEndsMs, startedAtMs, endedAtMs }: Session): readonly Interval[] {
  const pauses: Interval[] = []
  for (const [index, endMs] of processEndsMs.entries()) {
    const nextEndMs = processEndsMs[index + 1] ?? Number.POSITIVE_INFINITY
    const startMs = processStartsMs.find((timeMs) => timeMs > endMs && timeMs <= nextEndMs)
    if (startMs !== undefined) pauses.push([Math.max(endMs, startedAtMs), Math.min(startMs, endedAtMs)])
  }
  return pauses
}

function uncoveredMs([fromMs, toMs]: Interval, intervals: readonly Interval[]): number {
  let uncovered = Math.max(0, toMs - fromMs)
  for (const [startMs, endMs] of intervals) {
    uncovered -= Math.max(0, Math.min(endMs, toMs) - Math.max(startMs, fromMs))
  }
  return uncovered
}
