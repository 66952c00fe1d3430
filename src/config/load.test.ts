// biome-ignore-all lint/suspicious/noTemplateCurlyInString: the configuration's own syntax
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { ConfigError, formatIssue } from '#src/errors.ts'
import type { LoadedConfig } from './config.ts'
import { loadConfig } from './load.ts'
import { toValue } from './node.ts'
import { testRegistry } from './registry.fixture.ts'

const ENV = { HOME: '/home/ada' }

const GOOD = `
receivers:
  files: { include: ["*.jsonl"] }
processors:
  group:
  measure: { definitions: seed }
exporters:
  lines:
  lines/second: { directory: /tmp/x }
service:
  pipelines:
    main:
      receivers: [files]
      processors: [group, measure]
      exporters: [lines, lines/second]
`

test('a configuration is read with all its defaults', () => {
  const config = load([GOOD])
  expect([...config.receivers.values()].map(({ id, type, config: body }) => [id, type, body])).toEqual([
    ['files', 'files', { include: ['*.jsonl'], max_line: 16_777_216 }],
  ])
  expect(config.processors.get('group')?.config).toEqual({ idle_timeout: 1_800_000, max_open: 10 })
  expect(config.exporters.get('lines/second')).toMatchObject({
    type: 'lines',
    name: 'second',
    config: { directory: '/tmp/x' },
  })
  expect(config.exporters.get('lines')).not.toHaveProperty('name')
  expect(config.pipelines).toEqual([
    { name: 'main', receivers: ['files'], processors: ['group', 'measure'], exporters: ['lines', 'lines/second'] },
  ])
  expect(config.service).toMatchObject({
    storage: { directory: '/home/ada/.claude/telemetry' },
    telemetry: { logs: { level: 'info', format: 'auto' } },
    shutdown_timeout: 10_000,
  })
  expect(config.warnings).toEqual([])
})

test('ten different problems are ten lines, in the order of the file', () => {
  const text = `receivers:
  files: { include: ["\${env:MISSING}"] }
  listen: { port: 70000 }
procesors: {}
processors:
  group: { idle_timeout: 30 }
  measure:
    definitons: seed
  mesure:
  compare/a b:
exporters:
  lines:
  lines:
  raw:
service:
  pipelines:
    main:
      receivers: [files, listn]
      processors: [group, measure]
      exporters: [raw]
`
  expect(linesOf([text])).toEqual([
    'p.yaml:2:22  receivers.files.include[0]  expected the environment variable MISSING to be set, got nothing: set it or write ${env:MISSING:-default}',
    'p.yaml:3:19  receivers.listen.port  expected at most 65535, got 70000',
    'p.yaml:4:1  procesors  expected one of receivers, processors, exporters, service, got "procesors" (did you mean processors?)',
    'p.yaml:6:26  processors.group.idle_timeout  expected a duration such as 30m, got 30 without a unit',
    'p.yaml:8:5  processors.measure.definitons  expected one of definitions, kpis, mode, got "definitons" (did you mean definitions?)',
    'p.yaml:9:3  processors.mesure  expected a type of processor (group, measure, compare, mask), got "mesure" (did you mean measure?)',
    'p.yaml:10:3  processors."compare/a b"  expected a name of 1 to 1024 characters without spaces, got "a b"',
    'p.yaml:13:3  exporters.lines  expected each key once, got "lines" a second time',
    'p.yaml:18:26  service.pipelines.main.receivers[1]  expected a declared receiver (files, listen), got "listn" (did you mean listen?)',
    'p.yaml:20:19  service.pipelines.main.exporters[0]  "measure" produces assessment but "raw" consumes telemetry',
  ])
})

