import { mean } from 'simple-statistics'
import { describe, expect, test } from 'vitest'
import type { DecisionMode } from '../model/suggestion.ts'
import { randomNormal, seededRandom } from '../stats/random.ts'
import { provenShare, simulateTrials, type Tried } from './trial-simulation.ts'
import { type TrialWorld, trialWorldA, trialWorldB } from './trial-worlds.ts'

const SEED = 20_261_121

/** Many times as many trials, for figures with more digits: `AGENTPERF_SIMULATION=large vitest run src/suggestion`. */
const TRIALS = process.env.AGENTPERF_SIMULATION === 'large' ? 10_000 : 500

const TIMEOUT = { timeout: 300_000 }

describe.each<{ name: string; world: TrialWorld }>([
  { name: 'A', world: trialWorldA },
  { name: 'B', world: trialWorldB },
])(`in world $name (seed ${SEED})`, ({ name, world }) => {
  const shareOf = (tried: Tried, factor: number, decision: DecisionMode = 'trial', trials = TRIALS): number => {
    const share = provenShare(simulateTrials({ world, decision, trials, random: seededRandom(SEED) }, tried), factor)
    if (TRIALS > 1000) console.log(name, decision, JSON.stringify(tried), `${(100 * share).toFixed(2)} %`)
    return share
  }

  test.for<Tried>([
    { factors: [1] },
    { factors: [1], disturbance: 'drift' },
    { factors: [1], disturbance: 'upgrade' },
    { factors: [1.5, 1, 1] },
  ])('at most 5 % of useless suggestions are proven: %j', TIMEOUT, (tried) => {
    const share = shareOf(tried, 1)
    expect(share).toBeLessThanOrEqual(0.05)
    // Rules that prove nothing would pass as well.
    expect(share).toBeGreaterThan(0)
  })

  test('at most 1 % of harmful ones are', TIMEOUT, () => {
    expect(shareOf({ factors: [0.9] }, 0.9, 'trial', 2 * TRIALS)).toBeLessThanOrEqual(0.01)
  })

  test('at least 95 % of those that double the KPI are, within 30 sessions', TIMEOUT, () => {
    expect(shareOf({ factors: [2] }, 2)).toBeGreaterThanOrEqual(0.95)
  })

  test('ten times as good shows at the third session', TIMEOUT, () => {
    const ends = simulateTrials(
      { world, decision: 'trial', trials: TRIALS, random: seededRandom(SEED) },
      { factors: [10] },
    )
    const atThird = ends.filter(({ decision, treated }) => decision.rule === 'fast_lane' && treated === 3)
    expect(atThird.length / ends.length).toBeGreaterThanOrEqual(0.95)
  })

  test('strict: at most 1 % of useless ones are proven', TIMEOUT, () => {
    expect(shareOf({ factors: [1] }, 1, 'strict')).toBeLessThanOrEqual(0.01)
    expect(shareOf({ factors: [2] }, 2, 'strict')).toBeGreaterThan(0.85)
  })

  test('the literal rule: why it is not the default', () => {
    expect(shareOf({ factors: [1] }, 1, 'seed')).toBeGreaterThan(0.08)
    expect(shareOf({ factors: [1.5, 1, 1] }, 1, 'seed')).toBeGreaterThan(0.4)
  })

  test('what is reported of proven suggestions is about what they do, and the interval means 90 %', TIMEOUT, () => {
    const random = seededRandom(SEED)
    // Effects as they are taken to be before anything is seen.
    const ends = Array.from({ length: 2 * TRIALS }, () =>
      simulateTrials(
        { world, decision: 'trial', trials: 1, random },
        { factors: [Math.exp(0.3 * randomNormal(random))] },
      ),
    ).flat()
    const proven = ends.filter(({ decision }) => decision.verdict === 'proven')
    const bias = mean(proven.map(({ factor, decision }) => (decision.evidence.change ?? Number.NaN) - (factor - 1)))
    const inside = ends.filter(({ factor, decision: { evidence } }) => {
      const effect = Math.log(factor)
      return (evidence.effect_low ?? Number.NaN) <= effect && effect <= (evidence.effect_high ?? Number.NaN)
    })
    if (TRIALS > 1000) console.log(name, 'bias', bias, 'in the interval', inside.length / ends.length)
    expect(Math.abs(bias)).toBeLessThan(0.05)
    expect(inside.length / ends.length).toBeGreaterThan(0.85)
    expect(inside.length / ends.length).toBeLessThan(0.97)
  })
})

test('no trial is longer than 30 sessions, and every end has its rule and its numbers', () => {
  const ends = simulateTrials(
    { world: trialWorldB, decision: 'trial', trials: 50, random: seededRandom(SEED) },
    { factors: [1, 2, 0.7], disturbance: 'upgrade' },
  )
  expect(ends).toHaveLength(150)
  for (const { sessions, decision } of ends) {
    expect(sessions).toBeLessThanOrEqual(30)
    expect(decision.verdict).not.toBe('continue')
    expect(Object.values(decision.evidence).every(Number.isFinite)).toBe(true)
  }
})
