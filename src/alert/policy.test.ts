import { expect, test } from 'vitest'
import { edgarNadyneLine } from '../report/ledger-line.fixture.ts'
import { NO_MONITORS } from './monitor.ts'
import { judgeSession } from './policy.ts'

test('policy seed on Edgar & Nadyne: four KPIs are critical, each with one alert', () => {
  const alerts = judgeSession('seed', edgarNadyneLine(), { monitors: NO_MONITORS, sessions: [] })
  const critical = alerts.filter(({ severity }) => severity === 'CRITICAL').map(({ metric }) => metric)
  // The plan's sample report has task completion as a warning: at 5.3 standard deviations its own matrix says critical.
  expect(critical.toSorted()).toEqual([
    'active_time_ratio',
    'task_completion_rate',
    'token_efficiency',
    'tool_overhead_ratio',
  ])
  const metrics = alerts.map(({ metric }) => metric)
  expect(new Set(metrics).size).toBe(metrics.length)
})

test.for(['standard', 'seed'] as const)('policy %s says nothing about what was not measured', (policy) => {
  const line = { ...edgarNadyneLine(), kpis: {}, notes: [] }
  expect(judgeSession(policy, line, { monitors: NO_MONITORS, sessions: [] })).toEqual([])
})
