import type { Gauge } from '../component.ts'
import type { Edge, EdgeItems } from '../graph/edge.ts'
import type { Accounting, ComponentAccount, Reading } from './accounting.ts'
import { ProcessMeter } from './process-meter.ts'

export type MetricLabels = Readonly<Record<string, string>>

/** One metric of agentperf itself, as it is at one moment. */
export interface OwnMetric {
  readonly name: string
  readonly type: 'counter' | 'gauge'
  /** In the units of OpenTelemetry: `By`, `s`, `{item}`. */
  readonly unit: string
  readonly description: string
  readonly points: readonly { readonly labels: MetricLabels; readonly value: number }[]
  /** Has names of files: it is served on this machine and sent nowhere. */
  readonly local?: boolean
}

/** Files whose lag is told by name: those that are furthest behind. */
const MAX_NAMED_FILES = 20

const KIND_OF_GAUGE: Readonly<Record<Gauge, readonly [name: string, unit: string, description: string]>> = {
  open_sessions: ['agentperf.processor.sessions.open', '{session}', 'Sessions that have not ended.'],
  queue_requests: ['agentperf.exporter.queue.size', '{request}', 'Requests that wait to be sent.'],
  queue_bytes: ['agentperf.exporter.queue.used', 'By', 'What the requests that wait take on disk.'],
  queue_capacity_bytes: ['agentperf.exporter.queue.capacity', 'By', 'What requests that wait may take on disk.'],
  queue_age_seconds: ['agentperf.exporter.queue.age', 's', 'How long the oldest request has waited.'],
  file_lag_bytes: ['agentperf.receiver.lag', 'By', 'What is there and not read yet, of all files.'],
}

interface CountedEdge extends Edge {
  handedOn: number
  refused: number
}

/** What agentperf tells of itself. Counters begin with the process, whatever earlier runs have counted. */
export class OwnMetrics {
  readonly #accounting: Accounting
  readonly #meters: ProcessMeter[] = []
  readonly #before: ReadonlyMap<string, ComponentAccount>
  readonly #edges: CountedEdge[] = []

  constructor(accounting: Accounting) {
    this.#accounting = accounting
    this.#before = accounting.components()
  }

  edge(edge: Edge): EdgeItems {
    const counts: CountedEdge = { ...edge, handedOn: 0, refused: 0 }
    this.#edges.push(counts)
    return {
      handedOn(count) {
        counts.handedOn += count
      },
      refused(count) {
        counts.refused += count
      },
    }
  }

