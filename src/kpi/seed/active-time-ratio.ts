import type { Session } from '../../model/session.ts'
import type { KpiResult } from '../result.ts'

/** The mission's formula: durations of spans longer than a second / wall clock time, at most 1. Overlaps count twice. */
export function seedActiveTimeRatio({ spans, startedAtMs, endedAtMs, sources }: Session): KpiResult {
  if (spans.count === 0) return { absent: 'no span was recorded' }
  const wallMs = endedAtMs - startedAtMs
  if (wallMs <= 0) return { absent: 'the session has no duration' }
  return { value: Math.min(spans.longMs / wallMs, 1), n: spans.count, sources, estimated: false }
}
