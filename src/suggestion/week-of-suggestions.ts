import type { SuggestionEvent } from '../model/suggestion.ts'
import { applyEvent, type SuggestionLife } from './suggestion-life.ts'

export interface WeekOfSuggestions {
  /** All that were known at its end, as they were then. */
  readonly suggestions: readonly SuggestionLife[]
  /** Those that were proven or promoted in it, as they were then, whatever became of them. */
  readonly proved: readonly SuggestionLife[]
}

/**
 * What became of suggestions up to the end of a week: what came later is not known yet.
 *
 * @param events oldest first, as they lie in the ledger
 */
export function weekOfSuggestions(
  events: Iterable<SuggestionEvent>,
  { startMs, endMs }: { readonly startMs: number; readonly endMs: number },
): WeekOfSuggestions {
  const lives = new Map<string, SuggestionLife>()
  const proved = new Map<string, SuggestionLife>()
  for (const event of events) {
    const atMs = Date.parse(event.at)
    const result = atMs < endMs ? applyEvent(lives.get(event.suggestion_id), event) : undefined
    if (result === undefined || !('life' in result)) continue
    lives.set(event.suggestion_id, result.life)
    if (atMs >= startMs && (event.event === 'proven' || event.event === 'promoted')) {
      proved.set(event.suggestion_id, result.life)
    }
  }
  return { suggestions: [...lives.values()], proved: [...proved.values()] }
}