test.for<[name: string, measure: string, lines: string[]]>([
  [
    'no such value',
    '{ definitions: sed }',
    ['5:27  processors.measure.definitions  expected one of standard, seed, got "sed" (did you mean seed?)'],
  ],
  ['a value in place of a map', '{ kpis: { a: 3 } }', ['5:25  processors.measure.kpis.a  expected a map, got 3']],
  [
    'a wrong type deep inside',
    '{ kpis: { a: { target: high } } }',
    ['5:35  processors.measure.kpis.a.target  expected a number, got "high"'],
  ],
  ['no alternative fits', '{ mode: on }', ['5:20  processors.measure.mode  expected off or a map, got "on"']],
  [
    'an alternative nearly fits',
    '{ mode: { levl: x } }',
    ['5:22  processors.measure.mode.levl  expected level, got "levl" (did you mean level?)'],
  ],
  ['a key is missing', '{ mode: {} }', ['5:14  processors.measure.mode.level  expected a text, got nothing']],
  ["the schema's own words", '{ kpis: { forbidden: {} } }', ['5:33  processors.measure.kpis.forbidden  is not a KPI']],
  ['a list in place of a body', '[definitions]', ['5:12  processors.measure  expected a map, got a list']],
  ['a text in place of a body', 'seed', ['5:12  processors.measure  expected a map, got "seed"']],
])('in a component: %s', ([, measure, lines]) => {
  const found = linesOf([GOOD.replace('measure: { definitions: seed }', `measure: ${measure}`).replace('\n', '')])
  expect(found).toEqual(lines.map((line) => `p.yaml:${line}`))
})

test.for<[name: string, service: string, lines: string[]]>([
  ['is missing', '', ['1:1  service.pipelines  expected at least one pipeline, got none']],
  ['has no pipelines', 'service:', ['9:1  service.pipelines  expected at least one pipeline, got none']],
  [
    'has an empty map of pipelines',
    'service: { pipelines: {} }',
    ['9:23  service.pipelines  expected at least one pipeline, got none'],
  ],
  [
    'has a list of pipelines',
    'service: { pipelines: [a] }',
    ['9:23  service.pipelines  expected a map of pipelines by name, got a list'],
  ],
  [
    'has an empty pipeline',
    'service: { pipelines: { a: } }',
    [
      '9:25  service.pipelines.a.receivers  expected at least one receiver, got none',
      '9:25  service.pipelines.a.exporters  expected at least one exporter, got none',
    ],
  ],
  [
    'has an unknown key and a wrong level',
    'service: { pipelins: {}, telemetry: { logs: { level: loud } } }',
    [
      '9:12  service.pipelins  expected one of storage, telemetry, admin, shutdown_timeout, pipelines, got "pipelins" (did you mean pipelines?)',
      '9:54  service.telemetry.logs.level  expected one of debug, info, warn, error, got "loud"',
    ],
  ],
  [
    'names a component twice, an exporter as receiver and a processor that is not there',
    'service: { pipelines: { a: { receivers: [files, files, lines], processors: [group, measure, tidy], exporters: [lines] } } }',
    [
      '9:49  service.pipelines.a.receivers[1]  expected each receiver once, got "files" a second time',
      '9:56  service.pipelines.a.receivers[2]  expected a declared receiver (files), got "lines" (it is declared under exporters)',
      '9:93  service.pipelines.a.processors[2]  expected a declared processor (group, measure), got "tidy"',
    ],
  ],
  [
    'has a pipeline that cannot be read whole',
    'service: { pipelines: { a: { receivers: files, exporter: [lines], exporters: [raw] } } }',
    [
      '9:41  service.pipelines.a.receivers  expected a list, got "files"',
      '9:48  service.pipelines.a.exporter  expected one of receivers, processors, exporters, got "exporter" (did you mean exporters?)',
      '9:79  service.pipelines.a.exporters[0]  expected a declared exporter (lines, lines/second), got "raw"',
    ],
  ],
])('a service section that %s', ([, service, lines]) => {
  const components = GOOD.slice(1, GOOD.indexOf('service:'))
  expect(linesOf([components + service])).toEqual(lines.map((line) => `p.yaml:${line}`))
})

test('nothing at all has one problem', () => {
  expect(linesOf([''])).toEqual(['p.yaml:1:1  service.pipelines  expected at least one pipeline, got none'])
})

