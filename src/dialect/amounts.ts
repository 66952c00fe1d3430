import type { TokenCounts } from '../model/activity.ts'
import type { Attributes, AttributeValue } from '../model/telemetry.ts'
import { type Aliases, asNumber, pick, pickNumber } from './dialect.ts'

const MAX_AMOUNT = 1e12
export const MAX_DURATION_MS = 86_400_000

/** A number of tokens or dollars: not negative, and small enough that sums stay exact. */
export function asAmount(value: AttributeValue | undefined): number | undefined {
  const number = asNumber(value)
  return number === undefined || !isAmount(number) ? undefined : number
}

/** What {@link asAmount} makes of a fact. */
export function pickAmount(attributes: Attributes, aliases: Aliases): number | undefined {
  return asAmount(pick(attributes, aliases))
}

export function isAmount(value: number): boolean {
  return value >= 0 && value <= MAX_AMOUNT
}

/** A duration of at most a day; 0 where there is none. A negative or absurd one would move the session's start. */
export function pickDurationMs(attributes: Attributes, aliases: Aliases): number {
  const durationMs = pickNumber(attributes, aliases) ?? 0
  return durationMs >= 0 && durationMs <= MAX_DURATION_MS ? durationMs : 0
}

/** The start of a metric's interval. One of 0 is «unknown», and must not make a session of fifty years. */
export function intervalStartMs(startMs: number | undefined, timeMs: number): number {
  return Math.max(startMs ?? timeMs, timeMs - MAX_DURATION_MS)
}

/** Tokens as most agents count them: input includes what the cache gave and took. */
export interface InclusiveTokens {
  readonly input: number | undefined
  readonly cacheRead: number | undefined
  readonly cacheCreation: number | undefined
  readonly output: number | undefined
  /** Part of `output`. */
  readonly reasoning: number | undefined
}

/** Makes the counts disjoint. A cache that gave more than the whole input leaves no fresh input. */
export function disjoint({
  input = 0,
  cacheRead = 0,
  cacheCreation = 0,
  output = 0,
  reasoning = 0,
}: InclusiveTokens): TokenCounts {
  return {
    freshInput: Math.max(0, input - cacheRead - cacheCreation),
    cacheRead,
    cacheCreation,
    output,
    reasoning: Math.min(reasoning, output),
  }
}
