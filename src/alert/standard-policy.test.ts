import { expect, test } from 'vitest'
import type { LedgerLine, Note } from '../model/assessment.ts'
import { randomNormal, seededRandom } from '../stats/random.ts'
import { mergeAlerts } from './alert-level.ts'
import { type Monitors, NO_MONITORS, observe } from './monitor.ts'
import { type JudgedLine, monitoredSession, standardPolicy } from './standard-policy.ts'

const SEED = 20_261_127

function line(changes: Partial<JudgedLine> & Pick<LedgerLine, 'kpis'>): JudgedLine {
  const evidence = Object.keys(changes.kpis).map((kpi) => [kpi, { n: 40, sources: [], estimated: false }] as const)
  return { evidence: Object.fromEntries(evidence), notes: [], deviations: {}, ...changes }
}

function crossed(kpi: string, threshold: number, code: Note['code'] = 'critical_threshold'): Note {
  return { code, kpi, message: '', threshold }
}

/** Sessions with an active time ratio around 0.6 and few errors. */
function after(count: number): Monitors {
  const random = seededRandom(SEED)
  let monitors = NO_MONITORS
  for (let index = 0; index < count; index++) {
    const kpis = { active_time_ratio: 0.6 + 0.03 * randomNormal(random), error_rate: index % 2 === 0 ? 0.025 : 0 }
    monitors = observe(monitors, monitoredSession(line({ kpis })), () => undefined).monitors
  }
  return monitors
}

test('a session like those before it raises nothing', () => {
  expect(standardPolicy(line({ kpis: { active_time_ratio: 0.6, error_rate: 0.025 } }), after(30))).toEqual([])
})

test('an alert says what is usual, how likely the session was, and what to do', () => {
  const judged = line({ kpis: { error_rate: 0.3 }, deviations: { error_rate: 9 } })
  const [alert, ...more] = mergeAlerts(standardPolicy(judged, after(30)))
  expect(more).toEqual([])
  expect(alert).toMatchObject({
    metric: 'error_rate',
    value: 0.3,
    deviation: 9,
    baseline: expect.closeTo(0.013, 2),
    statistics: { sessions: 30 },
    recommendation: expect.stringContaining('failed'),
  })
  expect(alert?.message).toMatch(/^Error Rate 30\.0 %, usually 1\.\d %: /)
  expect(alert?.statistics?.p).toBeLessThan(0.001)
})

test.for<{ value: number; severity: string; reason: string; message: RegExp }>([
  { value: 0.47, severity: 'WARNING', reason: 'unusual', message: /by chance in 0\.0\d+ % of sessions \(30 known\)$/ },
  { value: 0.1, severity: 'CRITICAL', reason: 'far_outside', message: /far worse than any usual session$/ },
])('an active time ratio of $value is $reason', ({ value, ...expected }) => {
  const [alert] = mergeAlerts(standardPolicy(line({ kpis: { active_time_ratio: value } }), after(30)))
  expect(alert).toMatchObject({
    severity: expected.severity,
    reason: expected.reason,
    message: expect.stringMatching(expected.message),
  })
})

test('a lasting worsening carries its trend', () => {
  let monitors = after(30)
  const reasons: string[] = []
  for (let index = 0; index < 12; index++) {
    const judged = line({ kpis: { active_time_ratio: 0.47 } })
    const alerts = mergeAlerts(standardPolicy(judged, monitors))
    reasons.push(...alerts.map(({ reason, trend }) => `${reason} ${trend ?? ''}`))
    monitors = observe(monitors, monitoredSession(judged), () => undefined).monitors
  }
  expect(reasons).toEqual(expect.arrayContaining(['unusual ', 'unusual_again degrading']))
})

/** 12 sessions are enough to know better than a threshold; with fewer it counts, cautiously. */
test.for<{ name: string; known: number; kpi: string; value: number; note: Note; reason: string | undefined }>([
  {
    name: 'twice as bad as critical, and nothing is known',
    known: 4,
    kpi: 'active_time_ratio',
    value: 0.1,
    note: crossed('active_time_ratio', 0.2),
    reason: 'threshold_without_history',
  },
  {
    name: 'critical, but not twice as bad',
    known: 4,
    kpi: 'active_time_ratio',
    value: 0.15,
    note: crossed('active_time_ratio', 0.2),
    reason: undefined,
  },
  {
    name: 'only beyond the warning threshold',
    known: 4,
    kpi: 'active_time_ratio',
    value: 0.1,
    note: crossed('active_time_ratio', 0.4, 'warning_threshold'),
    reason: undefined,
  },
  {
    name: 'an error rate of twice the critical one',
    known: 0,
    kpi: 'error_rate',
    value: 0.2,
    note: crossed('error_rate', 0.1),
    reason: 'threshold_without_history',
  },
  {
    name: 'critical and worse than the few sessions before',
    known: 8,
    kpi: 'error_rate',
    value: 0.175,
    note: crossed('error_rate', 0.1),
    reason: 'threshold_and_worse',
  },
  {
    name: 'critical like the few sessions before',
    known: 8,
    kpi: 'active_time_ratio',
    value: 0.58,
    note: crossed('active_time_ratio', 0.59),
    reason: undefined,
  },
  {
    name: 'critical, but usual for the agent type',
    known: 30,
    kpi: 'active_time_ratio',
    value: 0.58,
    note: crossed('active_time_ratio', 0.59),
    reason: undefined,
  },
  {
    name: 'a KPI that is not tested',
    known: 0,
    kpi: 'compactions',
    value: 9,
    note: crossed('compactions', 3),
    reason: undefined,
  },
])('$name, after $known sessions: $reason', ({ known, kpi, value, note, reason }) => {
  const alerts = mergeAlerts(standardPolicy(line({ kpis: { [kpi]: value }, notes: [note] }), after(known)))
  expect(alerts.map((alert) => [alert.reason, alert.severity])).toEqual(
    reason === undefined ? [] : [[reason, 'WARNING']],
  )
})

test('a rate of few inputs says nothing before anything is known', () => {
  const evidence = { error_rate: { n: 9, sources: [], estimated: false } }
  const judged = line({ kpis: { error_rate: 0.44 }, evidence, notes: [crossed('error_rate', 0.1)] })
  expect(standardPolicy(judged, NO_MONITORS)).toEqual([])
})

test('a KPI of the configuration is judged in its own direction and called by its label', () => {
  const custom_kpis = { own: { label: 'Writes / Read', direction: 'lower', unit: '1' } } as const
  let monitors = NO_MONITORS
  for (let index = 0; index < 20; index++) {
    const session = monitoredSession(line({ kpis: { own: 1 + (index % 3) / 10 } }))
    monitors = observe(monitors, session, () => 'lower').monitors
  }
  const judge = (own: number) => mergeAlerts(standardPolicy(line({ kpis: { own }, custom_kpis }), monitors))
  expect(judge(5)[0]?.message).toMatch(/^Writes \/ Read 5\.00, usually 1\.\d\d/)
  expect(judge(0.2)).toEqual([])
})

test('what is absent is never alarming', () => {
  expect(standardPolicy(line({ kpis: {} }), after(30))).toEqual([])
})
