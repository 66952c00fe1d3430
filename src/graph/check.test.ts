import { expect, test } from 'vitest'
import type { Kind } from '#src/component.ts'
import type { PipelineConfig } from '#src/config/config.ts'
import { formatPath } from '#src/config/node.ts'
import { checkPipelines, type GraphConfig } from './check.ts'
import { recordingRegistry } from './recording.fixture.ts'

type Lists = readonly [receivers: string[], processors: string[], exporters: string[]]

test.for<[name: string, lists: Lists]>([
  ['from telemetry to assessments', [['in', 'in/2'], ['group', 'measure', 'compare'], ['out']]],
  ['without processors', [['in'], [], ['raw']]],
  ['that stays with one signal', [['in'], ['mask', 'mask/2'], ['raw', 'raw/2']]],
])('a pipeline %s fits', ([, lists]) => {
  expect(problemsOf({ main: lists })).toEqual([])
})

test.for<[name: string, lists: Lists, problems: string[]]>([
  [
    'has no receiver',
    [[], ['group', 'measure'], ['out']],
    ['empty receivers: expected at least one receiver, got none'],
  ],
  ['has no exporter', [['in'], [], []], ['empty exporters: expected at least one exporter, got none']],
  [
    'names what is not there',
    [['inn'], ['grp'], ['out', 'in']],
    [
      'undeclared receivers[0]: expected a declared receiver (in, in/2, ready), got "inn" (did you mean in?)',
      'undeclared processors[0]: expected a declared processor (group, measure, compare, mask, mask/2, unknown), got "grp"',
      'undeclared exporters[1]: expected a declared exporter (out, out/2, raw, raw/2), got "in" (it is declared under receivers)',
    ],
  ],
  [
    'has a processor twice',
    [['in'], ['mask', 'mask'], ['raw']],
    ['twice processors[1]: expected each processor once, got "mask" a second time'],
  ],
  [
    'has a receiver twice',
    [['in', 'in'], [], ['raw']],
    ['twice receivers[1]: expected each receiver once, got "in" a second time'],
  ],
  [
    'has an exporter twice',
    [['in'], [], ['raw', 'raw']],
    ['twice exporters[1]: expected each exporter once, got "raw" a second time'],
  ],
  [
    'leaves a stage out',
    [['in'], ['measure'], ['out']],
    ['misfit processors[0]: "in" produces telemetry but "measure" consumes session'],
  ],
  [
    'has its stages in the wrong order',
    [['in'], ['measure', 'group'], ['out']],
    [
      'misfit processors[0]: "in" produces telemetry but "measure" consumes session',
      'misfit processors[1]: "measure" produces assessment but "group" consumes telemetry',
      'misfit exporters[0]: "group" produces session but "out" consumes assessment',
    ],
  ],
  [
    'has receivers of two signals',
    [['in', 'ready', 'in/2'], ['compare'], ['out']],
    ['misfit processors[0]: "in", "in/2" produce telemetry but "compare" consumes assessment'],
  ],
  [
    'has an exporter of another signal',
    [['in'], [], ['raw', 'out', 'out/2']],
    [
      'misfit exporters[1]: "in" produces telemetry but "out" consumes assessment',
      'misfit exporters[2]: "in" produces telemetry but "out/2" consumes assessment',
    ],
  ],
  ['has a stage of an unknown type between', [['in'], ['unknown', 'compare'], ['out']], []],
])('a pipeline that %s', ([, lists, problems]) => {
  const found = problemsOf({ main: lists }, ['unknown'])
  expect(found).toEqual(problems.map((problem) => problem.replace(' ', ' service.pipelines.main.')))
})

test('there must be a pipeline', () => {
  expect(problemsOf({})).toEqual(['empty service.pipelines: expected at least one pipeline, got none'])
})

test('two instances never share an id', () => {
  const lists: Lists = [['in'], ['mask/2'], ['raw']]
  const other: Lists = [['in'], ['2'], ['raw']]
  expect(
    problemsOf({ mask: [['in'], ['2'], ['raw']], in: [['in'], ['2'], ['raw']], a: lists, 'a/mask': other }, ['2']),
  ).toEqual([
    'clash service.pipelines.in: expected ids that differ, got "in/2" for receivers.in/2 and for processor "2" here: rename the pipeline',
    'clash service.pipelines.a/mask: expected ids that differ, got "a/mask/2" for processor "mask/2" in pipeline "a" and for processor "2" here: rename the pipeline',
  ])
})

function problemsOf(pipelines: Readonly<Record<string, Lists>>, unknown: readonly string[] = []): readonly string[] {
  const config: GraphConfig = {
    receivers: new Map(declared('receiver', ['in', 'in/2', 'ready'])),
    processors: new Map([
      ...declared('processor', ['group', 'measure', 'compare', 'mask', 'mask/2']),
      ...unknown.map((id) => [id, { factory: undefined }] as const),
    ]),
    exporters: new Map(declared('exporter', ['out', 'out/2', 'raw', 'raw/2'])),
    pipelines: Object.entries(pipelines).map(
      ([name, [receivers, processors, exporters]]): PipelineConfig => ({ name, receivers, processors, exporters }),
    ),
  }
  return checkPipelines(config).map(({ code, path, message }) => `${code} ${formatPath(path)}: ${message}`)
}

function declared<K extends Kind>(kind: K, ids: readonly string[]) {
  const factories = recordingRegistry().filter((factory) => factory.kind === kind)
  return ids.map((id) => [id, { factory: factories.find(({ type }) => type === id.split('/')[0]) as never }] as const)
}
