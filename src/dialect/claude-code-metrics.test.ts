import { expect, test } from 'vitest'
import type { MetricPoint } from '../model/telemetry.ts'
import { claudeCodeMetrics } from './claude-code-metrics.ts'

function point(rest: Partial<MetricPoint>): MetricPoint {
  return {
    kind: 'metric',
    name: 'claude_code.token.usage',
    unit: 'tokens',
    type: 'sum',
    temporality: 'delta',
    monotonic: true,
    startMs: 1000,
    timeMs: 2000,
    value: 62,
    attributes: { 'session.id': 's1', model: 'opus', type: 'input' },
    resource: { attributes: {} },
    scope: { name: 'com.anthropic.claude_code' },
    ...rest,
  }
}

function usageOf(item: MetricPoint) {
  const reading = claudeCodeMetrics.read(item)
  const activity = reading?.kind === 'observed' ? reading.observation.activities[0] : undefined
  return activity?.kind === 'usage' ? activity : undefined
}

test.for([
  { rest: {}, measure: 'freshInput' },
  { rest: { attributes: { type: 'cacheRead' } }, measure: 'cacheRead' },
  { rest: { name: 'claude_code.cost.usage', value: 0.5 }, measure: 'costUsd' },
  { rest: { name: 'claude_code.active_time.total', value: 4.7 }, measure: 'activeSeconds' },
])('$rest measures $measure', ({ rest, measure }) => {
  expect(usageOf(point(rest))?.measure).toBe(measure)
})

test('deltas of one series share it over time, cumulative ones only within a process', () => {
  const series = (rest: Partial<MetricPoint>) => usageOf(point(rest))?.series
  expect(series({ startMs: 2000, timeMs: 3000 })).toBe(series({}))
  const cumulative = { temporality: 'cumulative' } as const
  expect(series({ ...cumulative, timeMs: 3000 })).toBe(series(cumulative))
  expect(series({ ...cumulative, startMs: 2000 })).not.toBe(series(cumulative))
})

test('in whatever order its attributes come, a point is of the same series', () => {
  const attributes = { 'session.id': 's1', model: 'opus', type: 'input' }
  const reversed = { type: 'input', model: 'opus', 'session.id': 's1' }
  expect(usageOf(point({ attributes: reversed }))?.series).toBe(usageOf(point({ attributes }))?.series)
  expect(usageOf(point({ attributes: { ...attributes, type: 'output' } }))?.series).not.toBe(usageOf(point({}))?.series)
})

test.for([
  { name: 'claude_code.session.count', reading: { kind: 'ignored', reason: 'metric_not_used' } },
  { name: 'claude_code.time_travel', reading: { kind: 'unknown', name: 'claude_code.time_travel' } },
  { name: 'gen_ai.client.token.usage', reading: undefined },
])('$name → $reading', ({ name, reading }) => {
  expect(claudeCodeMetrics.read(point({ name }))).toEqual(reading)
})
