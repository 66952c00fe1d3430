import { expect, test } from 'vitest'
import { decideTrial } from './decide-trial.ts'
import { fastLane } from './fast-lane.ts'
import { HISTORY, pairs, STRATUM, TRIAL, trialSession } from './trial.fixture.ts'
import type { Trial, TrialSession } from './trial.ts'

const TEN_TIMES = pairs([
  [0.5, 0.05],
  [0.4, 0.04],
  [0.6, 0.055],
])

test.for<{ name: string; trial: Partial<Trial>; passes: boolean }>([
  { name: 'three sessions ten times as good', trial: { sessions: TEN_TIMES }, passes: true },
  { name: 'only two of them yet', trial: { sessions: TEN_TIMES.slice(0, 4) }, passes: false },
  {
    name: 'a third one that is not the best',
    trial: {
      sessions: pairs([
        [0.5, 0.05],
        [0.4, 0.04],
        [0.058, 0.05],
      ]),
    },
    passes: false,
  },
  {
    name: 'a session without it is as good',
    trial: {
      sessions: pairs([
        [0.5, 0.45],
        [0.4, 0.04],
        [0.6, 0.05],
      ]),
    },
    passes: false,
  },
  { name: 'nineteen sessions before', trial: { sessions: TEN_TIMES, history: HISTORY.slice(1) }, passes: false },
  {
    name: 'a very good session long before',
    trial: { sessions: TEN_TIMES, history: [{ value: 9, stratum: STRATUM }, ...HISTORY] },
    passes: true,
  },
  {
    name: 'a very good session among the 20 before',
    trial: { sessions: TEN_TIMES, history: [...HISTORY, { value: 9, stratum: STRATUM }] },
    passes: false,
  },
  {
    name: 'a history of another model',
    trial: {
      sessions: TEN_TIMES,
      history: HISTORY.map((one) => ({ ...one, stratum: { ...STRATUM, model: 'other' } })),
    },
    passes: false,
  },
  {
    name: 'a history of a model that is not known',
    trial: { sessions: TEN_TIMES, history: HISTORY.map((one) => ({ ...one, stratum: { ...STRATUM, model: null } })) },
    passes: true,
  },
  {
    name: 'only the first three count: a fourth that is bad changes nothing',
    trial: { sessions: [...TEN_TIMES, ...pairs([[0.01, 0.05]])] },
    passes: true,
  },
  {
    name: 'only the first three count: a fourth that is good changes nothing',
    trial: {
      sessions: pairs([
        [0.5, 0.05],
        [0.4, 0.04],
        [0.05, 0.05],
        [0.7, 0.05],
        [0.7, 0.05],
      ]),
    },
    passes: false,
  },
  {
    name: 'lower is better',
    trial: {
      direction: 'lower',
      sessions: pairs([
        [0.005, 0.05],
        [0.004, 0.04],
        [0.006, 0.05],
      ]),
    },
    passes: true,
  },
])('$name', ({ trial, passes }) => {
  expect(fastLane({ ...TRIAL, ...trial }) !== undefined).toBe(passes)
})

test('it decides, with the numbers that show it, but not under strict', () => {
  const trial = { ...TRIAL, sessions: TEN_TIMES.slice(0, 5) }
  expect(decideTrial(trial)).toMatchObject({
    verdict: 'proven',
    rule: 'fast_lane',
    evidence: { treated: 3, worst_treated: 0.4, best_before: 0.059, history: 20 },
  })
  // What is reported is the shrunken effect here too: ten times is not believed after five sessions.
  const { evidence } = decideTrial(trial)
  expect(evidence.effect).toBeLessThan(Math.log(10))
  expect(evidence.effect_low).toBeGreaterThan(0)
  expect(decideTrial(trial, true).verdict).toBe('continue')
})

test('beside others it waits until each of them was off once', () => {
  const session = (other: 'treated' | 'control', value: number): TrialSession =>
    trialSession({ 'opt-a': 'treated', 'opt-b': other }, value, { blockSize: 4 })
  const together = [session('treated', 0.5), session('treated', 0.5), session('treated', 0.5)]
  expect(fastLane({ ...TRIAL, sessions: together })).toBeUndefined()
  // The other one does it: alone this is like any session before.
  expect(fastLane({ ...TRIAL, sessions: [...together, session('control', 0.05)] })).toBeUndefined()
  expect(fastLane({ ...TRIAL, sessions: [...together, session('control', 0.5)] })).toMatchObject({ treated: 4 })
})
