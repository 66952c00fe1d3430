import type { Attributes } from '#src/model/telemetry.ts'

/** Why a line does not become telemetry although it should. */
export type LineFault = 'invalid_json' | 'invalid_time' | 'implausible_time' | 'missing_session'

/** What a line of a transcript says, without anything that was written or read in it. */
export type TranscriptLine =
  | {
      readonly kind: 'event'
      /** Its name in telemetry, with the prefix of its dialect. */
      readonly event: string
      readonly timeMs: number
      readonly attributes: Attributes
      readonly version: string | undefined
      readonly agentType: string | undefined
      /** The same line has the same key in every file that it was copied to. */
      readonly key: string | undefined
      /** When the line was written first. */
      readonly keyTimeMs: number
    }
  /** Of a kind that tells nothing about the agent's work. */
  | { readonly kind: 'ignored' }
  /** Of a kind that nobody knows. */
  | { readonly kind: 'unknown'; readonly type: string }
  | { readonly kind: 'fault'; readonly reason: LineFault }

/** There were no agents before. */
const EARLIEST_MS = Date.UTC(2020, 0, 1)
/** Clocks of other machines may be ahead by less than this. */
const AHEAD_MS = 86_400_000

/** A line's time in epoch milliseconds, or what is wrong with it. */
export function timeOf(timestamp: unknown, nowMs: number): number | LineFault {
  const timeMs = typeof timestamp === 'string' ? Date.parse(timestamp) : Number.NaN
  if (Number.isNaN(timeMs)) return 'invalid_time'
  return timeMs >= EARLIEST_MS && timeMs <= nowMs + AHEAD_MS ? timeMs : 'implausible_time'
}