test('one mistake is told once, also when it makes other things be missing', () => {
  expect(linesOf([GOOD.replace('processors:\n  group:', 'procesors:\n  group:')])).toEqual([
    'p.yaml:4:1  procesors  expected one of receivers, processors, exporters, service, got "procesors" (did you mean processors?)',
  ])
  expect(linesOf([GOOD.replace('  group:\n', '  grup:\n')])).toEqual([
    'p.yaml:5:3  processors.grup  expected a type of processor (group, measure, compare, mask), got "grup" (did you mean group?)',
  ])
  expect(linesOf([GOOD], ['processors=5'])).toEqual([
    '--set processors  processors  expected a map of processors by id, got a single value',
  ])
})

test('behind a syntax error only what stands before it is judged, and nothing counts as missing', () => {
  const text = 'receivers:\n  files: { include: 3 }\nprocessors:\n\tgroup: { max_open: x }\nexporters: 5\n'
  expect(linesOf([text])).toEqual([
    'p.yaml:2:21  receivers.files.include  expected a list, got 3',
    'p.yaml:4:1  (top level)  expected spaces as indentation, got a tab',
  ])
})

test('later files win: maps merge, lists and scalars replace, each value keeps its place', () => {
  const over = 'receivers:\n  files: { include: [b, c] }\nprocessors:\n  measure:\n  group: { max_open: 5 }\n'
  const config = load([GOOD, over], ['processors.group.idle_timeout=1m', 'exporters.lines/second.directory=/tmp/y'])
  expect(config.receivers.get('files')?.config).toMatchObject({ include: ['b', 'c'] })
  expect(config.processors.get('group')?.config).toEqual({ max_open: 5, idle_timeout: 60_000 })
  expect(config.processors.get('measure')?.config).toMatchObject({ definitions: 'standard' })
  expect(config.exporters.get('lines/second')?.config).toEqual({ directory: '/tmp/y' })
  expect(linesOf([GOOD, 'processors:\n  group: { max_open: x }'], ['processors.group.idle_timeout=1', 'x'])).toEqual([
    'p2.yaml:2:22  processors.group.max_open  expected a number, got "x"',
    '--set processors.group.idle_timeout  processors.group.idle_timeout  expected a duration such as 30m, got 1 without a unit',
    '--set x  x  expected a.b.c=value, got no =',
  ])
})

test('components that no pipeline uses are told', () => {
  const config = load([`${GOOD}#\n`.replace('exporters:\n', 'exporters:\n  push: { endpoint: x }\n')])
  expect(config.warnings.map(formatIssue)).toEqual([
    'p.yaml:8:3  exporters.push  is declared, but no pipeline uses it: it does not run',
  ])
  expect(config.exporters.has('push')).toBe(true)
})

test('a value from the environment is typed where a number is wanted, and stays text where a text is', () => {
  const listen =
    'receivers:\n  listen: { port: "${env:PORT}", api_key: "${env:KEY}" }\nservice: { pipelines: { main: { receivers: [listen] } } }'
  const config = load([GOOD, listen], [], { ...ENV, PORT: '9000', KEY: '007' })
  expect(config.receivers.get('listen')?.config).toEqual({ port: 9000, api_key: '007' })
  expect(linesOf([GOOD, listen], [], { ...ENV, PORT: '90000', KEY: '007' })).toEqual([
    'p2.yaml:2:19  receivers.listen.port  expected at most 65535, got a value from ${env:PORT}',
  ])
})

test.for<[env: Record<string, string>, directory: string]>([
  [{ HOME: '/h' }, '/h/.claude/telemetry'],
  [{ HOME: '/h', AGENTPERF_HOME: '/data' }, '/data'],
  [{ HOME: '/h', AGENTPERF_HOME: '' }, '/h/.claude/telemetry'],
  [{ HOME: '/h', AGENTPERF_HOME: '~/perf' }, '/h/perf'],
  [{ HOME: '/h', AGENTPERF_HOME: '5' }, '5'],
])('with %j state lies in %s', ([env, directory]) => {
  expect(load([GOOD], [], env).service.storage.directory).toBe(directory)
})

