import { dashboard } from './dashboard.ts'
import type { Dashboard } from './dashboard-schema.ts'
import { barPanel, linePanel, type NumberFormat, numberPanel, type Section, tablePanel } from './panels.ts'
import { countQuery, type MetricQueryOptions, metricQuery } from './queries.ts'
import type { CompositePart } from './query-schema.ts'

const COMPONENT = 'component.id'
const BYTES: NumberFormat = { unit: 'By', decimals: 1 }
const SECONDS: NumberFormat = { unit: 's', decimals: 2 }

/** How agentperf itself does: what it receives, what became of it, what waits, what it takes of the machine. */
export function ownDashboard(): Dashboard {
  return dashboard({
    name: 'agentperf-itself',
    title: 'agentperf itself',
    description: 'What agentperf receives, what became of it, what waits, and what it takes of the machine.',
    sections: [overview(), items(), waiting(), machine()],
  })
}

function overview(): Section {
  return {
    title: 'Overview',
    open: true,
    width: 2,
    height: 4,
    panels: {
      received: numberPanel({ title: 'Items received', description: 'By receivers' }, [
        countQuery('A', 'agentperf.component.received.items', { filter: "component.kind = 'receiver'" }),
      ]),
      dropped: numberPanel(
        {
          title: 'Items dropped',
          description: 'By components, before they were in a queue; the table below has the reasons.',
        },
        [countQuery('A', 'agentperf.component.settled.items', { filter: "outcome = 'dropped'" })],
      ),
      'dropped-from-queues': numberPanel(
        { title: 'Dropped from queues', description: 'Items of the oldest requests, where the queue was full' },
        [countQuery('A', 'agentperf.component.events', { filter: "event = 'items_dropped_queue_full'" })],
      ),
      'requests-waiting': numberPanel(
        { title: 'Requests waiting', description: 'In the queues of exporters, at most' },
        [gaugeQuery('A', 'agentperf.exporter.queue.size', { time: 'max', space: 'sum', reduceTo: 'max' })],
      ),
      'open-sessions': numberPanel({ title: 'Open sessions', description: 'Now' }, [
        gaugeQuery('A', 'agentperf.processor.sessions.open', { time: 'latest', space: 'sum', reduceTo: 'last' }),
      ]),
    },
  }
}

function items(): Section {
  return {
    title: 'Items',
    open: true,
    width: 6,
    height: 5,
    panels: {
      'received-by-component': barPanel({ title: 'Received by receiver', description: '' }, [
        countBy('agentperf.component.received.items', [COMPONENT], "component.kind = 'receiver'"),
      ]),
      'settled-by-outcome': barPanel({ title: 'What became of items', description: 'In all components' }, [
        countBy('agentperf.component.settled.items', ['outcome']),
      ]),
      'dropped-by-reason': tablePanel(
        { title: 'Dropped by reason', description: '' },
        [countBy('agentperf.component.settled.items', [COMPONENT, 'reason'], "outcome = 'dropped'")],
        0,
      ),
      events: tablePanel(
        { title: 'What happened besides', description: 'Requests delivered and refused, repairs, repeated attempts …' },
        [countBy('agentperf.component.events', [COMPONENT, 'event'])],
        0,
      ),
      'edge-outcomes': barPanel(
        { title: 'Handed on by receivers', description: 'Refused items are offered again: that is the backpressure.' },
        [countBy('agentperf.receiver.produced.items', [COMPONENT, 'outcome'])],
      ),
      'exporter-outcomes': barPanel({ title: 'Taken by exporters', description: '' }, [
        countBy('agentperf.exporter.consumed.items', [COMPONENT, 'outcome']),
      ]),
    },
  }
}

function waiting(): Section {
  const highest = { time: 'max', space: 'max', by: [COMPONENT], legend: `{{${COMPONENT}}}` } as const
  return {
    title: 'What waits',
    open: true,
    width: 6,
    height: 5,
    panels: {
      'queue-size': linePanel({ title: 'Requests in queues', description: '' }, [
        gaugeQuery('A', 'agentperf.exporter.queue.size', highest),
      ]),
      'queue-age': linePanel(
        { title: 'Age of the oldest request', description: 'It grows while the other side is away.' },
        [gaugeQuery('A', 'agentperf.exporter.queue.age', highest)],
        SECONDS,
      ),
      'queue-bytes': linePanel(
        { title: 'Room of queues', description: 'When it is used up, the oldest requests go.' },
        [
          gaugeQuery('A', 'agentperf.exporter.queue.used', { ...highest, legend: `{{${COMPONENT}}} used` }),
          gaugeQuery('B', 'agentperf.exporter.queue.capacity', { ...highest, legend: `{{${COMPONENT}}} capacity` }),
        ],
        BYTES,
      ),
      lag: linePanel(
        { title: 'Not read yet', description: 'What lies in files' },
        [gaugeQuery('A', 'agentperf.receiver.lag', highest)],
        BYTES,
      ),
    },
  }
}

function machine(): Section {
  return {
    title: 'Machine',
    open: true,
    width: 4,
    height: 5,
    panels: {
      cpu: linePanel(
        { title: 'CPU', description: 'Cores in use' },
        [gaugeQuery('A', 'agentperf.process.cpu', { time: 'rate', space: 'sum', legend: 'cores' })],
        { unit: '', decimals: 2 },
      ),
      memory: linePanel(
        { title: 'Memory', description: '' },
        [
          gaugeQuery('A', 'agentperf.process.memory.rss', { time: 'max', space: 'max', legend: 'resident' }),
          gaugeQuery('B', 'agentperf.process.runtime.heap.alloc', { time: 'max', space: 'max', legend: 'heap' }),
        ],
        BYTES,
      ),
      'event-loop-delay': linePanel(
        { title: 'Delay of the event loop', description: 'By quantile; 1 is the longest.' },
        [
          gaugeQuery('A', 'agentperf.process.event_loop.delay', {
            time: 'max',
            space: 'max',
            by: ['quantile'],
            legend: '{{quantile}}',
          }),
        ],
        { unit: 's', decimals: 3 },
      ),
    },
  }
}

function countBy(metric: string, by: readonly string[], filter = ''): CompositePart {
  return countQuery('A', metric, { filter, by, legend: by.map((name) => `{{${name}}}`).join(' ') })
}

function gaugeQuery(name: string, metric: string, options: MetricQueryOptions): CompositePart {
  return metricQuery(name, metric, { filter: '', ...options })
}
