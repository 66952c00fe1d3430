import type { TokenCounts } from '../model/activity.ts'
import type { Session, TokenCounter } from '../model/session.ts'
import type { Absent } from './result.ts'

export const NO_TOKENS = 'no token counts were recorded'

/** What a session's token counters add up to. */
export interface TokenUse {
  readonly tokens: TokenCounts
  /** Readings that it rests on. */
  readonly snapshots: number
}

/**
 * Adds up all counters of a session.
 *
 * @returns why not, when there is no reading or all are 0: a source that writes zeros did not measure
 */
export function tokenUse({ tokenCounters }: Session): TokenUse | Absent {
  let tokens = NOTHING
  let snapshots = 0
  for (const counter of tokenCounters) {
    tokens = combine(tokens, counterTotal(counter), add)
    snapshots += counter.snapshots.length
  }
  const measured = tokens.freshInput + tokens.cacheRead + tokens.cacheCreation + tokens.output > 0
  return measured ? { tokens, snapshots } : { absent: NO_TOKENS }
}

/**
 * What a counter counted in all. Readings are cumulative, but a compaction starts the counter anew, which shows as
 * `messages` falling: the total is the sum of the maxima between such resets, field by field.
 */
export function counterTotal({ snapshots }: TokenCounter): TokenCounts {
  let total = NOTHING
  let segment = NOTHING
  let messages = 0
  for (const snapshot of snapshots) {
    if (snapshot.messages < messages) {
      total = combine(total, segment, add)
      segment = NOTHING
    }
    messages = snapshot.messages
    segment = combine(segment, snapshot.tokens, Math.max)
  }
  return combine(total, segment, add)
}

/** How often a counter started anew. */
export function counterResets({ snapshots }: TokenCounter): number {
  let resets = 0
  let messages = 0
  for (const snapshot of snapshots) {
    if (snapshot.messages < messages) resets++
    messages = snapshot.messages
  }
  return resets
}

/** @returns the model that wrote most of the output; `undefined` when no counter names one */
export function dominantModel({ tokenCounters }: Session): string | undefined {
  const outputs = new Map<string, number>()
  for (const counter of tokenCounters) {
    if (counter.model === undefined) continue
    outputs.set(counter.model, (outputs.get(counter.model) ?? 0) + counterTotal(counter).output)
  }
  let dominant: string | undefined
  let most = -1
  for (const [model, output] of outputs) {
    if (output <= most) continue
    dominant = model
    most = output
  }
  return dominant
}

const NOTHING: TokenCounts = { freshInput: 0, cacheRead: 0, cacheCreation: 0, output: 0, reasoning: 0 }

function add(a: number, b: number): number {
  return a + b
}

function combine(a: TokenCounts, b: TokenCounts, by: (a: number, b: number) => number): TokenCounts {
  return {
    freshInput: by(a.freshInput, b.freshInput),
    cacheRead: by(a.cacheRead, b.cacheRead),
    cacheCreation: by(a.cacheCreation, b.cacheCreation),
    output: by(a.output, b.output),
    reasoning: by(a.reasoning, b.reasoning),
  }
}
