import { expect, test } from 'vitest'
import { isPlausible, latestPlausibleMs } from './plausible-time.ts'

const NOW_MS = Date.UTC(2026, 1, 13)
const DAY_MS = 86_400_000

test.for<{ what: string; timeMs: number; plausible: boolean }>([
  { what: 'unknown', timeMs: 0, plausible: false },
  { what: 'seconds that were taken for milliseconds', timeMs: NOW_MS / 1000, plausible: false },
  { what: 'just before 2018', timeMs: Date.UTC(2018, 0, 1) - 1, plausible: false },
  { what: 'the start of 2018', timeMs: Date.UTC(2018, 0, 1), plausible: true },
  { what: 'now', timeMs: NOW_MS, plausible: true },
  { what: 'a day ahead', timeMs: NOW_MS + DAY_MS, plausible: true },
  { what: 'more than a day ahead', timeMs: NOW_MS + DAY_MS + 1, plausible: false },
  { what: 'nanoseconds that were taken for microseconds', timeMs: NOW_MS * 1000, plausible: false },
  { what: 'not a number', timeMs: Number.NaN, plausible: false },
])('$what', ({ timeMs, plausible }) => {
  expect(isPlausible(timeMs, latestPlausibleMs(NOW_MS))).toBe(plausible)
})
