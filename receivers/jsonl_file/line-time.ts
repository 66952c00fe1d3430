import type { Json } from '#src/store/store.ts'
import { isList } from './json.ts'

const DIGITS = /^[0-9]{1,20}$/
const ISO_DATE = /^\d{4}-\d\d-\d\d[T ]\d\d:\d\d/
const ZONE = /(?:[zZ]|[+-]\d\d:?\d\d)$/

/**
 * A time in any of the forms that telemetry files have, as epoch milliseconds, exact to the microsecond: `[seconds,
 * nanoseconds]`; ISO 8601 (UTC where no zone is given); a number or digits, whose size tells seconds, milliseconds,
 * microseconds and nanoseconds apart.
 *
 * @returns `undefined` when it is none of these
 */
export function readTimeMs(value: Json | undefined): number | undefined {
  if (isList(value)) return hrPairMs(value)
  if (typeof value === 'number') return epochMs(value)
  if (typeof value !== 'string') return undefined
  if (DIGITS.test(value)) return value.length > 16 ? Number(value.slice(0, -3)) / 1000 : epochMs(Number(value))
  if (!ISO_DATE.test(value)) return undefined
  const ms = Date.parse(ZONE.test(value) ? value : `${value}Z`)
  return Number.isNaN(ms) ? undefined : ms
}

/** A length of time: a number of milliseconds or `[seconds, nanoseconds]`. */
export function readDurationMs(value: Json | undefined): number | undefined {
  if (isList(value)) return hrPairMs(value)
  return typeof value === 'number' && value >= 0 ? value : undefined
}

/** `[seconds, nanoseconds]` as milliseconds. */
export function hrTimeMs(seconds: number, nanoseconds: number): number {
  return (seconds * 1e6 + Math.floor(nanoseconds / 1000)) / 1000
}

function hrPairMs([seconds, nanoseconds]: readonly Json[]): number | undefined {
  return typeof seconds === 'number' && typeof nanoseconds === 'number' ? hrTimeMs(seconds, nanoseconds) : undefined
}

function epochMs(value: number): number {
  if (value < 1e11) return value * 1000
  if (value < 1e14) return value
  return value < 1e17 ? value / 1000 : Math.round(value / 1000) / 1000
}
