/** There were no agents before. */
const EARLIEST_MS = Date.UTC(2020, 0, 1)

/** Clocks of other machines may be ahead by less than this. */
const AHEAD_MS = 86_400_000

/** @returns the latest time that telemetry can plausibly have */
export function latestPlausibleMs(nowMs: number): number {
  return nowMs + AHEAD_MS
}

export function isPlausible(timeMs: number, latestMs: number): boolean {
  return timeMs >= EARLIEST_MS && timeMs <= latestMs
}
