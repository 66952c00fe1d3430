import { mean, variance } from 'simple-statistics'
import { expect, test } from 'vitest'
import { normalQuantile } from '../stats/normal-quantile.ts'
import { studentTUpperTail } from '../stats/student-t.ts'
import { decideTrial } from './decide-trial.ts'
import { pairs, STRATUM, TRIAL, trialSession } from './trial.fixture.ts'
import type { TrialSession } from './trial.ts'

/** Scatter that averages 0: a pair's treated value, and in another order its control value. */
const NOISE = [0.31, -0.22, 0.05, -0.4, 0.18, 0.27, -0.33, 0.14, -0.08, 0.38, -0.19, 0.02, -0.29, 0.22, -0.06]

/** Pairs of sessions whose logarithms differ by `effect`, with scatter. */
function scattered(count: number, effect: number): readonly TrialSession[] {
  return pairs(
    Array.from({ length: count }, (_, i) => {
      const noise = [NOISE[i % NOISE.length] ?? 0, NOISE[(i + 7) % NOISE.length] ?? 0] as const
      return [0.05 * Math.exp(effect + noise[0]), 0.05 * Math.exp(noise[1])]
    }),
  )
}

test.for<{ name: string; sessions: readonly TrialSession[]; strict?: boolean; decision: [string, string] }>([
  { name: 'no session', sessions: [], decision: ['continue', 'undecided'] },
  { name: 'four pairs of a large effect', sessions: scattered(4, 0.8), decision: ['continue', 'undecided'] },
  { name: 'five pairs of it', sessions: scattered(5, 0.8), decision: ['proven', 'posterior'] },
  {
    name: 'five pairs, and a block that has just begun',
    sessions: [...scattered(5, 0.8), trialSession({ 'opt-a': 'treated' }, 0.0001, { block: 6 })],
    decision: ['proven', 'posterior'],
  },
  { name: 'two pairs much worse', sessions: scattered(2, -1.5), decision: ['continue', 'undecided'] },
  { name: 'three pairs much worse', sessions: scattered(3, -1.5), decision: ['harmful', 'harm_stop'] },
  { name: 'ten pairs without an effect', sessions: scattered(10, -0.02), decision: ['continue', 'undecided'] },
  { name: 'fifteen pairs of a small effect', sessions: scattered(15, 0.1), decision: ['ineffective', 'session_limit'] },
  {
    name: 'strict: five pairs of a smaller effect',
    sessions: scattered(5, 0.5),
    strict: true,
    decision: ['continue', 'undecided'],
  },
  { name: 'strict: ten pairs of it', sessions: scattered(10, 0.8), strict: true, decision: ['proven', 'e_value'] },
  {
    name: 'strict: three pairs much worse',
    sessions: scattered(3, -1.5),
    strict: true,
    decision: ['harmful', 'harm_stop'],
  },
])('$name', ({ sessions, strict, decision }) => {
  const { verdict, rule, reason } = decideTrial({ ...TRIAL, history: [], sessions }, strict)
  expect([verdict, rule]).toEqual(decision)
  expect(reason).not.toBe('')
})

test('it is futile when hardly anything of 10 % is left to hope for', () => {
  const steady = pairs(
    Array.from({ length: 8 }, (_, i) => [0.05 * (1 + (i % 3) / 50), 0.05 * (1 + ((i + 1) % 3) / 50)] as const),
  )
  expect(decideTrial({ ...TRIAL, history: [], sessions: steady })).toMatchObject({
    verdict: 'futile',
    rule: 'futility',
  })
})

test('the numbers are those of the formulas', () => {
  const sessions = scattered(6, 0.4)
  const logs = (arm: string): number[] =>
    sessions
      .filter(({ arms }) => arms['opt-a'] === arm)
      .map(({ measured }) => Math.log((measured?.value ?? 0) + 0.0001))
  const [treated, control] = [logs('treated'), logs('control')]
  // Pooled; simple-statistics divides by n.
  const pooled = (6 * variance(treated) + 6 * variance(control)) / 10
  const v = pooled * (1 / 6 + 1 / 6)
  const weight = 0.09 / (0.09 + v)
  const effect = weight * (mean(treated) - mean(control))
  const t90 = 1.812461122811676
  const { evidence } = decideTrial({ ...TRIAL, history: [], sessions })
  expect(evidence).toMatchObject({ treated: 6, control: 6, degrees_of_freedom: 10 })
  expect(evidence.effect).toBeCloseTo(effect, 9)
  expect(evidence.effect_low).toBeCloseTo(effect - t90 * Math.sqrt(weight * v), 6)
  expect(evidence.effect_high).toBeCloseTo(effect + t90 * Math.sqrt(weight * v), 6)
  const above = (least: number): number => studentTUpperTail((least - effect) / Math.sqrt(weight * v), 10)
  expect(evidence.probability_better).toBeCloseTo(above(0), 9)
  expect(evidence.probability_worth).toBeCloseTo(above(Math.log(1.05)), 9)
  expect(evidence.probability_hoped_for).toBeCloseTo(above(Math.log(1.1)), 9)
  expect(evidence.change).toBeCloseTo(Math.exp(effect) - 1, 2)
})

