import type { Agent } from './agents.ts'
import type { Random } from './random.ts'

/** What the hook at the end of a turn reads from the transcript: sums since its beginning. */
export interface TokenSnapshot {
  readonly messages: number
  readonly input: number
  readonly output: number
  readonly cacheRead: number
  readonly cacheCreation: number
}

/**
 * One snapshot for each turn. A compaction begins a new transcript, and the counts with it.
 *
 * @param compactedAfter the turn (from 0) after which that happens
 */
export function tokenSnapshots(
  agent: Agent,
  turns: number,
  compactedAfter: number | undefined,
  random: Random,
): readonly TokenSnapshot[] {
  const output = random.integer(12_000, 42_000)
  const input = random.integer(150, 900)
  const efficiency = agent.tokenEfficiency * random.normal(1, 0.1)
  const cacheRead = output / efficiency - output - input
  const cacheCreation = cacheRead * (1 / (agent.cacheEfficiency + random.normal(0, 0.008)) - 1) - input
  const cuts = compactedAfter === undefined ? [turns] : [compactedAfter + 1, turns - compactedAfter - 1]
  return cuts.flatMap((turnsOfTranscript) => {
    const share = turnsOfTranscript / turns
    return Array.from({ length: turnsOfTranscript }, (_, turn): TokenSnapshot => {
      const part = share * ((turn + 1) / turnsOfTranscript)
      return {
        messages: (turn + 1) * 14 + 2,
        input: Math.round(input * part),
        output: Math.round(output * part),
        cacheRead: Math.round(cacheRead * part),
        cacheCreation: Math.round(cacheCreation * part),
      }
    })
  })
}
