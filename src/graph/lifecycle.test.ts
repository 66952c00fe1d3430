import { expect, test } from 'vitest'
import { EnvironmentError } from '#src/errors.ts'
import { createLogger } from '#src/service/log.ts'
import { endOfInput, startGraph, stopGraph } from './lifecycle.ts'
import { type Behaviour, recordGraph, recordingLog } from './recording.fixture.ts'

const PIPELINES = `
receivers: { in: , in/2: }
processors: { group: , measure: , mask: }
exporters: { out: , raw: }
service:
  pipelines:
    sessions: { receivers: [in, in/2], processors: [group, measure], exporters: [out] }
    raw: { receivers: [in], processors: [mask], exporters: [raw] }
`
const STOP_ORDER = [
  'stop in/2',
  'stop in',
  'stop sessions/group',
  'stop sessions/measure',
  'stop raw/mask',
  'stop raw',
  'stop out',
]

test('components start from the end and stop from the beginning', async () => {
  const { graph, happened } = build()
  await startGraph(graph)
  expect(happened()).toEqual([
    'start out',
    'start raw',
    'start raw/mask',
    'start sessions/measure',
    'start sessions/group',
    'start in',
    'start in/2',
  ])
  expect(await stopGraph(graph, 1000)).toEqual([])
  expect(happened()).toEqual(STOP_ORDER)
})

test('a start that fails stops what was started, in reverse, and its error is thrown on', async () => {
  const failure = new EnvironmentError('port 4318 is taken')
  const { graph, happened } = build({
    start: async (id) => {
      if (id === 'sessions/group') throw failure
    },
    stop: async (id) => {
      if (id === 'raw/mask') throw new Error('stuck')
    },
  })
  const { log, messages } = recordingLog()
  await expect(startGraph(graph, log)).rejects.toBe(failure)
  expect(happened().slice(5)).toEqual([
    'stop sessions/group',
    'stop sessions/measure',
    'stop raw/mask',
    'stop raw',
    'stop out',
  ])
  expect(messages).toEqual(['processor raw/mask failed to stop: stuck'])
})

test('one that does not stop in time, and one that fails to, are named, and the rest is still stopped', async () => {
  const { graph, happened } = build({
    stop: (id) => {
      if (id === 'in') return new Promise(() => {})
      return id === 'raw/mask' ? Promise.reject(new Error('disk full')) : Promise.resolve()
    },
  })
  const { log, messages } = recordingLog()
  const failures = await stopGraph(graph, 40, log)
  expect(failures.map(({ name }) => name)).toEqual(['receiver in', 'processor raw/mask'])
  expect(messages).toEqual([
    expect.stringMatching(/^receiver in did not stop within \d+ ms: what it still held may be missing$/),
    'processor raw/mask failed to stop: disk full',
  ])
  expect(happened()).toEqual(STOP_ORDER)
})

test('each is told how long it may take', async () => {
  const told: number[] = []
  const { graph } = build({ stop: async (_, withinMs = Number.NaN) => void told.push(withinMs) })
  await stopGraph(graph, 1000)
  expect(told).toHaveLength(STOP_ORDER.length)
  for (const withinMs of told.slice(0, -1)) expect(withinMs).toBeLessThanOrEqual(500)
  expect(told.at(-1)).toBeLessThanOrEqual(1000)
})

test('what does not stop is told in one line, with no key twice', async () => {
  const lines: string[] = []
  const { graph } = build({ stop: (id) => (id === 'raw' ? Promise.reject(new Error('stuck')) : Promise.resolve()) })
  await stopGraph(graph, 1000, createLogger('info', 'json', { write: (line) => lines.push(line) })('service'))
  expect(lines).toHaveLength(1)
  expect(lines[0]?.match(/"component":"[^"]*"/g)).toEqual(['"component":"service"'])
  expect(lines[0]).toContain('"stopping":"exporter raw"')
})

test('even when nothing stops, all are asked to', async () => {
  const { graph, happened } = build({ stop: () => new Promise(() => {}) })
  expect(await stopGraph(graph, 20)).toHaveLength(7)
  expect(happened()).toEqual(STOP_ORDER)
})

test('what stands before the exporters is drained after processors and before exporters', async () => {
  const { graph, happened, events } = build()
  await stopGraph(graph, 1000, undefined, async () => void events.push('drained'))
  expect(happened()).toEqual([...STOP_ORDER.slice(0, 5), 'drained', ...STOP_ORDER.slice(5)])
})

test('stopping twice stops once', async () => {
  const { graph, happened } = build()
  const first = stopGraph(graph, 1000)
  expect(stopGraph(graph, 1000)).toBe(first)
  await first
  await stopGraph(graph, 1000)
  expect(happened()).toEqual(STOP_ORDER)
})

test('once it is stopped nothing more is started', async () => {
  const { graph, happened } = build({
    start: async (id) => {
      if (id === 'raw') await stopGraph(graph, 1000)
    },
  })
  await startGraph(graph)
  expect(happened().filter((event) => event.startsWith('start'))).toEqual(['start out', 'start raw'])
})

test('the end of input goes the way of the data, to all, whatever fails', async () => {
  const { graph, happened } = build({
    endOfInput: async (id) => {
      if (id === 'sessions/group' || id === 'out') throw new Error('no room')
    },
  })
  await expect(endOfInput(graph)).rejects.toThrow(
    'sessions/group failed at the end of its input: no room; out failed at the end of its input: no room',
  )
  expect(happened()).toEqual(['end sessions/group', 'end sessions/measure', 'end raw/mask', 'end raw', 'end out'])
})

function build(behaviour: Behaviour = {}) {
  const { graph, events } = recordGraph(PIPELINES, behaviour)
  let seen = events.length
  const happened = () => {
    const fresh = events.slice(seen)
    seen = events.length
    return fresh
  }
  return { graph, events: events as string[], happened }
}
