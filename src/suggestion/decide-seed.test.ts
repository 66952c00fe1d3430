import { expect, test } from 'vitest'
import { decideSeed, provisionalVerdict } from './decide-seed.ts'
import { TRIAL, trialSession } from './trial.fixture.ts'
import type { Trial } from './trial.ts'

function trialWith(values: readonly (number | undefined)[], more: Partial<Trial> = {}): Trial {
  return { ...TRIAL, sessions: values.map((value) => trialSession({ 'opt-a': 'treated' }, value)), ...more }
}

test('the mission’s opt-001 is proven', () => {
  // Its token efficiency was 0.001 when it was activated, and then 0.042, 0.051 and 0.048. The mission compares each
  // session with the one before (+4100 %, +21 %, −6 %); against a frozen baseline the last one is no regression.
  const decision = decideSeed(trialWith([0.042, 0.051, 0.048], { reference: { mean: 0.001, std_dev: 0.0002 } }))
  expect(decision).toMatchObject({ verdict: 'proven', rule: 'seed_2_of_3', evidence: { sessions: 3, better: 3 } })
  expect(decision.evidence.change_1).toBeCloseTo(41, 9)
  expect(decision.evidence.change_2).toBeCloseTo(50, 9)
  expect(decision.evidence.change_3).toBeCloseTo(47, 9)
  expect(decision.evidence.average_change).toBeCloseTo(46, 9)
})

test('the mission’s changes from session to session prove it as well: 2 of 3 are enough', () => {
  const reference = { mean: 1, std_dev: 0.1 }
  expect(decideSeed(trialWith([42, 1.21, 0.94], { reference })).verdict).toBe('proven')
})

test.for<{ name: string; values: (number | undefined)[]; more?: Partial<Trial>; verdict: string }>([
  {
    name: 'opt-002 of the weekly sample: three sessions without impact',
    values: [0.05, 0.051, 0.049],
    verdict: 'ineffective',
  },
  { name: 'opt-003 of the weekly sample: one session', values: [0.5], verdict: 'continue' },
  { name: 'two of three better by more than 20 %', values: [0.061, 0.04, 0.0601], verdict: 'proven' },
  {
    name: 'exactly 20 % is not more',
    values: [60, 60, 60],
    more: { reference: { mean: 50, std_dev: 6 } },
    verdict: 'ineffective',
  },
  { name: 'one of three', values: [0.09, 0.05, 0.05], verdict: 'ineffective' },
  { name: 'the first three decide', values: [0.05, 0.05, 0.09, 0.09, 0.09], verdict: 'ineffective' },
  { name: 'a session without the KPI does not count', values: [0.09, undefined, 0.09], verdict: 'continue' },
  { name: 'lower is better', values: [0.03, 0.03, 0.05], more: { direction: 'lower' }, verdict: 'proven' },
  {
    name: 'a baseline of 0 that cannot be bettered',
    values: [0, 0, 0],
    more: { direction: 'lower', reference: { mean: 0, std_dev: 0.01 } },
    verdict: 'ineffective',
  },
  {
    name: 'a baseline of 0 that is bettered by standard deviations',
    values: [0.02, 0.02, 0.02],
    more: { reference: { mean: 0, std_dev: 0.01 } },
    verdict: 'proven',
  },
])('$name', ({ values, more, verdict }) => {
  expect(decideSeed(trialWith(values, more)).verdict).toBe(verdict)
})

test('without a baseline nothing can be said', () => {
  const { reference: _, ...rest } = trialWith([0.09, 0.09, 0.09])
  expect(decideSeed(rest).verdict).toBe('continue')
  expect(provisionalVerdict(rest)).toBeUndefined()
})

test.for<[what: string, values: (number | undefined)[], more: object]>([
  ['30 sessions without a baseline', Array.from({ length: 30 }, () => 0.09), { reference: undefined }],
  ['90 sessions without the KPI', Array.from({ length: 90 }, () => undefined), {}],
])('%s end it', ([, values, more]) => {
  const decided = (count: number) => decideSeed({ ...trialWith(values.slice(0, count)), ...more })
  expect(decided(values.length - 1).verdict).toBe('continue')
  expect(decided(values.length)).toMatchObject({ verdict: 'ineffective', rule: 'session_limit' })
})

test.for<[values: number[], verdict: string | undefined]>([
  [[0.09, 0.09], undefined],
  [[0.09, 0.09, 0.01], 'promising'],
  [[0.05, 0.052, 0.09], 'unclear'],
  [[0.03, 0.05, 0.03], 'worse'],
])('after sessions of %j the provisional verdict is %s', ([values, verdict]) => {
  expect(provisionalVerdict(trialWith(values))?.verdict).toBe(verdict)
})

test('sessions without the suggestion are not looked at', () => {
  const control = trialSession({ 'opt-a': 'control' }, 9)
  const trial = trialWith([0.05, 0.05])
  expect(decideSeed({ ...trial, sessions: [control, ...trial.sessions, control] }).evidence.sessions).toBe(2)
})
