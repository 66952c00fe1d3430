/** A stretch of time, in epoch milliseconds. */
export type Interval = [startMs: number, endMs: number]

/**
 * Adds a stretch to disjoint, ordered intervals and joins what is at most `gapMs` apart. The result does not depend on
 * the order in which stretches are added.
 */
export function addInterval(intervals: Interval[], startMs: number, endMs: number, gapMs: number): void {
  const last = intervals.at(-1)
  if (last === undefined || startMs > last[1] + gapMs) {
    intervals.push([startMs, endMs])
  } else if (startMs >= last[0]) {
    last[1] = Math.max(last[1], endMs)
  } else {
    insert(intervals, startMs, endMs, gapMs)
  }
}

function insert(intervals: Interval[], startMs: number, endMs: number, gapMs: number): void {
  const first = intervals.findIndex((interval) => interval[1] + gapMs >= startMs)
  let joined = 0
  const merged: Interval = [startMs, endMs]
  for (const interval of intervals.slice(first)) {
    if (interval[0] > merged[1] + gapMs) break
    merged[0] = Math.min(merged[0], interval[0])
    merged[1] = Math.max(merged[1], interval[1])
    joined++
  }
  intervals.splice(first, joined, merged)
}
