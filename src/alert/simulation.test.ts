import { describe, expect, test } from 'vitest'
import { seededRandom } from '../stats/random.ts'
import { falseShareOfCritical, healthyRates, type Simulation, warningDelays } from './simulation.ts'
import { type World, worldA, worldB } from './worlds.ts'

const SEED = 20_261_120

/** Many times as many agents, for figures with more digits: `AGENTPERF_SIMULATION=large vitest run src/alert`. */
const isLarge = process.env.AGENTPERF_SIMULATION === 'large'
const AGENTS = isLarge ? 2000 : 100
const SESSIONS = 100

/** What policy `standard` promises; README of alerting. */
describe.each<{ name: string; world: World }>([
  { name: 'A', world: worldA },
  { name: 'B', world: worldB },
])(`in world $name (seed ${SEED})`, ({ name, world }) => {
  const simulation = (agents: number): Simulation => {
    return { world, policy: 'standard', agents, random: seededRandom(SEED) }
  }

  test('at most 3 % of healthy sessions are warned about, 0.5 % are called critical, 0.1 % would be blocked', {
    timeout: 300_000,
  }, () => {
    const rates = healthyRates(simulation(AGENTS), SESSIONS)
    tell(name, 'healthy sessions', rates)
    expect(rates.warn).toBeLessThanOrEqual(0.03)
    expect(rates.critical).toBeLessThanOrEqual(0.005)
    expect(rates.block).toBeLessThanOrEqual(0.001)
    // A policy that never says anything would pass as well.
    expect(rates.warn).toBeGreaterThan(0.005)
  })

  test('of critical sessions at most 5 % are healthy', { timeout: 300_000 }, () => {
    const share = falseShareOfCritical(simulation(AGENTS))
    tell(name, 'false share of CRITICAL', share)
    expect(share).toBeLessThanOrEqual(0.05)
  })

  test('a lasting worsening by 1.5 standard deviations is told of within 5 sessions', { timeout: 300_000 }, () => {
    const delays = warningDelays(simulation(isLarge ? 1000 : 300), 1.5)
    tell(name, 'sessions until the warning', delays)
    const medians = delays.map(({ median }) => median).toSorted((a, b) => a - b)
    expect(medians.length).toBeGreaterThanOrEqual(6)
    expect(medians[medians.length >> 1]).toBeLessThanOrEqual(5)
  })
})

test('the literal rules flag most healthy sessions: why they are not the default', () => {
  for (const world of [worldA, worldB]) {
    const rates = healthyRates({ world, policy: 'seed', agents: 20, random: seededRandom(SEED) }, SESSIONS)
    expect(rates.warn).toBeGreaterThan(0.5)
    expect(rates.critical).toBeGreaterThan(0.25)
    expect(rates.block).toBeGreaterThan(0.1)
  }
})

function tell(world: string, what: string, figures: unknown): void {
  if (isLarge) console.log(world, what, JSON.stringify(figures))
}
