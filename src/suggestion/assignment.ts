import { createHash } from 'node:crypto'
import type { Arm, Stratum } from '../model/suggestion.ts'

/** Which suggestions a session gets: decided before the session, and never changed. */
export interface Assignment {
  readonly sessionId: string
  /** By suggestion; those that were not on trial are not named. */
  readonly arms: Readonly<Record<string, Arm>>
  /** Counted from 1 over all trials of the agent type. */
  readonly block: number
  readonly blockSize: number
  /** Place in the block, from 0. */
  readonly place: number
  readonly stratum: Stratum
}

/** A session that is about to begin. */
export interface NextSession {
  /** Kept secret from agents: who knows it can tell the arms of sessions to come. */
  readonly salt: string
  readonly agentType: string
  readonly sessionId: string
  /** Suggestions that are on trial now. */
  readonly suggestionIds: readonly string[]
  readonly stratum: Stratum
}

/** More at once make blocks that no trial fills. */
export const MAX_CONCURRENT = 3

/**
 * The arms of a session, by permuted blocks: in a block every combination of on and off comes once, in an order that is a
 * hash. So each suggestion is on in half of the sessions, and the others are on as often with it as without it. Sessions of
 * another model or version, and other suggestions, begin a block of their own; a block of such sessions is gone on with.
 *
 * @param earlier assignments of the agent type, oldest first
 * @returns a session that was assigned before keeps its arms
 */
export function assignSession(session: NextSession, earlier: readonly Assignment[]): Assignment {
  const known = earlier.find(({ sessionId }) => sessionId === session.sessionId)
  if (known !== undefined) return known
  const ids = session.suggestionIds.toSorted()
  if (ids.length > MAX_CONCURRENT) throw new Error(`expected at most ${MAX_CONCURRENT} suggestions, got ${ids.length}`)
  const like = earlier.findLast((one) => isSameStratum(one.stratum, session.stratum))
  const isOpen = like !== undefined && like.place + 1 < like.blockSize && hasSameSuggestions(like, ids)
  const block = isOpen ? like.block : 1 + earlier.reduce((last, one) => Math.max(last, one.block), 0)
  const place = isOpen ? like.place + 1 : 0
  const combinations = permutedCombinations(session, ids, block)
  const combination = combinations[place] ?? 0
  return {
    sessionId: session.sessionId,
    arms: Object.fromEntries(ids.map((id, bit) => [id, (combination >> bit) & 1 ? 'treated' : 'control'] as const)),
    block,
    blockSize: combinations.length,
    place,
    stratum: session.stratum,
  }
}

/** Without a comparison: every session gets everything, as the mission has it. */
export function assignTreated(session: NextSession, earlier: readonly Assignment[]): Assignment {
  const known = earlier.find(({ sessionId }) => sessionId === session.sessionId)
  if (known !== undefined) return known
  return {
    sessionId: session.sessionId,
    arms: Object.fromEntries(session.suggestionIds.map((id) => [id, 'treated'] as const)),
    block: 1 + earlier.reduce((last, one) => Math.max(last, one.block), 0),
    blockSize: 1,
    place: 0,
    stratum: session.stratum,
  }
}

/** Numbers whose bits tell which suggestions are on, in the order of a block. */
function permutedCombinations(
  { salt, agentType }: NextSession,
  ids: readonly string[],
  block: number,
): readonly number[] {
  const ranked = Array.from({ length: 2 ** ids.length }, (_, combination) => ({
    combination,
    rank: hash([salt, agentType, String(block), ...ids, String(combination)]),
  }))
  return ranked.toSorted((a, b) => (a.rank < b.rank ? -1 : 1)).map(({ combination }) => combination)
}

function hash(parts: readonly string[]): string {
  // As JSON, so that no two lists of parts give the same text.
  return createHash('sha256').update(JSON.stringify(parts)).digest('hex')
}

export function isSameStratum(a: Stratum, b: Stratum): boolean {
  return a.model === b.model && a.agent_version === b.agent_version
}

function hasSameSuggestions({ arms }: Assignment, ids: readonly string[]): boolean {
  return Object.keys(arms).length === ids.length && ids.every((id) => Object.hasOwn(arms, id))
}
