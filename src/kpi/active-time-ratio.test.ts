import fc from 'fast-check'
import { expect, test } from 'vitest'
import { activeTimeRatio } from './active-time-ratio.ts'
import { session } from './session.fixture.ts'

const SEED = 20_261_120

type Times = number[]

test.for<{
  name: string
  span: [startMs: number, endMs: number]
  active: [startMs: number, endMs: number][]
  starts?: Times
  ends?: Times
  ratio: number | undefined
}>([
  { name: 'no duration', span: [1000, 1000], active: [[1000, 1000]], ratio: undefined },
  { name: 'always at work', span: [0, 4000], active: [[0, 4000]], ratio: 1 },
  {
    name: 'idle between',
    span: [0, 10_000],
    active: [
      [0, 1000],
      [9000, 10_000],
    ],
    ratio: 0.2,
  },
  { name: 'one moment only', span: [0, 1000], active: [[0, 0]], ratio: 0 },
  {
    name: 'time between processes does not count',
    span: [0, 10_000],
    active: [
      [0, 1000],
      [9000, 10_000],
    ],
    starts: [0, 9000],
    ends: [1000, 10_000],
    ratio: 1,
  },
  {
    name: 'idle time within a process counts',
    span: [0, 10_000],
    active: [
      [0, 1000],
      [9000, 10_000],
    ],
    starts: [0, 8000],
    ends: [2000, 10_000],
    ratio: 0.5,
  },
  {
    name: 'an end without a later start takes nothing away',
    span: [0, 10_000],
    active: [
      [0, 1000],
      [9000, 10_000],
    ],
    starts: [0],
    ends: [1000],
    ratio: 0.2,
  },
  {
    name: 'a start without an end before it takes nothing away',
    span: [0, 10_000],
    active: [
      [0, 1000],
      [9000, 10_000],
    ],
    starts: [0, 9000],
    ends: [],
    ratio: 0.2,
  },
  {
    name: 'of two ends in a row the later one counts',
    span: [0, 10_000],
    active: [
      [0, 4000],
      [9000, 10_000],
    ],
    starts: [0, 9000],
    ends: [1000, 4000],
    ratio: 1,
  },
  {
    name: 'activity between processes counts on both sides',
    span: [0, 10_000],
    active: [
      [0, 3000],
      [9000, 10_000],
    ],
    starts: [0, 9000],
    ends: [1000],
    ratio: 1,
  },
  {
    name: 'a quick restart within one stretch of work',
    span: [0, 10_000],
    active: [[0, 10_000]],
    starts: [0, 5000],
    ends: [4000, 10_000],
    ratio: 1,
  },
  {
    name: 'several pauses',
    span: [0, 10_000],
    active: [
      [0, 1000],
      [4000, 5000],
      [9000, 10_000],
    ],
    starts: [0, 4000, 9000],
    ends: [1000, 5000, 10_000],
    ratio: 1,
  },
])('active time ratio: $name', ({ span, active, starts = [], ends = [], ratio }) => {
  const result = activeTimeRatio(
    session({
      startedAtMs: span[0],
      endedAtMs: span[1],
      activeIntervals: active,
      processStartsMs: starts,
      processEndsMs: ends,
    }),
  )
  if (ratio === undefined) expect(result).toEqual({ absent: 'the session has no duration' })
  else expect(result).toMatchObject({ value: ratio, n: active.length, estimated: false })
})

test('whatever processes did, the ratio lies between 0 and 1', () => {
  const times = fc.array(fc.nat(100), { maxLength: 6 }).map((all) => all.toSorted((a, b) => a - b))
  fc.assert(
    fc.property(times, times, times, (bounds, processStartsMs, processEndsMs) => {
      const distinct = [...new Set(bounds)]
      const activeIntervals: [number, number][] = []
      for (let index = 0; index + 1 < distinct.length; index += 2) {
        activeIntervals.push([distinct[index] ?? 0, distinct[index + 1] ?? 0])
      }
      const startedAtMs = activeIntervals[0]?.[0] ?? 0
      const endedAtMs = activeIntervals.at(-1)?.[1] ?? 0
      const result = activeTimeRatio(
        session({ startedAtMs, endedAtMs, activeIntervals, processStartsMs, processEndsMs }),
      )
      if ('absent' in result) return
      expect(result.value).toBeGreaterThan(0)
      expect(result.value).toBeLessThanOrEqual(1)
    }),
    { seed: SEED },
  )
})
