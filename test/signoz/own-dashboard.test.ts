import { afterAll, beforeAll, expect, test } from 'vitest'
import { ownDashboard } from '../../scripts/signoz/own-dashboard.ts'
import { ClickHouse } from './clickhouse.ts'
import { Ingester } from './ingester.ts'
import type { Range } from './metric-sql.ts'
import { panelResult, type Shown } from './panel-results.ts'

/** Metrics of agentperf itself, minute by minute over an hour, as they go over the wire. */

const START_MS = Date.UTC(2026, 10, 20, 10)
const MINUTES = 60
const MINUTE_MS = 60_000
const RANGE: Range = { startMs: START_MS, endMs: START_MS + MINUTES * MINUTE_MS, stepSeconds: 300 }

type Labels = Readonly<Record<string, string>>
type Made = (minute: number) => readonly (readonly [labels: Labels, value: number])[]

const receiver = (id: string): Labels => ({ 'component.kind': 'receiver', 'component.id': id })
const exporter = { 'component.kind': 'exporter', 'component.id': 'signoz' }

const COUNTERS: Readonly<Record<string, Made>> = {
  'agentperf.component.received.items': (minute) => [
    [receiver('otlp'), minute],
    [receiver('claude_hooks'), 2],
    [exporter, 7],
  ],
  'agentperf.component.settled.items': (minute) => [
    [{ ...receiver('otlp'), outcome: 'used' }, minute],
    [{ ...receiver('otlp'), outcome: 'dropped', reason: 'late' }, minute % 2],
    [{ ...exporter, outcome: 'dropped', reason: 'too_large' }, 3],
  ],
  'agentperf.component.events': () => [
    [{ ...exporter, event: 'requests_delivered' }, 4],
    [{ ...exporter, event: 'attempts_failed' }, 1],
    [{ ...exporter, event: 'items_dropped_queue_full' }, 5],
    [{ 'component.kind': 'exporter', 'component.id': 'otlp', event: 'items_dropped_queue_full' }, 2],
  ],
  'agentperf.receiver.produced.items': (minute) => [
    [{ 'component.id': 'otlp', outcome: 'success' }, minute],
    [{ 'component.id': 'otlp', outcome: 'refused' }, 0],
  ],
  'agentperf.exporter.consumed.items': () => [[{ 'component.id': 'signoz', outcome: 'success' }, 7]],
  'agentperf.process.cpu': () => [[{}, 30]],
}

const GAUGES: Readonly<Record<string, Made>> = {
  'agentperf.exporter.queue.size': (minute) => [
    [exporter, minute],
    [{ ...exporter, 'component.id': 'otlp' }, 1],
  ],
  'agentperf.exporter.queue.age': (minute) => [[exporter, 10 * minute]],
  'agentperf.exporter.queue.used': (minute) => [[exporter, 1000 * minute]],
  'agentperf.exporter.queue.capacity': () => [[exporter, 268_435_456]],
  // The same within a step: SigNoz takes any of the last values of one.
  'agentperf.processor.sessions.open': (minute) => [
    [{ 'component.id': 'session_grouping' }, Math.floor(minute / 5) % 7],
  ],
  'agentperf.receiver.lag': (minute) => [[receiver('transcripts'), 100 * minute]],
  'agentperf.process.memory.rss': () => [[{}, 9e7]],
  'agentperf.process.runtime.heap.alloc': () => [[{}, 4e7]],
  'agentperf.process.event_loop.delay': (minute) => [
    [{ quantile: '0.99' }, 0.001],
    [{ quantile: '1' }, minute / 1000],
  ],
}

let store: ClickHouse

beforeAll(async () => {
  store = new ClickHouse()
  const ingester = new Ingester(store)
  const url = await ingester.start()
  for (let minute = 0; minute < MINUTES; minute += 1) {
    const metrics = [
      ...Object.entries(COUNTERS).map(([name, made]) => ({
        ...{ name, unit: '1' },
        sum: { dataPoints: pointsOf(made, minute), aggregationTemporality: 1, isMonotonic: true },
      })),
      ...Object.entries(GAUGES).map(([name, made]) => ({
        ...{ name, unit: '1' },
        gauge: { dataPoints: pointsOf(made, minute) },
      })),
    ]
    const resource = { attributes: [attribute('service.name', 'agentperf')] }
    const body = JSON.stringify({
      resourceMetrics: [{ resource, scopeMetrics: [{ scope: { name: 'agentperf' }, metrics }] }],
    })
    await fetch(`${url}/v1/metrics`, { method: 'POST', body })
  }
  await ingester.stop()
})

afterAll(() => store.close())

const { panels } = ownDashboard().spec

test.for(Object.keys(panels))('%s is not empty, and has what is in the metrics', (id) => {
  const panel = panels[id]
  if (panel === undefined) throw new Error(`no panel ${id}`)
  const { shown } = panelResult(panel, store, {}, RANGE)
  expect(Object.keys(EXPECTED)).toContain(id)
  expect(totals(id, shown)).toEqual(EXPECTED[id])
})

/** Sums, or of gauges the highest of all steps, by series and group. */
const EXPECTED: Readonly<Record<string, Readonly<Record<string, number>>>> = {
  received: { 'A ': 1770 + 120 },
  dropped: { 'A ': 30 + 180 },
  'dropped-from-queues': { 'A ': 300 + 120 },
  'requests-waiting': { 'A ': 60 },
  'open-sessions': { 'A ': 4 },
  'received-by-component': { 'A otlp': 1770, 'A claude_hooks': 120 },
  'settled-by-outcome': { 'A used': 1770, 'A dropped': 210 },
  'dropped-by-reason': { 'A otlp late': 30, 'A signoz too_large': 180 },
  events: {
    'A signoz requests_delivered': 240,
    'A signoz attempts_failed': 60,
    'A signoz items_dropped_queue_full': 300,
    'A otlp items_dropped_queue_full': 120,
  },
  'edge-outcomes': { 'A otlp success': 1770, 'A otlp refused': 0 },
  'exporter-outcomes': { 'A signoz success': 420 },
  'queue-size': { 'A signoz': 59, 'A otlp': 1 },
  'queue-age': { 'A signoz': 590 },
  'queue-bytes': { 'A signoz': 59_000, 'B signoz': 268_435_456 },
  lag: { 'A transcripts': 5900 },
  cpu: { 'A ': 0.5 },
  memory: { 'A ': 9e7, 'B ': 4e7 },
  'event-loop-delay': { 'A 0.99': 0.001, 'A 1': 0.059 },
}

/** Panels that show counts; of the others the highest value of a series is looked at. */
const COUNTED = /^(received|dropped|settled|events|edge|exporter)/

function totals(id: string, shown: readonly Shown[]): Readonly<Record<string, number>> {
  const groups = Map.groupBy(shown, ({ series, group }) => `${series} ${group.join(' ')}`)
  const total = (values: readonly number[]): number =>
    COUNTED.test(id) ? values.reduce((sum, value) => sum + value, 0) : Math.max(...values)
  return Object.fromEntries([...groups].map(([key, all]) => [key, total(all.map(({ value }) => value))]))
}

function pointsOf(made: Made, minute: number): readonly object[] {
  const timeUnixNano = `${START_MS + minute * MINUTE_MS}000000`
  return made(minute).map(([labels, asDouble]) => ({
    timeUnixNano,
    asDouble,
    attributes: Object.entries(labels).map(([key, value]) => attribute(key, value)),
  }))
}

function attribute(key: string, stringValue: string): object {
  return { key, value: { stringValue } }
}
