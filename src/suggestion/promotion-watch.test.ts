import { describe, expect, test } from 'vitest'
import { seededRandom } from '../stats/random.ts'
import { decideTrial } from './decide-trial.ts'
import { regressionAfterPromotion, type WatchedSession } from './promotion-watch.ts'
import { pairs, STRATUM, TRIAL, trialSession } from './trial.fixture.ts'
import type { Trial, TrialSession } from './trial.ts'
import { type TrialWorld, trialAgent, trialWorldA, trialWorldB } from './trial-worlds.ts'

const SEED = 20_261_122
const IS_LARGE = process.env.AGENTPERF_SIMULATION === 'large'
/** The false share is near its bound. */
const HEALTHY_RUNS = IS_LARGE ? 5000 : 1500
const RUNS = IS_LARGE ? 5000 : 300
const WATCHED = 50
const MAX_PAIRS = 15

describe.each<{ name: string; world: TrialWorld }>([
  { name: 'A', world: trialWorldA },
  { name: 'B', world: trialWorldB },
])(`in world $name (seed ${SEED})`, ({ name, world }) => {
  test('what goes on as it was proven is seldom reopened', { timeout: 300_000 }, () => {
    const share = reopened(world, { proven: 2, later: 2 }, HEALTHY_RUNS).length / HEALTHY_RUNS
    if (IS_LARGE) console.log(name, 'no regression', share)
    expect(share).toBeLessThanOrEqual(0.05)
  })

  test('an effect that is lost reopens it, in the median within 15 sessions', { timeout: 300_000 }, () => {
    const found = reopened(world, { proven: 2, later: 1 })
    if (IS_LARGE) console.log(name, 'lost', found.length / RUNS, found[Math.floor(found.length / 2)])
    expect(found.length / RUNS).toBeGreaterThanOrEqual(0.9)
    expect(found[Math.floor(found.length / 2)]).toBeLessThanOrEqual(15)
  })

  test('what gets better still is not reopened', { timeout: 300_000 }, () => {
    expect(reopened(world, { proven: 2, later: 3 }).length / RUNS).toBeLessThanOrEqual(0.05)
  })
})

/** @returns after how many sessions, ascending; of suggestions that were proven by simulated trials */
function reopened(
  world: TrialWorld,
  factors: { readonly proven: number; readonly later: number },
  runs = RUNS,
): readonly number[] {
  const random = seededRandom(SEED)
  const found: number[] = []
  for (let run = 0; run < runs; ) {
    const agent = trialAgent(world, random)
    const history = Array.from({ length: 20 }, () => ({ value: agent.session(1), stratum: agent.stratum() }))
    const sessions: TrialSession[] = []
    let trial: Trial = { ...TRIAL, history, sessions: [] }
    while (sessions.length < 2 * MAX_PAIRS && decideTrial(trial).verdict === 'continue') {
      const block = 1 + sessions.length / 2
      const first = random() < 0.5
      for (const isTreated of [first, !first]) {
        const value = agent.session(isTreated ? factors.proven : 1)
        const stratum = agent.stratum()
        sessions.push(trialSession({ 'opt-a': isTreated ? 'treated' : 'control' }, value, { block, stratum }))
      }
      trial = { ...trial, sessions: [...sessions] }
    }
    if (decideTrial(trial).verdict !== 'proven') continue
    run++
    const after = Array.from({ length: WATCHED }, () => watched(agent.session(factors.later)))
    const numbers = regressionAfterPromotion(trial, after)
    if (numbers?.sessions_watched !== undefined) found.push(numbers.sessions_watched)
  }
  return found.toSorted((a, b) => a - b)
}

function watched(value: number, stratum = { model: 'simulated', agent_version: '1' }): WatchedSession {
  return { stratum, measured: { value, inputs: 40 } }
}

describe('what is compared', () => {
  const trial: Trial = {
    ...TRIAL,
    sessions: pairs([
      [0.1, 0.05],
      [0.11, 0.051],
      [0.09, 0.048],
      [0.1, 0.052],
      [0.105, 0.05],
    ]),
  }
  const worse = Array.from({ length: 20 }, () => watched(0.05, STRATUM))

  test('a KPI that falls back is found, and the numbers say when', () => {
    const found = regressionAfterPromotion(trial, worse)
    expect(found?.sessions_watched).toBeLessThanOrEqual(5)
    expect(found?.cusum).toBeGreaterThan(found?.limit ?? Infinity)
  })

  test('sessions without the KPI and other models say nothing', () => {
    expect(
      regressionAfterPromotion(
        trial,
        worse.map(({ stratum }) => ({ stratum })),
      ),
    ).toBeUndefined()
    const other = worse.map((session) => ({ ...session, stratum: { model: 'other', agent_version: '1' } }))
    expect(regressionAfterPromotion(trial, other)).toBeUndefined()
  })

  test('without a trial that tells how much sessions differ nothing is judged', () => {
    expect(regressionAfterPromotion({ ...trial, history: [], sessions: [] }, worse)).toBeUndefined()
  })

  test('where less is better, more is a regression', () => {
    const turned = trial.sessions.map(({ arms, ...session }) => ({
      ...session,
      arms: { 'opt-a': arms['opt-a'] === 'treated' ? ('control' as const) : ('treated' as const) },
    }))
    const lower: Trial = { ...trial, kpi: 'tool_overhead_ratio', direction: 'lower', sessions: turned }
    expect(regressionAfterPromotion(lower, worse)).toBeUndefined()
    const more = Array.from({ length: 20 }, () => watched(0.3, STRATUM))
    expect(regressionAfterPromotion(lower, more)).toBeDefined()
  })
})
