import { expect, test } from 'vitest'
import type { AlertAction, AlertReason, AlertSeverity } from '../model/assessment.ts'
import { mergeAlerts } from './alert-level.ts'
import { MISSION_BASELINE, missionComparison } from './mission-baseline.fixture.ts'
import { type ComparedSession, seedPolicy } from './seed-policy.ts'

function fired(kpi: string, value: number, deviation?: number, before: readonly ComparedSession[] = []) {
  const deviations = deviation === undefined ? {} : { [kpi]: deviation }
  return seedPolicy({ kpis: { [kpi]: value }, baselines: {}, deviations }, before).map(({ rule }) => rule)
}

/** The mission's matrix, row by row. */
test.for<{
  row: string
  kpi: string
  value: number
  deviation?: number
  before?: readonly number[]
  expected: readonly (readonly [AlertSeverity, AlertReason, AlertAction])[]
}>([
  {
    row: 'regression below 1 std dev',
    kpi: 'cache_efficiency',
    value: 0.92,
    deviation: 0.99,
    expected: [['INFO', 'below_1_sigma', 'LOG']],
  },
  {
    row: 'regression of 1 to 2 std dev',
    kpi: 'cache_efficiency',
    value: 0.9,
    deviation: 1,
    expected: [['WARNING', 'from_1_sigma', 'WARN']],
  },
  {
    row: 'regression of exactly 2 std dev',
    kpi: 'cache_efficiency',
    value: 0.86,
    deviation: 2,
    expected: [['WARNING', 'from_1_sigma', 'WARN']],
  },
  {
    row: 'regression of more than 2 std dev',
    kpi: 'cache_efficiency',
    value: 0.8,
    deviation: 2.01,
    expected: [['CRITICAL', 'above_2_sigma', 'BLOCK_SESSION']],
  },
  { row: 'an improvement, however far', kpi: 'cache_efficiency', value: 1, deviation: -9, expected: [] },
  { row: 'nothing to compare with', kpi: 'cache_efficiency', value: 0.1, expected: [] },
  {
    row: 'three consecutive regressions',
    kpi: 'active_time_ratio',
    value: 0.6,
    deviation: 0.1,
    before: [0.2, 0.1],
    expected: [
      ['INFO', 'below_1_sigma', 'LOG'],
      ['CRITICAL', 'consecutive_regressions', 'GENERATE_INCIDENT_REPORT'],
    ],
  },
  {
    row: 'three regressions of a KPI whose trend is not watched',
    kpi: 'cache_efficiency',
    value: 0.93,
    deviation: 0.1,
    before: [0.2, 0.1],
    expected: [['INFO', 'below_1_sigma', 'LOG']],
  },
  {
    row: 'a better session between regressions',
    kpi: 'active_time_ratio',
    value: 0.6,
    deviation: 0.1,
    before: [0.2, 0.1, -0.1],
    expected: [['INFO', 'below_1_sigma', 'LOG']],
  },
  {
    row: 'only two regressions yet',
    kpi: 'active_time_ratio',
    value: 0.6,
    deviation: 0.1,
    before: [0.1],
    expected: [['INFO', 'below_1_sigma', 'LOG']],
  },
  {
    row: 'token efficiency < 0.01',
    kpi: 'token_efficiency',
    value: 0.009,
    expected: [['CRITICAL', 'hard_threshold', 'RECOMMEND_AGENT_RESTRUCTURING']],
  },
  {
    row: 'task completion < 0.70',
    kpi: 'task_completion_rate',
    value: 0.69,
    expected: [['CRITICAL', 'hard_threshold', 'INVESTIGATE_COMPACTION']],
  },
  {
    row: 'error rate > 0.10',
    kpi: 'error_rate',
    value: 0.11,
    expected: [['CRITICAL', 'hard_threshold', 'BLOCK_SESSION']],
  },
  {
    row: 'active time ratio < 0.20',
    kpi: 'active_time_ratio',
    value: 0.19,
    expected: [['MEDIUM', 'hard_threshold', 'RECOMMEND_TIMEOUT']],
  },
  {
    row: 'tool overhead > 2.0',
    kpi: 'tool_overhead_ratio',
    value: 2.1,
    expected: [['HIGH', 'hard_threshold', 'RECOMMEND_WORKFLOW_RESTRUCTURING']],
  },
  { row: 'exactly at a threshold', kpi: 'error_rate', value: 0.1, expected: [] },
])('$row', ({ kpi, value, deviation, before = [], expected }) => {
  const sessions = before.map((one) => ({ deviations: { [kpi]: one } }))
  const rules = fired(kpi, value, deviation, sessions)
  expect(rules.map(({ severity, reason, action }) => [severity, reason, action])).toEqual(expected)
  for (const { message, recommendation } of rules) {
    expect(message).not.toBe('')
    expect(recommendation).toMatch(/\.$/)
  }
})

test('sessions that were not compared do not interrupt a streak', () => {
  const gap = [{ deviations: { token_efficiency: 1 } }, { deviations: {} }, { deviations: { token_efficiency: 1 } }]
  expect(fired('token_efficiency', 0.04, 0.5, gap).map(({ reason }) => reason)).toContain('consecutive_regressions')
})

test('the mission’s reference session: four KPIs are critical, one alert each, improvements raise none', () => {
  // Values of the standard definitions. The mission's sample calls task completion a WARNING; at more than 4 standard
  // deviations its own matrix says CRITICAL.
  const kpis = {
    token_efficiency: 0.001016,
    task_completion_rate: 0.8,
    active_time_ratio: 0.0928,
    tool_overhead_ratio: 26 / 15,
    cache_efficiency: 0.9827,
    error_rate: 0,
    quality_relevance: 0.95,
    quality_faithfulness: 0.95,
    quality_coherence: 0.93,
    quality_hallucination: 0.0333,
  }
  const alerts = mergeAlerts(seedPolicy({ kpis, ...missionComparison(kpis) }, []))
  expect(alerts.map(({ severity, metric, also = [] }) => [severity, metric, also.map(({ action }) => action)])).toEqual(
    [
      ['CRITICAL', 'tool_overhead_ratio', []],
      ['CRITICAL', 'active_time_ratio', ['RECOMMEND_TIMEOUT']],
      ['CRITICAL', 'task_completion_rate', []],
      ['CRITICAL', 'token_efficiency', ['RECOMMEND_AGENT_RESTRUCTURING']],
    ],
  )
  expect(alerts[3]).toMatchObject({
    value: 0.001016,
    baseline: MISSION_BASELINE.token_efficiency.mean,
    deviation: expect.closeTo(3.915, 3),
    message: expect.stringContaining('3.9 std dev'),
  })
})
