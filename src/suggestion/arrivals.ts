import type { TrialLife } from './suggestion-life.ts'

/** Sessions that were answered with a suggestion, by what their client says of it. */
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
 * @param contextCharacters what hooks added to a session's context at its start, as its client says; absent when it does not
 */
export function arrivals(
  { injectedCharacters }: Pick<TrialLife, 'injectedCharacters'>,
  contextCharacters: (sessionId: string) => number | undefined,
): Arrivals {
  const counts = { arrived: 0, lost: 0, untold: 0 }
  for (const [sessionId, sent] of Object.entries(injectedCharacters)) {
    const came = contextCharacters(sessionId)
    if (came === undefined) counts.untold++
    else if (came >= sent) counts.arrived++
    else counts.lost++
  }
  return counts
}
