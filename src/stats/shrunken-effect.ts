import { normalCdf } from './normal-cdf.ts'
import { normalQuantile } from './normal-quantile.ts'
import type { PartialEffect } from './partial-effect.ts'
import { studentTUpperTail } from './student-t.ts'
import { studentTUpperQuantile } from './student-t-quantile.ts'

/**
 * What is believed of an effect after seeing data, when effects are Normal(0, τ²) before: `t_df(w·Δ̂, w·V)` with
 * `w = τ²/(τ² + V)`. Shrinking takes away what a result owes to having been picked because it was large.
 */
export interface ShrunkenEffect {
  readonly mean: number
  /** Of the t distribution. */
  readonly scale: number
  readonly degreesOfFreedom: number
}

/** @param priorStdDev τ */
export function shrink({ effect, variance, degreesOfFreedom }: PartialEffect, priorStdDev: number): ShrunkenEffect {
  const weight = priorStdDev ** 2 / (priorStdDev ** 2 + variance)
  return { mean: weight * effect, scale: Math.sqrt(weight * variance), degreesOfFreedom }
}

/** P(effect > least). */
export function probabilityAbove({ mean, scale, degreesOfFreedom }: ShrunkenEffect, least: number): number {
  return studentTUpperTail((least - mean) / scale, degreesOfFreedom)
}

/** @returns the bounds that the effect lies between with probability `share`, as often above as below */
export function credibleInterval(
  { mean, scale, degreesOfFreedom }: ShrunkenEffect,
  share: number,
): readonly [low: number, high: number] {
  const distance = scale * studentTUpperQuantile((1 - share) / 2, degreesOfFreedom)
  return [mean - distance, mean + distance]
}

/**
 * How many times as likely the data are under a positive effect (half-normal, τ) as under none. Looking as often as one
 * likes, it ever exceeds 1/α with probability α at most, where there is no effect (Ville's inequality). That is so for a
 * known variance; an effect whose variance is estimated first becomes the normal one that is as unlikely.
 *
 * @param priorStdDev τ
 */
export function eValue(found: PartialEffect, priorStdDev: number): number {
  const { variance } = found
  const effect = asNormal(found)
  const prior = priorStdDev ** 2
  const sum = variance + prior
  const exponent = (prior * effect * effect) / (2 * variance * sum)
  const positive = normalCdf((effect * priorStdDev) / Math.sqrt(variance * sum))
  return 2 * Math.sqrt(variance / sum) * Math.exp(exponent) * positive
}

function asNormal({ effect, variance, degreesOfFreedom }: PartialEffect): number {
  const stdError = Math.sqrt(variance)
  // From the tail, where probabilities keep their digits.
  const distance = -normalQuantile(studentTUpperTail(Math.abs(effect) / stdError, degreesOfFreedom))
  return Math.sign(effect) * distance * stdError
}
