import type { Arm, DecisionNumbers } from '../model/suggestion.ts'
import { shrink } from '../stats/shrunken-effect.ts'
import { armOf, type HistorySession, type MeasuredKpi, type Trial, type TrialSession } from './trial.ts'
import { PRIOR_STD_DEV } from './trial-effect.ts'
import { trialPositions } from './trial-scale.ts'

/** A session that came after the suggestion was promoted: with it, like all of its agent type. */
export type WatchedSession = Pick<TrialSession, 'stratum' | 'measured'>

/** A worsening counts when it is so many times (e to the power of this) as likely without the suggestion's effect as with it. */
const LIMIT = 7
/** One session alone must not decide. */
const MAX_Z = 3
const HISTORY = 20
const MIN_DEGREES_OF_FREEDOM = 5

interface Row {
  readonly position: number
  readonly weight: number
}

/** What sessions of one model and version come to, on the scale of the trial. */
interface Levels {
  readonly without: number
  /** Better than `without` is positive. */
  readonly effect: number
}

/**
 * Whether the KPI of a promoted suggestion fell back: a CUSUM of likelihood ratios (Page 1954) between the level that sessions
 * of its trial had with it and the one that they had without it. The effect is the shrunken one: what was proven looked better
 * than it is. Sessions of models and versions that the trial did not see say nothing.
 *
 * @param after oldest first
 * @returns the numbers that show it; `undefined` while nothing does
 */
export function regressionAfterPromotion(trial: Trial, after: readonly WatchedSession[]): DecisionNumbers | undefined {
  const past = [...pastOf(trial)].filter(({ measured }) => measured !== undefined)
  const watched = after.filter(({ measured }) => measured !== undefined)
  const scale = trialPositions(
    trial,
    [...past, ...watched].flatMap(({ measured }) => measured ?? []),
  )
  const rows = scale.positions.map((position, i): Row => ({ position, weight: scale.weights[i] ?? 1 }))
  const spread = spreadOf(
    past.map(({ group }) => group),
    rows,
    scale.minStdDev,
  )
  if (spread.degreesOfFreedom < MIN_DEGREES_OF_FREEDOM) return undefined
  const sign = trial.direction === 'higher' ? 1 : -1
  let cusum = 0
  for (const [i, { stratum }] of watched.entries()) {
    const row = rows[past.length + i]
    const levels = levelsOf(past, rows, { name: nameOf(stratum), sign, stdDev: spread.stdDev })
    if (row === undefined || levels === undefined || levels.effect <= 0) continue
    const stdDev = spread.stdDev / Math.sqrt(row.weight)
    // From the middle between both levels: there a session is as likely with the effect as without it.
    const z = (sign * (levels.without - row.position) + levels.effect / 2) / stdDev
    cusum = Math.max(0, cusum + (levels.effect / stdDev) * Math.max(-MAX_Z, Math.min(MAX_Z, z)))
    if (cusum > LIMIT) return { cusum, limit: LIMIT, sessions_watched: i + 1, expected_effect: levels.effect }
  }
  return undefined
}

function levelsOf(
  past: readonly PastRow[],
  rows: readonly Row[],
  { name, sign, stdDev }: { readonly name: string; readonly sign: number; readonly stdDev: number },
): Levels | undefined {
  const means = new Map<string, Mean>()
  for (const [i, { arm, stratum }] of past.entries()) if (nameOf(stratum) === name) learn(means, arm, rows[i])
  const treated = means.get('treated')
  // A trial without comparison has what was before.
  const control = means.get('control') ?? means.get('before')
  if (treated === undefined || control === undefined) return undefined
  const variance = stdDev ** 2 * (1 / treated.weight + 1 / control.weight)
  const found = shrink(
    { effect: sign * (treated.mean - control.mean), variance, degreesOfFreedom: past.length },
    PRIOR_STD_DEV,
  )
  return { without: control.mean, effect: found.mean }
}

interface PastRow {
  /** Sessions of one group differ by chance alone. */
  readonly group: string
  readonly arm: Arm | 'before'
  readonly stratum: HistorySession['stratum']
  readonly measured?: MeasuredKpi
}

function* pastOf({ suggestionId, history, sessions }: Trial): Generator<PastRow> {
  for (const { value, stratum } of history.slice(-HISTORY)) {
    yield { group: `before ${nameOf(stratum)}`, arm: 'before', stratum, measured: { value, inputs: 1 } }
  }
  for (const session of sessions) {
    const { arms, stratum, measured } = session
    const group = JSON.stringify([Object.entries(arms).toSorted(), nameOf(stratum)])
    yield { group, arm: armOf(session, suggestionId), stratum, ...(measured !== undefined && { measured }) }
  }
}

function nameOf({ model, agent_version }: HistorySession['stratum']): string {
  return JSON.stringify([model, agent_version])
}

interface Mean {
  readonly weight: number
  readonly mean: number
}

interface Spread {
  /** Of a session of weight 1. */
  readonly stdDev: number
  readonly degreesOfFreedom: number
}

/** How much sessions of one group differ, over all groups. */
function spreadOf(groups: readonly string[], rows: readonly Row[], minStdDev: number): Spread {
  const means = new Map<string, Mean>()
  for (const [i, group] of groups.entries()) learn(means, group, rows[i])
  const degreesOfFreedom = groups.length - means.size
  const squares = groups.reduce((sum, group, i) => {
    const { position, weight } = rows[i] ?? { position: 0, weight: 0 }
    return sum + weight * (position - (means.get(group)?.mean ?? 0)) ** 2
  }, 0)
  return { stdDev: Math.max(minStdDev, Math.sqrt(squares / Math.max(1, degreesOfFreedom))), degreesOfFreedom }
}

function learn(means: Map<string, Mean>, group: string, row: Row | undefined): void {
  if (row === undefined) return
  const { weight, mean } = means.get(group) ?? { weight: 0, mean: 0 }
  const sum = weight + row.weight
  means.set(group, { weight: sum, mean: mean + ((row.position - mean) * row.weight) / sum })
}
