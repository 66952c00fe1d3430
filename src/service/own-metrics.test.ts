import { setTimeout as sleep } from 'node:timers/promises'
import { expect, onTestFinished, test } from 'vitest'
import { Accounting } from './accounting.ts'
import { MetricDeltas } from './metric-deltas.ts'
import { OwnMetrics } from './own-metrics.ts'

function collecting(saved?: ConstructorParameters<typeof Accounting>[0]) {
  const accounting = new Accounting(saved)
  const metrics = new OwnMetrics(accounting)
  onTestFinished(() => metrics.stop())
  const collect = metrics.reader()
  const pointsOf = (name: string) => collect().find((metric) => metric.name === name)?.points
  return { accounting, metrics, collect, pointsOf }
}

test('what goes over an edge is told of both its ends', () => {
  const { metrics, pointsOf } = collecting()
  const from = { kind: 'receiver', id: 'otlp' } as const
  const to = { kind: 'processor', id: 'sessions/session_grouping' } as const
  const items = metrics.edge({ pipeline: 'sessions', signal: 'telemetry', from, to })
  items.handedOn(5)
  items.refused(2)
  const common = { 'pipeline.id': 'sessions', signal: 'telemetry' }
  const produced = { ...common, 'component.id': 'otlp', 'peer.id': 'sessions/session_grouping' }
  expect(pointsOf('agentperf.receiver.produced.items')).toEqual([
    { labels: { ...produced, outcome: 'success' }, value: 5 },
    { labels: { ...produced, outcome: 'refused' }, value: 2 },
  ])
  expect(pointsOf('agentperf.processor.consumed.items')?.[0]).toEqual({
    labels: { ...common, 'component.id': 'sessions/session_grouping', 'peer.id': 'otlp', outcome: 'success' },
    value: 5,
  })
})

test('counters begin with the process: what earlier runs have counted is not told again', () => {
  const before = new Accounting()
  before.itemsOf('receiver/otlp/2').received(100)
  before.itemsOf('receiver/otlp/2').settled('dropped', 4, 'late')
  const { accounting, pointsOf } = collecting(before.toJson())
  const items = accounting.itemsOf('receiver/otlp/2')
  items.received(3)
  items.settled('dropped', 1, 'late')
  items.settled('used', 1)
  items.holding(1)
  items.noticed('requests_refused_400', 2)
  const labels = { 'component.kind': 'receiver', 'component.id': 'otlp/2' }
  expect(pointsOf('agentperf.component.received.items')).toEqual([{ labels, value: 3 }])
  expect(pointsOf('agentperf.component.settled.items')).toEqual([
    { labels: { ...labels, outcome: 'dropped', reason: 'late' }, value: 1 },
    { labels: { ...labels, outcome: 'used' }, value: 1 },
  ])
  expect(pointsOf('agentperf.component.held.items')).toEqual([{ labels, value: 1 }])
  expect(pointsOf('agentperf.component.events')).toEqual([
    { labels: { ...labels, event: 'requests_refused_400' }, value: 2 },
  ])
})

test('of files that are behind the furthest are named, on this machine only', () => {
  const { accounting, collect, pointsOf } = collecting()
  const lags = new Map(Array.from({ length: 30 }, (_, n) => [`/home/ada/${n}.jsonl`, n + 1]))
  accounting.itemsOf('receiver/jsonl_file').observe('file_lag_bytes', () => lags)
  expect(pointsOf('agentperf.receiver.lag')?.[0]?.value).toBe(465)
  const named = pointsOf('agentperf.receiver.file.lag') ?? []
  expect(named.map(({ value }) => value)).toEqual(Array.from({ length: 20 }, (_, n) => 30 - n))
  expect(JSON.stringify(new MetricDeltas(0).next(collect(), 1))).not.toContain('/home/ada')
})

test('over the wire counters tell what was added, gauges what is', () => {
  const { accounting, collect } = collecting()
  const items = accounting.itemsOf('exporter/signoz')
  const deltas = new MetricDeltas(1000)
  const valuesOf = (name: string, nowMs: number) => {
    const metric = deltas.next(collect(), nowMs).find(({ descriptor }) => descriptor.name === name)
    return metric?.dataPoints.map(({ value, startTime, endTime }) => ({ value, startTime, endTime }))
  }
  items.received(5)
  expect(valuesOf('agentperf.component.received.items', 2500)).toEqual([
    { value: 5, startTime: [1, 0], endTime: [2, 5e8] },
  ])
  items.received(2)
  expect(valuesOf('agentperf.component.received.items', 3000)).toEqual([
    { value: 2, startTime: [2, 5e8], endTime: [3, 0] },
  ])
  items.holding(7)
  expect(valuesOf('agentperf.component.held.items', 4000)?.[0]?.value).toBe(7)
  expect(valuesOf('agentperf.component.held.items', 5000)?.[0]?.value).toBe(7)
})

test('each reader is told of a blocked event loop, whoever has asked before it', async () => {
  const { metrics } = collecting()
  const readers = [metrics.reader(), metrics.reader()]
  const longestOf = (read: (typeof readers)[number]) =>
    read()
      .find(({ name }) => name === 'agentperf.process.event_loop.delay')
      ?.points.find(({ labels }) => labels.quantile === '1')?.value
  for (const read of readers) expect(longestOf(read)).toBeUndefined()
  await sleep(100)
  const blockedUntilMs = performance.now() + 400
  while (performance.now() < blockedUntilMs);
  await sleep(100)
  for (const read of readers) expect(longestOf(read)).toBeGreaterThan(0.3)
})

test('what was given back is told again, with what was added since', () => {
  const { accounting, collect } = collecting()
  const items = accounting.itemsOf('exporter/signoz')
  const deltas = new MetricDeltas(1000)
  const next = (nowMs: number) => deltas.next(collect(), nowMs)
  const received = (metrics: ReturnType<typeof next>) =>
    metrics.find(({ descriptor }) => descriptor.name === 'agentperf.component.received.items')?.dataPoints
  items.received(100)
  deltas.giveBack(next(2000))
  items.received(5)
  expect(received(next(3000))).toMatchObject([{ value: 105, startTime: [1, 0], endTime: [3, 0] }])
  expect(received(next(4000))).toMatchObject([{ value: 0, startTime: [3, 0] }])
})
