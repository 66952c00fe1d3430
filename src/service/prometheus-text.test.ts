import { expect, test } from 'vitest'
import type { OwnMetric } from './own-metrics.ts'
import { parsePrometheus } from './prometheus.fixture.ts'
import { prometheusText } from './prometheus-text.ts'

const metric = (rest: Partial<OwnMetric>): OwnMetric => ({
  name: 'agentperf.some.thing',
  type: 'gauge',
  unit: '1',
  description: 'Some thing.',
  points: [],
  ...rest,
})

test.for<{ unit: string; type: OwnMetric['type']; name: string }>([
  { unit: '{item}', type: 'counter', name: 'agentperf_some_thing_total' },
  { unit: 'By', type: 'gauge', name: 'agentperf_some_thing_bytes' },
  { unit: 's', type: 'counter', name: 'agentperf_some_thing_seconds_total' },
])('a $type in $unit is called $name', ({ unit, type, name }) => {
  const text = prometheusText([metric({ unit, type, points: [{ labels: {}, value: 3 }] })])
  expect(text).toBe(`# HELP ${name} Some thing.\n# TYPE ${name} ${type}\n${name} 3\n`)
})

test('any label and any number comes through', () => {
  const file = 'C:\\dir\n"quoted", {braces}\u{1f642}'
  const values = [0, -1.5, 1e300, 5e-324, Number.NaN, Infinity, -Infinity]
  const points = values.map((value, n) => ({ labels: { 'file.name': file, n: `${n}` }, value }))
  expect(parsePrometheus(prometheusText([metric({ points })]))).toEqual(
    values.map((value, n) => ({ name: 'agentperf_some_thing', labels: { file_name: file, n: `${n}` }, value })),
  )
})

test('a metric without points is left out', () => {
  expect(prometheusText([metric({})])).toBe('')
})
