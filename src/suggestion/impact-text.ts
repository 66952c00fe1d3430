import type { SuggestedImpact } from '../model/suggestion.ts'

/** `to 0.95`, `by half`: stands behind what changes. */
const BEHIND = /^(?:to|by|from|below|above|under|over|at least|at most|up to)\s/i
/** `10-20x` */
const FACTOR = /\d\s*[x×]$/i

/** What is expected of a suggestion, in a phrase: `~50% decrease in tool_overhead_ratio`. */
export function impactText({ kpi, direction, magnitude }: SuggestedImpact): string {
  if (BEHIND.test(magnitude)) return `${direction} in ${kpi} ${magnitude}`
  return FACTOR.test(magnitude) ? `${direction} in ${kpi} by ${magnitude}` : `${magnitude} ${direction} in ${kpi}`
}
