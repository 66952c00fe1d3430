import { expect, test } from 'vitest'
import type { Kind } from '#src/component.ts'
import { loadConfig } from '#src/config/load.ts'
import { buildGraph } from './build.ts'
import { recordGraph, recordingRegistry } from './recording.fixture.ts'

const TWO_PIPELINES = `
receivers: { in: , in/2: , in/3: }
processors: { group: , measure: , mask: }
exporters: { out: , raw: , raw/2: }
service:
  pipelines:
    sessions: { receivers: [in, in/2], processors: [mask, group, measure], exporters: [out] }
    raw: { receivers: [in], processors: [mask], exporters: [raw, raw/2] }
`

test('exporters are created first, processors from the end, receivers last', () => {
  const { graph, events } = recordGraph(TWO_PIPELINES)
  expect(events).toEqual([
    'create exporter out',
    'create exporter raw',
    'create exporter raw/2',
    'create processor raw/mask',
    'create processor sessions/measure',
    'create processor sessions/group',
    'create processor sessions/mask',
    'create receiver in',
    'create receiver in/2',
  ])
  expect(graph.components.map(({ kind, id }) => `create ${kind} ${id}`)).toEqual(events)
  expect(graph.receivers).toEqual(graph.components.slice(-2).map(({ component }) => component))
})

test('receivers and exporters are shared by pipelines, processors are not, and what is unused is not created', () => {
  const { events } = recordGraph(`
receivers: { in: , in/2: }
processors: { mask: , group: }
exporters: { raw: , out: }
service:
  pipelines:
    a: { receivers: [in], processors: [mask], exporters: [raw] }
    b: { receivers: [in], processors: [mask], exporters: [raw] }
`)
  expect(events).toEqual([
    'create exporter raw',
    'create processor b/mask',
    'create processor a/mask',
    'create receiver in',
  ])
})

test('a receiver hands its batches to all its pipelines, and assessments are committed before exporters see them', async () => {
  const { events, inputs, commits } = recordGraph(TWO_PIPELINES)
  const created = events.length
  await inputs.get('in')?.([])
  expect(events.slice(created).toSorted()).toEqual(
    [
      'consume sessions/mask',
      'consume sessions/group',
      'consume sessions/measure',
      'commit sessions',
      'consume out',
      'consume raw/mask',
      'consume raw',
      'consume raw/2',
    ].toSorted(),
  )
  expect(events.indexOf('commit sessions')).toBeLessThan(events.indexOf('consume out'))
  const [commit] = commits
  expect(commits).toHaveLength(1)
  expect(commit?.processors).toHaveLength(3)
  expect(commit?.exporters.map(({ id }) => id)).toEqual(['out'])

  const before = events.length
  await inputs.get('in/2')?.([])
  expect(events.slice(before)).toEqual([
    'consume sessions/mask',
    'consume sessions/group',
    'consume sessions/measure',
    'commit sessions',
    'consume out',
  ])
})

test('a branch that fails makes no other miss the batch, and all failures are told together', async () => {
  const failing = new Set(['raw', 'raw/2', 'sessions/group'])
  const { events, inputs } = recordGraph(TWO_PIPELINES, {
    consume: async (id) => {
      if (failing.has(id)) throw new Error(`${id} is full`)
    },
  })
  const failure = await inputs
    .get('in')?.([])
    .catch((error: unknown) => error)
  expect(failure).toBeInstanceOf(AggregateError)
  expect(String(failure)).toBe(
    'AggregateError: 2 of 2 branches failed: sessions/group is full; 2 of 2 branches failed: raw is full; raw/2 is full',
  )
  expect(events).toContain('consume raw/2')
  failing.delete('sessions/group')
  failing.delete('raw/2')
  await expect(inputs.get('in')?.([])).rejects.toThrow('1 of 2 branches failed: 1 of 2 branches failed: raw is full')
  expect(events).toContain('consume out')
})

test('a failure of the only branch comes through as it is', async () => {
  const failure = new Error('full')
  const { inputs } = recordGraph(TWO_PIPELINES, { consume: () => Promise.reject(failure) })
  await expect(inputs.get('in/2')?.([])).rejects.toBe(failure)
})

test('contexts are told apart by id and kind', () => {
  const asked: [string, Kind][] = []
  buildGraph({
    config: configOf(TWO_PIPELINES, recordingRegistry()),
    contextFor: (id, kind) => {
      asked.push([id, kind])
      return { id } as never
    },
    commitStage: () => async () => {},
  })
  expect(asked).toContainEqual(['sessions/group', 'processor'])
  expect(asked).toContainEqual(['in/2', 'receiver'])
  expect(asked).toContainEqual(['raw/2', 'exporter'])
})

test('what does not fit is refused as a whole, and nothing is created', () => {
  const events: string[] = []
  const registry = recordingRegistry(events)
  const config = configOf(TWO_PIPELINES, registry)
  const pipelines = [
    ...config.pipelines,
    { name: 'bad', receivers: ['in'], processors: ['measure'], exporters: ['nope'] },
  ]
  const build = () =>
    buildGraph({ config: { ...config, pipelines }, contextFor: () => ({}) as never, commitStage: () => async () => {} })
  expect(build).toThrow(
    expect.objectContaining({
      name: 'ConfigError',
      message: [
        'service.pipelines.bad.exporters[0]  expected a declared exporter (out, raw, raw/2), got "nope"',
        'service.pipelines.bad.processors[0]  "in" produces telemetry but "measure" consumes session',
        'service.pipelines.bad  expected one pipeline that assesses sessions, got "sessions" and this one',
      ].join('\n'),
    }),
  )
  expect(events).toEqual([])
})

function configOf(text: string, registry: ReturnType<typeof recordingRegistry>) {
  return loadConfig({ sources: [{ file: 'p.yaml', text }], sets: [], env: { HOME: '/h' } }, registry)
}