test('the e-value is told where it decides', () => {
  const sessions = scattered(10, 0.8)
  const { evidence } = decideTrial({ ...TRIAL, history: [], sessions }, true)
  const v = (evidence.std_error ?? 0) ** 2
  const z = -normalQuantile(studentTUpperTail((evidence.raw_effect ?? 0) / Math.sqrt(v), 18))
  // Large effects: the half-normal's lower half has no share in it.
  const approximate = 2 * Math.sqrt(v / (v + 0.09)) * Math.exp((0.09 * z * z) / (2 * (v + 0.09)))
  expect((evidence.e_value ?? 0) / approximate).toBeCloseTo(1, 2)
  expect(evidence.e_value).toBeGreaterThan(20)
})

test('lower is better for some', () => {
  const overhead = scattered(8, -0.9)
  const trial = { ...TRIAL, kpi: 'tool_overhead_ratio', history: [], sessions: overhead }
  const scaled = overhead.map((one) => ({ ...one, measured: { value: 20 * (one.measured?.value ?? 0), inputs: 40 } }))
  const decision = decideTrial({ ...trial, direction: 'lower', sessions: scaled })
  expect(decision).toMatchObject({ verdict: 'proven', rule: 'posterior' })
  expect(decision.evidence.effect).toBeGreaterThan(0.3)
  expect(decision.evidence.change).toBeLessThan(-0.2)
  expect(decision.evidence.value_with).toBeLessThan(decision.evidence.value_without ?? 0)
})

test('what an upgrade does is no effect of the suggestion', () => {
  const newer = { ...STRATUM, agent_version: '2.1.329' }
  // Of the new version, which is eight times as good, most sessions that are left have the suggestion.
  const old = scattered(5, 0)
  const late = scattered(5, 0).map((one) => ({
    ...one,
    block: one.block + 5,
    stratum: newer,
    measured: { value: 8 * (one.measured?.value ?? 0), inputs: 40 },
  }))
  const left = late.filter(({ arms }, i) => arms['opt-a'] === 'treated' || i > 6)
  const aware = decideTrial({ ...TRIAL, history: [], sessions: [...old, ...left] })
  const unaware = decideTrial({
    ...TRIAL,
    history: [],
    sessions: [...old, ...left.map((one) => ({ ...one, stratum: STRATUM }))],
  })
  expect(Math.abs(aware.evidence.raw_effect ?? 1)).toBeLessThan(0.2)
  expect(unaware.evidence.raw_effect).toBeGreaterThan(0.4)
})

test('of shares of few inputs each session counts by its inputs', () => {
  const rate = (value: number, inputs: number, arm: 'treated' | 'control', block: number): TrialSession =>
    trialSession({ 'opt-a': arm }, value, { block, measured: { value, inputs } })
  const sessions = Array.from({ length: 10 }, (_, i) => [
    rate(i % 3 === 0 ? 0.025 : 0, 40, 'treated', i + 1),
    rate(0.15 + (i % 4) / 40, 40, 'control', i + 1),
  ]).flat()
  const trial = { ...TRIAL, kpi: 'error_rate', direction: 'lower', history: [], sessions } as const
  const decision = decideTrial(trial)
  expect(decision).toMatchObject({ verdict: 'proven', rule: 'posterior' })
  expect(decision.evidence.value_without).toBeGreaterThan(0.1)
  expect(decision.evidence.value_with).toBeLessThan(0.1)
  // One failed call of one says next to nothing.
  const single = rate(1, 1, 'treated', 11)
  const after = decideTrial({ ...trial, sessions: [...sessions, single, rate(0.15, 40, 'control', 11)] })
  expect(after.verdict).toBe('proven')
})

test('sessions that never vary are not infinitely certain', () => {
  const same = pairs(Array.from({ length: 5 }, () => [0.05, 0.05] as const))
  const { evidence } = decideTrial({ ...TRIAL, history: [], sessions: same })
  expect(evidence.effect).toBeCloseTo(0, 12)
  expect(evidence.effect_high).toBeGreaterThan(0.01)
})

test('sessions without the KPI are no evidence, and do not hold up a block', () => {
  const sessions = scattered(6, 0.8).map((one, i) => (i === 2 ? trialSession(one.arms, undefined, { block: 2 }) : one))
  expect(decideTrial({ ...TRIAL, history: [], sessions }).evidence).toMatchObject({ treated: 5, control: 6 })
  const none = sessions.map(({ arms, block }) => trialSession(arms, undefined, { block }))
  expect(decideTrial({ ...TRIAL, sessions: none })).toMatchObject({ verdict: 'continue', evidence: { sessions: 0 } })

  const many = Array.from({ length: 90 }, (_, i) => trialSession({}, undefined, { block: i, blockSize: 1 }))
  expect(decideTrial({ ...TRIAL, sessions: many })).toMatchObject({ verdict: 'ineffective', rule: 'session_limit' })
})
