import type { Telemetry } from '#src/model/telemetry.ts'

/** Clocks that were never set say 1970 or 2000; the OpenTelemetry project's own example requests are of December 2018. */
const EARLIEST_MS = Date.UTC(2018, 0, 1)

/** Clocks of other machines may be ahead by less than this. */
const AHEAD_MS = 86_400_000

/** @returns the latest time that telemetry can plausibly have */
export function latestPlausibleMs(nowMs: number): number {
  return nowMs + AHEAD_MS
}

/** Whether it can have been at this time. 0, which is OTLP's «unknown», is never plausible. */
export function isPlausible(timeMs: number, latestMs: number): boolean {
  return timeMs >= EARLIEST_MS && timeMs <= latestMs
}

/**
 * Whether an item can have been when it says. The start of a metric point is not looked at: it may be unknown, and only
 * tells series apart.
 */
export function hasPlausibleTime(item: Telemetry, latestMs: number): boolean {
  if (item.kind === 'span') return isPlausible(item.startMs, latestMs) && isPlausible(item.endMs, latestMs)
  return isPlausible(item.timeMs, latestMs)
}
