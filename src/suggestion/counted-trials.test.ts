import { describe, expect, test } from 'vitest'
import { randomBeta, randomBinomial, seededRandom } from '../stats/random.ts'
import { assignSession } from './assignment.ts'
import { decideTrial } from './decide-trial.ts'
import { STRATUM } from './trial.fixture.ts'
import type { Trial, TrialSession } from './trial.ts'

const SEED = 20_261_127
const TRIALS = process.env.AGENTPERF_SIMULATION === 'large' ? 5000 : 300

/** Shares of counts that come in clusters: the inputs of a session are alike. */
describe.each([
  { kpi: 'task_completion_rate', direction: 'higher', failing: 0.3, inputs: 7, overdispersion: 0.15, least: 0.2 },
  { kpi: 'error_rate', direction: 'lower', failing: 0.1, inputs: 40, overdispersion: 0.03, least: 0.4 },
] as const)('$kpi', ({ kpi, direction, failing, inputs, overdispersion, least }) => {
  function provenShare(factor: number): number {
    const random = seededRandom(SEED)
    let proven = 0
    for (let trial = 0; trial < TRIALS; trial++) {
      const sessions: TrialSession[] = []
      const assignments: ReturnType<typeof assignSession>[] = []
      let verdict = 'continue'
      while (verdict === 'continue') {
        const sessionId = `${trial}/${sessions.length}`
        const next = { salt: String(trial), agentType: kpi, sessionId, suggestionIds: ['opt-a'], stratum: STRATUM }
        const assignment = assignSession(next, assignments)
        assignments.push(assignment)
        const rate = assignment.arms['opt-a'] === 'treated' ? failing * factor : failing
        const total = 1 + Math.floor(2 * inputs * random())
        const failed = randomBinomial(total, randomBeta(rate, overdispersion, random), random)
        const value = (direction === 'lower' ? failed : total - failed) / total
        sessions.push({ ...assignment, measured: { value, inputs: total } })
        verdict = decideTrial(trialOf(sessions)).verdict
      }
      if (verdict === 'proven') proven += 1
    }
    if (TRIALS > 1000) console.log(kpi, factor, proven / TRIALS)
    return proven / TRIALS
  }

  test('at most 5 % of useless suggestions are proven, and of harmful ones hardly any', { timeout: 120_000 }, () => {
    expect(provenShare(1)).toBeLessThanOrEqual(0.05)
    expect(provenShare(1.3)).toBeLessThanOrEqual(0.01)
  })

  test('of those that leave a third of the failures a part is: shares of few inputs say little', {
    timeout: 120_000,
  }, () => {
    expect(provenShare(1 / 3)).toBeGreaterThan(least)
  })

  function trialOf(sessions: readonly TrialSession[]): Trial {
    return { suggestionId: 'opt-a', kpi, direction, history: [], sessions }
  }
})
