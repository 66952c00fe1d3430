import fc from 'fast-check'
import { expect, test } from 'vitest'
import { asciiChart } from './ascii-chart.ts'

const SEED = 20_260_213

function chart(values: readonly number[], baseline?: number, width = 30, height = 5): string {
  return `\n${asciiChart({ values, baseline, width, height })}\n`
}

test('a rising line crosses its baseline', () => {
  expect(chart([1, 2, 3, 4], 2.5)).toBe(`
4.00 |                ..o
     |           .o...
2.50 |- - - - ... - - - - - -
     |    ..o.
1.00 |o...
     +------------------------
      s1    s2    s3    s4
`)
})

test.for<{ name: string; values: number[]; baseline?: number; points: number; labels: string[] }>([
  { name: 'one value', values: [0.5], points: 1, labels: ['0.50'] },
  { name: 'equal values', values: [2, 2, 2], points: 3, labels: ['2.00'] },
  { name: 'all zero', values: [0, 0], points: 2, labels: ['0'] },
  { name: 'equal to the baseline', values: [3, 3], baseline: 3, points: 2, labels: ['3.00'] },
  {
    name: 'values that are not finite are left out',
    values: [1, Number.NaN, 3, Infinity],
    points: 2,
    labels: ['1.00', '2.00', '3.00'],
  },
  {
    name: 'the largest and the smallest numbers',
    values: [Number.MAX_VALUE, -Number.MAX_VALUE],
    points: 2,
    labels: ['-1.80e+308', '0', '1.80e+308'],
  },
  { name: 'a range too small for a double to halve', values: [0, 5e-324], points: 2, labels: ['0'] },
  {
    name: 'a baseline that is not finite is not drawn',
    values: [1, 2],
    baseline: Number.NaN,
    points: 2,
    labels: ['1.00', '1.50', '2.00'],
  },
])('$name', ({ values, baseline, points, labels }) => {
  const text = chart(values, baseline)
  expect(text.split('o').length - 1).toBe(points)
  for (const label of labels) expect(text).toMatch(new RegExp(`^ *${label.replace(/[.+]/g, '\\$&')} \\|`, 'm'))
})

test('no finite value, no chart', () => {
  expect(asciiChart({ values: [Number.NaN], baseline: 1, width: 40, height: 5 })).toBe('')
  expect(asciiChart({ values: [], baseline: undefined, width: 40, height: 5 })).toBe('')
})

test('where there is no room the last values are shown', () => {
  const text = asciiChart({ values: [9, 9, 9, 1, 2, 3], baseline: undefined, width: 8, height: 3 })
  expect(text).toBe('9.0 |\n    |  o\n1.0 |oo\n    +---')
})

test('any values fit the width and never throw', () => {
  const values = fc.array(fc.double(), { minLength: 1, maxLength: 40 })
  const size = fc.oneof(fc.integer({ min: -5, max: 200 }), fc.constant(Number.NaN))
  fc.assert(
    fc.property(values, fc.option(fc.double(), { nil: undefined }), size, size, (points, baseline, width, height) => {
      const text = asciiChart({ values: points, baseline, width, height })
      expect(text === '').toBe(!points.some(Number.isFinite))
      for (const line of text.split('\n')) {
        expect(line).not.toMatch(/NaN|Infinity|[^\x20-\x7e]/)
        if (width >= 24) expect(line.length).toBeLessThanOrEqual(width)
      }
    }),
    { seed: SEED, numRuns: 500 },
  )
})