test('without HOME the default directory is a problem, and a whole path is none', () => {
  expect(linesOf([GOOD], [], {})).toEqual([
    'p.yaml:11:3  service.storage.directory  expected HOME to be set, which ~/ stands for, got nothing: write the whole path',
  ])
  expect(load([GOOD], ['service.storage.directory=/data'], {}).service.storage.directory).toBe('/data')
})

test('values from the environment and under secret keys are in no problem, whatever is wrong with them', () => {
  const secret = fc.stringMatching(/^[a-z0-9]{8,16}$/).map((text) => `Zq${text}`)
  const places = [
    'receivers.files.include=X',
    'receivers.files.max_line=X',
    'receivers.listen.port=X',
    'processors.group=X',
    'processors.group.idle_timeout=X',
    'processors.measure.definitions=X',
    'processors.measure.mode=X',
    'processors.measure.kpis.a=X',
    'service.shutdown_timeout=X',
    'service.telemetry.logs.level=X',
    'service.pipelines=X',
    'service.pipelines.main.receivers=X',
    'service.pipelines.main.exporters=[X]',
    'receivers=X',
    'exporters.lines.headers=X',
  ]
  fc.assert(
    fc.property(fc.constantFrom(...places), secret, (place, value) => {
      const lines = linesOf([GOOD], [place.replace('X', '"${env:TOP}"')], { ...ENV, TOP: value })
      expect(lines).not.toEqual([])
      expect(lines.join('\n')).not.toContain(value)
      const headers = linesOf(
        [GOOD],
        [`receivers.listen={port: 1, api_key: [${value}]}`, `exporters.lines.headers=${value}`],
      )
      expect(headers).toHaveLength(2)
      expect(headers.join('\n')).not.toContain(value)
    }),
    { seed: 20261120, numRuns: 60 },
  )
})

test('whatever is in the file, the result is a configuration or a list of problems', () => {
  const value = fc.letrec((tie) => ({
    node: fc.oneof(
      { maxDepth: 4 },
      fc.constantFrom<unknown>(null, 1, 'x', '', true, '${env:HOME}', '${env:', -5, 'files', 'group', 'lines'),
      fc.array(tie('node'), { maxLength: 3 }),
      fc.dictionary(
        fc.constantFrom(
          'receivers',
          'processors',
          'exporters',
          'service',
          'pipelines',
          'files',
          'group',
          'lines',
          'include',
          'storage',
          '__proto__',
          'constructor',
          '',
        ),
        tie('node'),
        { maxKeys: 4 },
      ),
    ),
  })).node
  fc.assert(
    fc.property(value, (tree) => {
      for (const line of linesOf([JSON.stringify(tree)])) expect(line).toMatch(/^p\.yaml:\d+:\d+ {2}\S/)
    }),
    { seed: 20261120, numRuns: 500 },
  )
})

test('the effective tree is what was merged and expanded', () => {
  const { effective } = load([GOOD], ['exporters.lines.directory=${env:HOME}/out'])
  expect(toValue(effective)).toMatchObject({
    exporters: { lines: { directory: '/home/ada/out' } },
    service: { storage: { directory: '/home/ada/.claude/telemetry' } },
  })
})

function load(texts: readonly string[], sets: readonly string[] = [], env: Record<string, string> = ENV): LoadedConfig {
  const sources = texts.map((text, i) => ({ file: i === 0 ? 'p.yaml' : `p${i + 1}.yaml`, text }))
  return loadConfig({ sources, sets, env }, testRegistry)
}

function linesOf(...input: Parameters<typeof load>): readonly string[] {
  try {
    load(...input)
    return []
  } catch (error) {
    if (error instanceof ConfigError) return error.issues.map(formatIssue)
    throw error
  }
}
