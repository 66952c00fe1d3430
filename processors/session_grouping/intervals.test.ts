import fc from 'fast-check'
import { expect, test } from 'vitest'
import { addInterval, type Interval } from './intervals.ts'

const GAP_MS = 300

function added(stretches: readonly (readonly [number, number])[]): Interval[] {
  const intervals: Interval[] = []
  for (const [startMs, endMs] of stretches) addInterval(intervals, startMs, endMs, GAP_MS)
  return intervals
}

test.for<{ name: string; stretches: [number, number][]; intervals: [number, number][] }>([
  { name: 'one moment', stretches: [[5, 5]], intervals: [[5, 5]] },
  {
    name: 'a gap of just the limit joins',
    stretches: [
      [0, 10],
      [310, 320],
    ],
    intervals: [[0, 320]],
  },
  {
    name: 'a longer gap does not',
    stretches: [
      [0, 10],
      [311, 320],
    ],
    intervals: [
      [0, 10],
      [311, 320],
    ],
  },
  {
    name: 'one inside another adds nothing',
    stretches: [
      [0, 100],
      [20, 30],
    ],
    intervals: [[0, 100]],
  },
  {
    name: 'one before all',
    stretches: [
      [1000, 1010],
      [0, 10],
    ],
    intervals: [
      [0, 10],
      [1000, 1010],
    ],
  },
  {
    name: 'one that bridges two',
    stretches: [
      [0, 10],
      [700, 710],
      [300, 450],
    ],
    intervals: [[0, 710]],
  },
  {
    name: 'one between two that touches neither',
    stretches: [
      [0, 10],
      [2000, 2010],
      [1000, 1010],
    ],
    intervals: [
      [0, 10],
      [1000, 1010],
      [2000, 2010],
    ],
  },
  {
    name: 'one that covers several',
    stretches: [
      [0, 10],
      [1000, 1010],
      [2000, 2010],
      [900, 3000],
    ],
    intervals: [
      [0, 10],
      [900, 3000],
    ],
  },
])('$name', ({ stretches, intervals }) => {
  expect(added(stretches)).toEqual(intervals)
})

test('the order in which stretches are added does not matter', () => {
  const stretch = fc
    .tuple(fc.nat(20_000), fc.nat(500))
    .map(([start, length]): [number, number] => [start, start + length])
  fc.assert(
    fc.property(fc.array(stretch, { maxLength: 30 }), fc.infiniteStream(fc.nat()), (stretches, order) => {
      const shuffled = stretches.map((item) => ({ item, rank: order.next().value ?? 0 }))
      shuffled.sort((a, b) => a.rank - b.rank)
      expect(added(shuffled.map(({ item }) => item))).toEqual(added(stretches))
    }),
    { seed: 20_261_120 },
  )
})
