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
  const timeMs = typeof timestamp === 'string' ? (usualTimeMs(timestamp) ?? Date.parse(timestamp)) : Number.NaN
  if (Number.isNaN(timeMs)) return 'invalid_time'
  return timeMs >= EARLIEST_MS && timeMs <= nowMs + AHEAD_MS ? timeMs : 'implausible_time'
}

const USUAL = '0000-00-00T00:00:00.000Z'
/** Every month has so many days. */
const DAYS_OF_ALL_MONTHS = 28

/** A time as clients write it, for a fraction of what `Date.parse` takes. @returns `undefined` for any other form */
function usualTimeMs(text: string): number | undefined {
  if (text.length !== USUAL.length) return undefined
  for (let at = 0; at < USUAL.length; at++) {
    const expected = USUAL.charCodeAt(at)
    const code = text.charCodeAt(at)
    if (expected === ZERO ? code < ZERO || code > ZERO + 9 : code !== expected) return undefined
  }
  const [month, day] = [twoDigits(text, 5), twoDigits(text, 8)]
  const [hour, minute, second] = [twoDigits(text, 11), twoDigits(text, 14), twoDigits(text, 17)]
  if (month < 1 || month > 12 || day < 1 || day > DAYS_OF_ALL_MONTHS) return undefined
  if (hour > 23 || minute > 59 || second > 59) return undefined
  const year = 100 * twoDigits(text, 0) + twoDigits(text, 2)
  // `Date.UTC` takes the years of the first century for those of the last one.
  if (year < 100) return undefined
  const milliseconds = 10 * twoDigits(text, 20) + text.charCodeAt(22) - ZERO
  return Date.UTC(year, month - 1, day, hour, minute, second, milliseconds)
}

const ZERO = 0x30

function twoDigits(text: string, at: number): number {
  return 10 * (text.charCodeAt(at) - ZERO) + text.charCodeAt(at + 1) - ZERO
}
