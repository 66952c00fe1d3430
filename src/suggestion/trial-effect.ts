import type { DecisionNumbers } from '../model/suggestion.ts'
import { type PartialEffect, partialEffect } from '../stats/partial-effect.ts'
import { credibleInterval, probabilityAbove, type ShrunkenEffect, shrink } from '../stats/shrunken-effect.ts'
import { isSameStratum } from './assignment.ts'
import { armOf, type Trial, type TrialSession } from './trial.ts'
import { trialPositions } from './trial-scale.ts'

/** Effects of suggestions before anything is seen: Normal(0, 0.3²), about ±30 %. */
export const PRIOR_STD_DEV = 0.3

const INTERVAL_SHARE = 0.9

/** What a trial says about a suggestion; positive is better. */
export interface TrialEffect {
  readonly treated: number
  readonly control: number
  /** As measured. */
  readonly raw: PartialEffect
  /** As believed, and as reported. */
  readonly shrunken: ShrunkenEffect
  readonly numbers: DecisionNumbers
}

/**
 * Compares sessions with and without a suggestion. What other suggestions on trial do, and what another model or version
 * does, is estimated beside it and taken out.
 *
 * @returns `undefined` while there is nothing to compare
 */
export function trialEffect(
  trial: Pick<Trial, 'suggestionId' | 'kpi' | 'direction'>,
  sessions: readonly TrialSession[],
): TrialEffect | undefined {
  const rows = sessions.filter(({ measured }) => measured !== undefined)
  const measured = rows.flatMap((session) => session.measured ?? [])
  const scale = trialPositions(trial, measured)
  const column = columnOf(rows, trial.suggestionId)
  const sign = trial.direction === 'higher' ? 1 : -1
  const raw = partialEffect({
    values: scale.positions.map((position) => sign * position),
    weights: scale.weights,
    column,
    others: [...strataColumns(rows), ...otherColumns(rows, trial.suggestionId)],
    minStdDev: scale.minStdDev,
  })
  if (raw === undefined) return undefined
  const shrunken = shrink(raw, PRIOR_STD_DEV)
  const treated = column.reduce((sum, one) => sum + one, 0)
  const counts = { treated, control: rows.length - treated }
  const without = weightedMean(
    scale.positions,
    scale.weights.map((weight, i) => weight * (1 - (column[i] ?? 0))),
  )
  const valueAfter = (effect: number): number => scale.valueAfter(without, sign * effect)
  return { ...counts, raw, shrunken, numbers: { ...counts, ...numbersOf(raw, shrunken, valueAfter) } }
}

function numbersOf(
  raw: PartialEffect,
  shrunken: ShrunkenEffect,
  valueAfter: (effect: number) => number,
): DecisionNumbers {
  const [low, high] = credibleInterval(shrunken, INTERVAL_SHARE)
  const change = (effect: number): number => valueAfter(effect) / valueAfter(0) - 1
  return {
    effect: shrunken.mean,
    effect_low: low,
    effect_high: high,
    raw_effect: raw.effect,
    std_error: Math.sqrt(raw.variance),
    degrees_of_freedom: raw.degreesOfFreedom,
    probability_better: probabilityAbove(shrunken, 0),
    value_without: valueAfter(0),
    value_with: valueAfter(shrunken.mean),
    change: change(shrunken.mean),
    change_low: Math.min(change(low), change(high)),
    change_high: Math.max(change(low), change(high)),
  }
}

function columnOf(sessions: readonly TrialSession[], suggestionId: string): readonly number[] {
  return sessions.map((session) => (armOf(session, suggestionId) === 'treated' ? 1 : 0))
}

/** One column for each model and version: together they are the constant. */
function strataColumns(sessions: readonly TrialSession[]): readonly (readonly number[])[] {
  const strata = sessions
    .map(({ stratum }) => stratum)
    .filter((stratum, i, all) => all.findIndex((other) => isSameStratum(other, stratum)) === i)
  return strata.map((stratum) => sessions.map((session) => (isSameStratum(session.stratum, stratum) ? 1 : 0)))
}

function otherColumns(sessions: readonly TrialSession[], suggestionId: string): readonly (readonly number[])[] {
  const ids = new Set(sessions.flatMap(({ arms }) => Object.keys(arms)))
  ids.delete(suggestionId)
  return [...ids].map((id) => columnOf(sessions, id))
}

function weightedMean(values: readonly number[], weights: readonly number[]): number {
  let sum = 0
  let weight = 0
  for (const [i, value] of values.entries()) {
    sum += value * (weights[i] ?? 0)
    weight += weights[i] ?? 0
  }
  return weight === 0 ? 0 : sum / weight
}
