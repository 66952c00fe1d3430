import { expect, test } from 'vitest'
import { toValue } from './node.ts'
import { parseSetOption } from './set-option.ts'

test.for<[assignment: string, value: unknown]>([
  ['a=1', { a: 1 }],
  ['processors.kpi_aggregation.definitions=seed', { processors: { kpi_aggregation: { definitions: 'seed' } } }],
  ['exporters.jsonl/second.directory=/tmp/x', { exporters: { 'jsonl/second': { directory: '/tmp/x' } } }],
  ['receivers."jsonl/a.b".follow=false', { receivers: { 'jsonl/a.b': { follow: false } } }],
  ['service.pipelines.main.receivers=[a, b]', { service: { pipelines: { main: { receivers: ['a', 'b'] } } } }],
  ['processors.redact=null', { processors: { redact: null } }],
  ['service.admin.endpoint=', { service: { admin: { endpoint: '' } } }],
  ['a.b={c: 1, d: [x]}', { a: { b: { c: 1, d: ['x'] } } }],
  ['a.b=c=d', { a: { b: 'c=d' } }],
])('%s assigns', ([assignment, value]) => {
  const { root, problems } = parseSetOption(assignment)
  expect(problems).toEqual([])
  expect(toValue(root)).toEqual(value)
})

test.for<[assignment: string, file: string, message: string]>([
  ['a.b.c', '--set a.b.c', 'expected a.b.c=value, got no ='],
  ['a.password:hunter2!', '--set a.password', 'expected a.b.c=value, got no ='],
  ['=x', '--set ', 'expected a.b.c=value, got the path ""'],
  ['a..b=1', '--set a..b', 'expected a.b.c=value, got the path "a..b"'],
  ['a."b=1', '--set a."b', 'expected a.b.c=value, got the path "a.\\"b"'],
  ['a.=1', '--set a.', 'expected a.b.c=value, got the path "a."'],
  ['a.b=[1', '--set a.b', 'expected valid YAML, got: Flow sequence must end with a ]'],
])('%s is a problem', ([assignment, file, message]) => {
  const { problems } = parseSetOption(assignment)
  expect(problems.map((problem) => [problem.location, problem.message])).toEqual([[{ file }, message]])
})
