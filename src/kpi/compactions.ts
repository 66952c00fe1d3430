import type { Session } from '../model/session.ts'
import type { KpiResult } from './result.ts'
import { counterResets } from './tokens.ts'

/**
 * How often the agent's context was compacted. Where no source reports it, it is estimated from token counters that
 * start anew; one reading of a counter cannot tell.
 */
export function compactions({ compactions, tokenCounters, modelUse, sources }: Session): KpiResult {
  // Who tells of model calls tells of compactions too.
  if (modelUse !== undefined) return { value: compactions, n: modelUse.calls, sources, estimated: false }
  if (compactions > 0) return { value: compactions, n: compactions, sources, estimated: false }
  let resets = 0
  let comparisons = 0
  for (const counter of tokenCounters) {
    resets += counterResets(counter)
    comparisons += Math.max(0, counter.snapshots.length - 1)
  }
  if (comparisons > 0) return { value: resets, n: comparisons, sources, estimated: true }
  return { absent: 'no source reported compactions, nor do token counters show whether there were any' }
}
