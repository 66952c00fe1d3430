import type { TrialLife } from './suggestion-life.ts'

/** Starts of sessions and subagents that were answered with a suggestion, by what their client says of it. */
export interface Arrivals {
  /** As many characters came into the context as were sent. */
  readonly arrived: number
  /** Fewer came: the client was too slow, or somebody forbade the hook. */
  readonly lost: number
  /** The client does not say: it sends no telemetry, or an old one. */
  readonly untold: number
}

/**
 * Whether what was injected arrived.
 *
 * @param contextCharacters what hooks added to the context of a session, or of a subagent, at its start, as its client says;
 * absent when it does not
 */
export function arrivals(
  { injectedCharacters }: Pick<TrialLife, 'injectedCharacters'>,
  contextCharacters: (id: string) => number | undefined,
): Arrivals {
  const counts = { arrived: 0, lost: 0, untold: 0 }
  for (const [id, sent] of Object.entries(injectedCharacters)) {
    const came = contextCharacters(id)
    if (came === undefined) counts.untold++
    else if (came >= sent) counts.arrived++
    else counts.lost++
  }
  return counts
}
