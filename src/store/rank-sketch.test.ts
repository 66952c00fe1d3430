import fc from 'fast-check'
import { expect, test } from 'vitest'
import { RankSketch } from './rank-sketch.ts'

const SEED = 20261120

function sketchOf(values: readonly number[]): RankSketch {
  const sketch = new RankSketch()
  for (const value of values) sketch.add(value)
  return sketch
}

test.for<{ name: string; values: number[]; of: number; below: number; equal: number }>([
  { name: 'no values', values: [], of: 1, below: 0, equal: 0 },
  { name: 'itself alone', values: [0.5], of: 0.5, below: 0, equal: 1 },
  { name: 'zero between negative and positive values', values: [-1, 0, 0, 1], of: 0, below: 1, equal: 2 },
  { name: 'negative values in their order', values: [-100, -10, -1], of: -10, below: 1, equal: 1 },
  { name: 'ratios near 1', values: [0.95, 0.9827, 0.9937, 1], of: 0.9937, below: 2, equal: 1 },
  { name: 'a value that is not there', values: [1, 2, 3], of: 2.5, below: 2, equal: 0 },
  { name: 'magnitudes beyond the ends', values: [-1e300, 1e-300, 1e300], of: 1e200, below: 2, equal: 1 },
])('rank: $name', ({ values, of, below, equal }) => {
  expect(sketchOf(values).rank(of)).toEqual({ below, equal, count: values.length })
})

const values = fc.array(
  fc.oneof(
    fc.double({ min: -1e6, max: 1e6, noNaN: true }),
    fc.double({ min: 0, max: 1, noNaN: true }),
    fc.constantFrom(0, 1, 0.5),
  ),
)

test('ranks agree with counting, but for values within a few thousandths of each other', () => {
  fc.assert(
    fc.property(values, fc.nat(), (all, pick) => {
      const value = all[pick % Math.max(1, all.length)] ?? 0
      const near = 0.0021 * Math.abs(value) + 1e-12
      const { below, equal, count } = sketchOf(all).rank(value)
      expect(count).toBe(all.length)
      expect(below).toBeGreaterThanOrEqual(all.filter((other) => other < value - near).length)
      expect(below).toBeLessThanOrEqual(all.filter((other) => other < value).length)
      expect(below + equal).toBeGreaterThanOrEqual(all.filter((other) => other <= value).length)
      expect(below + equal).toBeLessThanOrEqual(all.filter((other) => other <= value + near).length)
    }),
    { seed: SEED },
  )
})

test('values that are taken out leave no trace, whatever the order', () => {
  fc.assert(
    fc.property(values, values, (kept, removed) => {
      const sketch = sketchOf([...removed, ...kept])
      for (const value of removed.toReversed()) sketch.remove(value)
      expect(sketch.buckets()).toEqual(sketchOf(kept.toReversed()).buckets())
      expect(sketch.count).toBe(kept.length)
    }),
    { seed: SEED },
  )
})

test('a sketch comes back from its buckets', () => {
  const sketch = sketchOf([-3, 0, 0.2, 0.2, 7e9])
  const again = RankSketch.fromBuckets(JSON.parse(JSON.stringify(sketch.buckets())))
  expect(again.rank(0.2)).toEqual({ below: 2, equal: 2, count: 5 })
  expect(again.buckets()).toEqual(sketch.buckets())
})
