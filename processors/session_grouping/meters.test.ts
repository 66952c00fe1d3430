import { describe, expect, test } from 'vitest'
import type { UsageMeasure } from '#src/model/activity.ts'
import { addUsage, type Meter, resolveMeters } from './meters.ts'

interface Point {
  readonly source?: string
  readonly measure?: UsageMeasure
  readonly series?: string
  readonly cumulative?: boolean
  readonly value: number
}

function metered(points: readonly Point[]) {
  const meters = new Map<string, Meter>()
  for (const {
    source = 'qwen_code_metrics',
    measure = 'output',
    series = measure,
    cumulative = false,
    value,
  } of points) {
    addUsage(meters, { kind: 'usage', measure, model: 'm', series, cumulative, value }, source)
  }
  return resolveMeters(meters)
}

const cumulative = (series: string, value: number): Point => ({ series, cumulative: true, value })

describe('points of one series', () => {
  test('add up when they are deltas', () => {
    expect(metered([{ value: 20 }, { value: 22 }]).tokens?.m?.output).toBe(42)
  })

  test.for<{ name: string; points: Point[]; output: number }>([
    { name: 'replace each other', points: [cumulative('a', 10), cumulative('a', 30)], output: 30 },
    { name: 'in any order', points: [cumulative('a', 30), cumulative('a', 10)], output: 30 },
    {
      name: 'and begin anew with each process',
      points: [cumulative('a', 30), cumulative('b', 5), cumulative('b', 12)],
      output: 42,
    },
  ])('when they are cumulative $name', ({ points, output }) => {
    expect(metered(points).tokens?.m?.output).toBe(output)
  })
})

describe('input that includes what the cache gave and took', () => {
  const inclusive: Point[] = [
    { measure: 'input', value: 4010 },
    { measure: 'cacheRead', value: 3200 },
    { measure: 'cacheCreation', value: 10 },
  ]

  test.for([inclusive, inclusive.toReversed()])('becomes disjoint once all series are there', (points) => {
    expect(metered(points).tokens?.m).toMatchObject({ freshInput: 800, cacheRead: 3200, cacheCreation: 10 })
  })

  test('leaves nothing fresh where the cache gave more than all', () => {
    expect(metered([{ measure: 'input', value: 5 }, ...inclusive.slice(1)]).tokens?.m?.freshInput).toBe(0)
  })

  test('has beside it what is fresh in any case', () => {
    expect(metered([...inclusive, { measure: 'freshInput', value: 7 }]).tokens?.m?.freshInput).toBe(807)
  })
})

test('what two sources measure is not added: the more trusted one counts', () => {
  const seconds = (source: string, value: number): Point => ({
    source,
    series: source,
    measure: 'activeSeconds',
    value,
  })
  const both = [seconds('qwen_code_traces', 60), seconds('claude_code_metrics', 50)]
  expect(metered(both).activeSeconds).toBe(50)
  expect(metered(both.toReversed()).activeSeconds).toBe(50)
  expect(metered(both.slice(0, 1)).activeSeconds).toBe(60)
})

test('what nothing measured is absent', () => {
  expect(metered([])).toEqual({ tokens: undefined, costUsd: undefined, activeSeconds: undefined })
})
