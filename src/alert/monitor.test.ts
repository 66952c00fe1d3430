import { expect, test } from 'vitest'
import { randomNormal, seededRandom } from '../stats/random.ts'
import { type Judgement, MIN_SESSIONS, type MonitoredSession, type Monitors, NO_MONITORS, observe } from './monitor.ts'

const SEED = 20_261_125
const KPI = 'active_time_ratio'
const none = (): undefined => undefined

function session(value: number): MonitoredSession {
  return { kpis: { [KPI]: value }, inputs: {} }
}

/** Judges sessions in order. */
function run(values: readonly number[], from: Monitors = NO_MONITORS): { monitors: Monitors; judged: Judgement[] } {
  let monitors = from
  const judged: Judgement[] = []
  for (const value of values) {
    const result = observe(monitors, session(value), none)
    monitors = result.monitors
    judged.push(...result.judgements)
  }
  return { monitors, judged }
}

/** Sessions around 0.6, a little above and below in turn. */
function steady(count: number): number[] {
  const random = seededRandom(SEED)
  return Array.from({ length: count }, () => 0.6 + 0.03 * randomNormal(random))
}

const HEALTHY = run(steady(40)).monitors

test('nothing is judged before there are twelve sessions', () => {
  const { judged } = run(steady(MIN_SESSIONS))
  expect(judged).toEqual([])
  expect(run([0.6], run(steady(MIN_SESSIONS)).monitors).judged).toHaveLength(1)
})

test('a session that is much worse is unusual, far outside, and compared with those before it only', () => {
  const [judgement] = run([0.2], HEALTHY).judged
  expect(judgement).toMatchObject({ kpi: KPI, value: 0.2, sessions: 40, isUnusual: true, isFarOutside: true })
  expect(judgement?.usual).toBeCloseTo(0.6, 1)
  expect(judgement?.p).toBeLessThan(1e-5)
})

test('one that is much better is not', () => {
  const [judgement] = run([0.95], HEALTHY).judged
  expect(judgement).toMatchObject({ isWorse: false, isUnusual: false, isFarOutside: false })
  expect(judgement?.p).toBeGreaterThan(0.99)
})

test('a change that is unlikely but too small to matter is none', () => {
  const narrow = run(Array.from({ length: 60 }, (_, index) => 0.6 + 0.001 * (index % 3))).monitors
  const [judgement] = run([0.49], narrow).judged
  expect(judgement).toMatchObject({ isWorse: false, isUnusual: false })
  expect(judgement?.p).toBeLessThan(0.002)
})

test('the second unusual session of three is one again', () => {
  const { judged } = run([0.42, 0.6, 0.42, 0.6, 0.6, 0.6, 0.42], HEALTHY)
  expect(judged.map(({ isUnusual, isUnusualAgain }) => [isUnusual, isUnusualAgain])).toEqual([
    [true, false],
    [false, false],
    [true, true],
    [false, false],
    [false, false],
    [false, false],
    [true, false],
  ])
})

test('a chance that is shared by more KPIs needs rarer sessions', () => {
  const both = (value: number): MonitoredSession => ({ kpis: { [KPI]: value, quality_coherence: 0.9 }, inputs: {} })
  const random = seededRandom(SEED)
  const wide = Array.from({ length: 40 }, () => 0.6 + 0.05 * randomNormal(random))
  const monitors = wide.reduce<Monitors>((known, value) => observe(known, both(value), none).monitors, NO_MONITORS)
  const alone = run([0.455], run(wide).monitors).judged[0]
  const shared = observe(monitors, both(0.455), none).judgements[0]
  expect(alone?.p).toBeGreaterThan(0.01)
  expect(alone).toMatchObject({ isUnusual: true, p: shared?.p })
  expect(shared).toMatchObject({ isUnusual: false })
})

test('a lasting worsening is told of when it shows, when it has gone far, and then from time to time', () => {
  const { judged } = run(Array(20).fill(0.465), HEALTHY)
  const told = judged.map(({ isDrifting, isDriftedFar, isStillDrifting }) =>
    isDriftedFar ? 'far' : isDrifting ? 'shows' : isStillDrifting ? 'goes on' : '',
  )
  expect(told.filter((word) => word === 'shows')).toHaveLength(1)
  expect(told.indexOf('shows')).toBeLessThan(5)
  expect(told.indexOf('far')).toBeGreaterThan(told.indexOf('shows'))
  expect(told.filter((word) => word === 'far').length).toBeGreaterThan(1)
  expect(told.filter((word) => word === 'goes on').length).toBeGreaterThan(told.filter((word) => word === 'far').length)
})

test('what gets worse does not become what is usual, and a better session ends the alarm', () => {
  const worse = run(Array(30).fill(0.45), HEALTHY)
  expect(worse.judged.at(-1)?.usual).toBeCloseTo(worse.judged[0]?.usual ?? 0, 1)
  const { judged } = run([0.65, 0.45], worse.monitors)
  expect(judged[0]).toMatchObject({ cusum: 0, isStillDrifting: false })
  expect(judged[1]).toMatchObject({ isDrifting: false, isStillDrifting: false })
})

test('a bad run of chance that comes to nothing is learned after all', () => {
  const run1 = run([0.54, 0.54, 0.55, 0.62, 0.62, 0.62, 0.62, 0.62], HEALTHY)
  const skipped = run([0.62, 0.62, 0.62, 0.62, 0.62], HEALTHY)
  const usual = (monitors: Monitors): number => run([0.6], monitors).judged[0]?.usual ?? Number.NaN
  expect(usual(run1.monitors)).toBeLessThan(usual(skipped.monitors))
})

test('outliers among the first sessions are not learned, unless there are many of them', () => {
  const bad = { kpis: { error_rate: 0.5 }, inputs: { error_rate: 40 } }
  const good = { kpis: { error_rate: 0.025 }, inputs: { error_rate: 40 } }
  const usualAfter = (sessions: readonly MonitoredSession[]): number => {
    let monitors = NO_MONITORS
    for (const one of sessions) monitors = observe(monitors, one, none).monitors
    return monitors.get('error_rate')?.reference.usual ?? Number.NaN
  }
  const first = Array<MonitoredSession>(6).fill(good)
  expect(usualAfter([...first, bad, bad, bad, bad])).toBeLessThan(0.05)
  expect(usualAfter([...first, bad, bad, bad, bad, bad])).toBeGreaterThan(0.1)
})

test('a KPI that is not tested, or whose value says nothing, leaves no trace', () => {
  const silent = {
    kpis: { compactions: 3, own: 1, tool_overhead_ratio: 0, error_rate: 0.5, task_completion_rate: 1 },
    inputs: { error_rate: 0 },
  }
  expect(observe(NO_MONITORS, silent, none).monitors.size).toBe(0)
})

test('a KPI of the configuration is tested in its own direction', () => {
  const own = (value: number): MonitoredSession => ({ kpis: { own: value }, inputs: {} })
  for (const [direction, bad] of [
    ['lower', 900],
    ['higher', 1],
  ] as const) {
    let monitors = NO_MONITORS
    for (let index = 0; index < 30; index++) {
      monitors = observe(monitors, own(30 + (index % 5)), () => direction).monitors
    }
    expect(observe(monitors, own(bad), () => direction).judgements[0]).toMatchObject({ isFarOutside: true })
    expect(observe(monitors, own(900 / bad), () => direction).judgements[0]).toMatchObject({ isUnusual: false })
  }
})
