import type { Stratum } from '../model/suggestion.ts'
import { type Random, randomNormal } from '../stats/random.ts'

/** How the KPI of simulated agents scatters: log-normal. */
export interface TrialWorld {
  /** Standard deviation of the logarithm. */
  readonly logStdDev: number
  /** Correlation with the session before. */
  readonly carryOver: number
}

/** As steady as the mission's example baseline of token efficiency, 0.048 ± 0.012. */
export const trialWorldA: TrialWorld = { logStdDev: 0.25, carryOver: 0.3 }

/** As noisy as real sessions seem to be. */
export const trialWorldB: TrialWorld = { logStdDev: 0.43, carryOver: 0.3 }

/**
 * What else happens while suggestions are on trial. `drift`: the KPI wanders. `upgrade`: it gets better or worse by a
 * quarter at once, in half of the cases when the trial begins, else within ten sessions; in half of them with a new version.
 */
export type Disturbance = 'none' | 'drift' | 'upgrade'

/** An agent whose sessions are made up. */
export interface TrialAgent {
  /** What can be known of the next session before it begins. */
  stratum(): Stratum
  /** @param strength what suggestions make of the KPI, 1 for nothing */
  session(strength: number): number
  /** A trial begins. */
  disturb(disturbance: Disturbance): void
}

const USUAL = 0.048
/** Standard deviation of the random walk, each session. */
const DRIFT = 0.05
const STEP = 0.25
const UPGRADE_WITHIN = 10

export function trialAgent({ logStdDev, carryOver }: TrialWorld, random: Random): TrialAgent {
  let noise = randomNormal(random)
  let logLevel = 0
  let drift = 0
  let sessionsUntilUpgrade = Number.POSITIVE_INFINITY
  let version = '1'

  function upgrade(): void {
    sessionsUntilUpgrade = Number.POSITIVE_INFINITY
    logLevel += Math.log(random() < 0.5 ? 1 - STEP : 1 + STEP)
    if (random() < 0.5) version = '2'
  }

  return {
    stratum: () => ({ model: 'simulated', agent_version: version }),
    session(strength) {
      noise = carryOver * noise + Math.sqrt(1 - carryOver ** 2) * randomNormal(random)
      logLevel += drift * randomNormal(random)
      const value = USUAL * strength * Math.exp(logLevel + logStdDev * noise)
      // After the session, so that its version is the one that was told before it.
      sessionsUntilUpgrade -= 1
      if (sessionsUntilUpgrade <= 0) upgrade()
      return value
    },
    disturb(disturbance) {
      if (disturbance === 'drift') drift = DRIFT
      if (disturbance !== 'upgrade') return
      if (random() < 0.5) upgrade()
      else sessionsUntilUpgrade = 1 + Math.floor(UPGRADE_WITHIN * random())
    },
  }
}
