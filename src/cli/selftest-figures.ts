import type { Policy } from '#src/alert/policy.ts'
import { falseShareOfCritical, healthyRates, type Simulation, warningDelays } from '#src/alert/simulation.ts'
import { type World, worldA, worldB } from '#src/alert/worlds.ts'
import type { DecisionMode } from '#src/model/suggestion.ts'
import { quantile } from '#src/stats/quantile.ts'
import { seededRandom } from '#src/stats/random.ts'
import { provenShare, simulateTrials, type Tried } from '#src/suggestion/trial-simulation.ts'
import { type TrialWorld, trialWorldA, trialWorldB } from '#src/suggestion/trial-worlds.ts'

/** How much is simulated: the same size and seed give the same figures. */
export interface SelftestSize {
  readonly seed: number
  /** Agents whose alerts are counted. */
  readonly agents: number
  /** Sessions of each of them. */
  readonly sessions: number
  /** Trials of suggestions, for each figure. */
  readonly trials: number
}

/** What the rules for alerts and suggestions do; rates are shares, 0 to 1. */
export interface RuleFigures {
  readonly healthy: {
    readonly warn: number
    readonly critical: number
    readonly block: number
    readonly false_share_critical: number
  }
  /** Sessions; `null` when most worsenings are never told of. */
  readonly delay_1_5_sigma_median: number | null
  /** Shares of suggestions that are proven. */
  readonly promotion: {
    readonly useless: number
    readonly useless_drift: number
    readonly useless_upgrade: number
    readonly useless_concurrent: number
    readonly harmful: number
    readonly x2: number
    readonly x10_at_3: number
  }
}

export interface WorldFigures extends RuleFigures {
  /** The same under the policy and the decision `seed`. */
  readonly literal: RuleFigures
}

export interface SelftestFigures {
  readonly seed: number
  readonly worlds: { readonly a: WorldFigures; readonly b: WorldFigures }
}

/** Simulates both worlds, with this project's rules and with the literal ones. */
export function measureFigures(size: SelftestSize): SelftestFigures {
  return {
    seed: size.seed,
    worlds: { a: worldFigures(worldA, trialWorldA, size), b: worldFigures(worldB, trialWorldB, size) },
  }
}

function worldFigures(world: World, trialWorld: TrialWorld, size: SelftestSize): WorldFigures {
  const figuresOf = (policy: Policy, decision: DecisionMode): RuleFigures => ({
    ...alertFigures(world, policy, size),
    promotion: promotionFigures(trialWorld, decision, size),
  })
  return { ...figuresOf('standard', 'trial'), literal: figuresOf('seed', 'seed') }
}

const WORSENING_STD_DEVS = 1.5
/** The literal rules need all sessions again for each session, and their figures few digits. */
const LITERAL_AGENTS = 20

function alertFigures(
  world: World,
  policy: Policy,
  { seed, agents, sessions }: SelftestSize,
): Omit<RuleFigures, 'promotion'> {
  const simulation = (): Simulation => ({
    world,
    policy,
    agents: policy === 'seed' ? Math.min(agents, LITERAL_AGENTS) : agents,
    random: seededRandom(seed),
  })
  const delays = warningDelays(simulation(), WORSENING_STD_DEVS).map(({ median }) => median)
  const delay = quantile(delays, 0.5) ?? Number.POSITIVE_INFINITY
  return {
    healthy: {
      ...healthyRates(simulation(), sessions),
      false_share_critical: falseShareOfCritical(simulation()),
    },
    delay_1_5_sigma_median: Number.isFinite(delay) ? delay : null,
  }
}

const USELESS = 1
const HARMFUL = 0.9
const WORKING = 1.5
const FAST_SESSIONS = 3

function promotionFigures(
  world: TrialWorld,
  decision: DecisionMode,
  { seed, trials }: SelftestSize,
): RuleFigures['promotion'] {
  const endsOf = (tried: Tried) => simulateTrials({ world, decision, trials, random: seededRandom(seed) }, tried)
  const large = endsOf({ factors: [10] })
  const atThird = large.filter((end) => end.decision.verdict === 'proven' && end.treated === FAST_SESSIONS)
  return {
    useless: provenShare(endsOf({ factors: [USELESS] }), USELESS),
    useless_drift: provenShare(endsOf({ factors: [USELESS], disturbance: 'drift' }), USELESS),
    useless_upgrade: provenShare(endsOf({ factors: [USELESS], disturbance: 'upgrade' }), USELESS),
    useless_concurrent: provenShare(endsOf({ factors: [WORKING, USELESS, USELESS] }), USELESS),
    harmful: provenShare(endsOf({ factors: [HARMFUL] }), HARMFUL),
    x2: provenShare(endsOf({ factors: [2] }), 2),
    x10_at_3: atThird.length / large.length,
  }
}
