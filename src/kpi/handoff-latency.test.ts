import { expect, test } from 'vitest'
import { handoffLatencyMs } from './handoff-latency.ts'
import { invocation, session } from './session.fixture.ts'

type Times = readonly [startedAtMs: number | undefined, endedAtMs: number | undefined]

test.for<{ name: string; times: Times[]; result: unknown }>([
  { name: 'no invocation', times: [], result: { absent: expect.stringMatching(/^no subagent/) } },
  { name: 'one', times: [[1, 5]], result: { absent: expect.stringMatching(/^no subagent/) } },
  {
    name: 'one after the other',
    times: [
      [100, 200],
      [1, 70],
    ],
    result: { value: 30, n: 1 },
  },
  {
    name: 'the median of three',
    times: [
      [0, 10],
      [20, 30],
      [130, 140],
      [160, 170],
    ],
    result: { value: 20, n: 3 },
  },
  {
    name: 'overlapping ones hand nothing over',
    times: [
      [0, 50],
      [10, 90],
      [100, 110],
    ],
    result: { value: 10, n: 1 },
  },
  {
    name: 'one that never ended',
    times: [
      [0, undefined],
      [10, 90],
    ],
    result: { absent: expect.any(String) },
  },
  {
    name: 'one whose start was not seen',
    times: [
      [undefined, 5],
      [10, 90],
    ],
    result: { absent: expect.any(String) },
  },
])('handoff latency: $name', ({ times, result }) => {
  const invocations = times.map(([startedAtMs, endedAtMs]) => invocation({ startedAtMs, endedAtMs }))
  expect(handoffLatencyMs(session({ invocations }))).toMatchObject(Object(result))
})