  /** @returns what collects them for one reader: it is told what has been since it asked last itself */
  reader(): () => readonly OwnMetric[] {
    const meter = new ProcessMeter()
    this.#meters.push(meter)
    return () => [...this.#edgeMetrics(), ...this.#accountMetrics(), ...this.#gaugeMetrics(), ...meter.collect()]
  }

  stop(): void {
    for (const meter of this.#meters) meter.stop()
  }

  #edgeMetrics(): readonly OwnMetric[] {
    const produced = Map.groupBy(this.#edges, ({ from }) => from.kind)
    const consumed = Map.groupBy(this.#edges, ({ to }) => to.kind)
    const metric = (
      name: string,
      description: string,
      edges: readonly CountedEdge[],
      side: 'from' | 'to',
    ): OwnMetric => ({
      ...counter(name, '{item}', description),
      points: edges.flatMap((edge) => edgePoints(edge, side)),
    })
    return [
      ...[...produced].map(([kind, edges]) =>
        metric(
          `agentperf.${kind}.produced.items`,
          'Items that were handed on, by whether they were taken.',
          edges,
          'from',
        ),
      ),
      ...[...consumed].map(([kind, edges]) =>
        metric(`agentperf.${kind}.consumed.items`, 'Items that came in, by whether they were taken.', edges, 'to'),
      ),
    ]
  }

  #accountMetrics(): readonly OwnMetric[] {
    const received: OwnMetric['points'][number][] = []
    const settled: OwnMetric['points'][number][] = []
    const held: OwnMetric['points'][number][] = []
    const events: OwnMetric['points'][number][] = []
    for (const [name, account] of this.#accounting.components()) {
      const labels = componentLabels(name)
      const before = this.#before.get(name)
      received.push({ labels, value: account.received - (before?.received ?? 0) })
      held.push({ labels, value: account.held })
      for (const [key, count] of Object.entries(account.settled)) {
        const [outcome = '', reason] = key.split(':')
        const value = count - (before?.settled[key] ?? 0)
        settled.push({ labels: { ...labels, outcome, ...(reason !== undefined && { reason }) }, value })
      }
      for (const [event, count] of Object.entries(account.noticed)) {
        events.push({ labels: { ...labels, event }, value: count - (before?.noticed[event] ?? 0) })
      }
    }
    return [
      {
        ...counter('agentperf.component.received.items', '{item}', 'Items that a component has received.'),
        points: received,
      },
      {
        ...counter('agentperf.component.settled.items', '{item}', 'What became of them; `dropped` has a reason.'),
        points: settled,
      },
      {
        ...gauge('agentperf.component.held.items', '{item}', 'Received items that wait for a decision.'),
        points: held,
      },
      { ...counter('agentperf.component.events', '{event}', 'What happened beside that.'), points: events },
    ]
  }

  #gaugeMetrics(): readonly OwnMetric[] {
    const points = new Map<Gauge, OwnMetric['points'][number][]>()
    const files: OwnMetric['points'][number][] = []
    for (const [component, gauges] of this.#accounting.gauges()) {
      const labels = componentLabels(component)
      for (const [kind, read] of gauges) {
        const list = points.get(kind) ?? []
        points.set(kind, list)
        list.push({ labels, value: totalOf(read) })
        if (kind !== 'file_lag_bytes') continue
        for (const [file, value] of furthestBehind(read)) files.push({ labels: { ...labels, file }, value })
      }
    }
    const told = [...points].map(([kind, list]) => ({ ...gauge(...KIND_OF_GAUGE[kind]), points: list }))
    const byFile = gauge(
      'agentperf.receiver.file.lag',
      'By',
      'What is not read yet, of the files that are furthest behind.',
    )
    return [...told, { ...byFile, points: files, local: true }]
  }
}

function counter(name: string, unit: string, description: string): Omit<OwnMetric, 'points'> {
  return { name, type: 'counter', unit, description }
}

function gauge(name: string, unit: string, description: string): Omit<OwnMetric, 'points'> {
  return { name, type: 'gauge', unit, description }
}

function edgePoints(edge: CountedEdge, side: 'from' | 'to'): readonly OwnMetric['points'][number][] {
  const peer = side === 'from' ? edge.to : edge.from
  const labels = {
    'component.id': edge[side].id,
    'pipeline.id': edge.pipeline,
    signal: edge.signal,
    'peer.id': peer.id,
  }
  return [
    { labels: { ...labels, outcome: 'success' }, value: edge.handedOn },
    { labels: { ...labels, outcome: 'refused' }, value: edge.refused },
  ]
}

/** @param name as accounts have it: `receiver/otlp/2` */
function componentLabels(name: string): MetricLabels {
  const slash = name.indexOf('/')
  return { 'component.kind': name.slice(0, slash), 'component.id': name.slice(slash + 1) }
}

function totalOf(read: Reading): number {
  const reading = read()
  return typeof reading === 'number' ? reading : [...reading.values()].reduce((sum, value) => sum + value, 0)
}

function furthestBehind(read: Reading): readonly (readonly [file: string, value: number])[] {
  const reading = read()
  if (typeof reading === 'number') return []
  return [...reading].toSorted(([, a], [, b]) => b - a).slice(0, MAX_NAMED_FILES)
}
