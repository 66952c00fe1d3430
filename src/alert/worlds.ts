import { isCounted } from '../kpi/counted-kpis.ts'
import { KPI_TABLE, type KpiName } from '../kpi/table.ts'
import { type Random, randomBeta, randomBinomial, randomNormal } from '../stats/random.ts'
import type { MonitoredSession } from './monitor.ts'

/** The KPIs that simulated agents have. */
export const SIMULATED_KPIS = [
  'token_efficiency',
  'task_completion_rate',
  'active_time_ratio',
  'tool_overhead_ratio',
  'cache_efficiency',
  'error_rate',
  'quality_relevance',
  'quality_faithfulness',
  'quality_coherence',
  'quality_hallucination',
] as const satisfies readonly KpiName[]

export type SimulatedKpi = (typeof SIMULATED_KPIS)[number]

/**
 * A KPI that gets worse: by standard deviations of its sessions, on the scale on which the KPI scatters evenly, or by a
 * factor (0.5: half as good, twice as bad).
 */
export type Worsening = { readonly kpi: SimulatedKpi } & ({ readonly stdDevs: number } | { readonly factor: number })

/** An agent whose sessions are made up. */
export interface SimulatedAgent {
  session(worsening?: Worsening): MonitoredSession
}

/** Makes agents of one kind, each a little different. */
export type World = (random: Random) => SimulatedAgent

/** Means and standard deviations of the mission's example baseline. */
const MISSION: Readonly<Record<SimulatedKpi, readonly [mean: number, stdDev: number]>> = {
  token_efficiency: [0.048, 0.012],
  task_completion_rate: [0.96, 0.03],
  active_time_ratio: [0.68, 0.08],
  tool_overhead_ratio: [0.42, 0.11],
  cache_efficiency: [0.94, 0.04],
  error_rate: [0.01, 0.02],
  quality_relevance: [0.94, 0.02],
  quality_faithfulness: [0.93, 0.03],
  quality_coherence: [0.92, 0.03],
  quality_hallucination: [0.04, 0.02],
}
const MISSION_INPUTS = { task_completion_rate: 50, error_rate: 100 }

/** The mission's own numbers: every KPI in every session, normal, none depending on another or on the session before. */
export const worldA: World = (random) => ({
  session: (worsening) => ({
    inputs: MISSION_INPUTS,
    kpis: Object.fromEntries(
      SIMULATED_KPIS.map((kpi) => {
        const [mean, stdDev] = MISSION[kpi]
        const value = worsenedNormal(kpi, mean, stdDev, worsening) + stdDev * randomNormal(random)
        return [kpi, kpi === 'tool_overhead_ratio' ? Math.max(0, value) : clampToShare(value)]
      }),
    ),
  }),
})

/** Correlation of the kind of work with that of the session before it. */
const CARRY_OVER = 0.3
/** Share of the variance of efficiency and activity that comes from the kind of work; the rest is chance. */
const WORK_SHARE = 0.3
const CALLS = { median: 40, logStdDev: 0.8, least: 3 } as const
const TOKENS = { median: 0.006, logStdDev: 0.43, agentsLogStdDev: 0.3 } as const
const TASKS = { leastShare: 0.3, mostShare: 0.9, mean: 6, callsEach: 2.4, overheadLogStdDev: 1.2 } as const
const COMPLETED = { rate: 0.93, overdispersion: 0.15 } as const
const ACTIVE = { logit: 0.2, logitStdDev: 1, agentsLogitStdDev: 0.4 } as const
const CACHE = { logit: 2.5, perLogCall: 0.5, logitStdDev: 0.64 } as const
const FAILED = { rate: 0.04, agentsLogStdDev: 0.5, overdispersion: 0.03 } as const
const JUDGED = { share: 0.6, stdDev: 0.02 } as const
const SCORES: Readonly<Partial<Record<SimulatedKpi, number>>> = {
  quality_relevance: 0.93,
  quality_faithfulness: 0.94,
  quality_coherence: 0.92,
  quality_hallucination: 0.06,
}

/**
 * A model of real sessions: the kind of work resembles that of the session before; it decides how long a session is, and
 * a part of how efficient and how active. Token efficiency is log-normal, tasks are there in some sessions only, failures
 * come in clusters, caches work better in long sessions, and judges err at random.
 */
export const worldB: World = (random) => {
  let work = randomNormal(random)
  const tokens = TOKENS.median * Math.exp(TOKENS.agentsLogStdDev * randomNormal(random))
  const active = logistic(ACTIVE.logit + ACTIVE.agentsLogitStdDev * randomNormal(random))
  const usuallyFailed = FAILED.rate * Math.exp(FAILED.agentsLogStdDev * randomNormal(random))
  const taskShare = TASKS.leastShare + (TASKS.mostShare - TASKS.leastShare) * random()

  return {
    session(worsening) {
      work = CARRY_OVER * work + Math.sqrt(1 - CARRY_OVER ** 2) * randomNormal(random)
      const scatter = (): number => Math.sqrt(WORK_SHARE) * work + Math.sqrt(1 - WORK_SHARE) * randomNormal(random)
      const ratio = (kpi: SimulatedKpi, median: number, stdDev: number, by: number): number =>
        Math.exp(worsenedOnScale(kpi, median, Math.log, stdDev, worsening) + by)
      const share = (kpi: SimulatedKpi, median: number, stdDev: number, by: number): number =>
        logistic(worsenedOnScale(kpi, median, logit, stdDev, worsening) + by)

      const size = CALLS.logStdDev * work
      const calls = Math.max(CALLS.least, Math.round(CALLS.median * Math.exp(size)))
      const tasks = random() < taskShare ? 1 + Math.floor(-TASKS.mean * Math.log(1 - random())) : 0
      const overhead = (TASKS.callsEach * tasks) / calls
      const cacheScatter =
        CACHE.perLogCall * size +
        Math.sqrt(CACHE.logitStdDev ** 2 - (CACHE.perLogCall * CALLS.logStdDev) ** 2) * randomNormal(random)
      const failed = worsenedRate('error_rate', usuallyFailed, FAILED.overdispersion, CALLS.median, worsening)
      const done = worsenedRate('task_completion_rate', COMPLETED.rate, COMPLETED.overdispersion, TASKS.mean, worsening)

      return {
        inputs: { task_completion_rate: tasks, error_rate: calls },
        kpis: {
          token_efficiency: ratio('token_efficiency', tokens, TOKENS.logStdDev, TOKENS.logStdDev * scatter()),
          active_time_ratio: share('active_time_ratio', active, ACTIVE.logitStdDev, ACTIVE.logitStdDev * scatter()),
          tool_overhead_ratio: tasks === 0 ? 0 : ratio('tool_overhead_ratio', overhead, TASKS.overheadLogStdDev, 0),
          cache_efficiency: share('cache_efficiency', logistic(CACHE.logit), CACHE.logitStdDev, cacheScatter),
          error_rate: randomBinomial(calls, randomBeta(failed, FAILED.overdispersion, random), random) / calls,
          ...(tasks > 0 && {
            task_completion_rate:
              1 - randomBinomial(tasks, randomBeta(1 - done, COMPLETED.overdispersion, random), random) / tasks,
          }),
          ...(random() < JUDGED.share && scores(random, worsening)),
        },
      }
    },
  }
}

function scores(random: Random, worsening: Worsening | undefined): Record<string, number> {
  return Object.fromEntries(
    SIMULATED_KPIS.flatMap((kpi) => {
      const mean = SCORES[kpi]
      if (mean === undefined) return []
      return [
        [
          kpi,
          clampToShare(worsenedNormal(kpi, mean, JUDGED.stdDev, worsening) + JUDGED.stdDev * randomNormal(random)),
        ] as const,
      ]
    }),
  )
}

function worsened(kpi: SimulatedKpi, mean: number, stdDev: number, worsening: Worsening | undefined): number {
  if (worsening?.kpi !== kpi) return mean
  const isLower = KPI_TABLE[kpi].direction === 'lower'
  if ('factor' in worsening) return isLower ? mean / worsening.factor : mean * worsening.factor
  return mean + (isLower ? 1 : -1) * worsening.stdDevs * stdDev
}

/** The mean of a KPI whose values are normal. */
function worsenedNormal(kpi: SimulatedKpi, mean: number, stdDev: number, worsening: Worsening | undefined): number {
  const { scale } = KPI_TABLE[kpi]
  if (isCounted(kpi)) return worsened(kpi, mean, stdDev, worsening)
  if (scale === 'log') return Math.exp(worsenedOnScale(kpi, mean, Math.log, stdDev / mean, worsening))
  return logistic(worsenedOnScale(kpi, mean, logit, stdDev / (mean * (1 - mean)), worsening))
}

/** @returns the place of the median on its scale */
function worsenedOnScale(
  kpi: SimulatedKpi,
  median: number,
  toScale: (value: number) => number,
  stdDev: number,
  worsening: Worsening | undefined,
): number {
  if (worsening !== undefined && 'factor' in worsening) return toScale(worsened(kpi, median, 0, worsening))
  return worsened(kpi, toScale(median), stdDev, worsening)
}

/** @param inputs of a session, about: a rate of few inputs scatters more */
function worsenedRate(
  kpi: SimulatedKpi,
  rate: number,
  overdispersion: number,
  inputs: number,
  worsening: Worsening | undefined,
): number {
  const stdDev = Math.sqrt(rate * (1 - rate) * (overdispersion + (1 - overdispersion) / inputs))
  return Math.min(0.99, Math.max(0.01, worsened(kpi, rate, stdDev, worsening)))
}

function clampToShare(value: number): number {
  return Math.min(1, Math.max(0, value))
}

function logit(share: number): number {
  return Math.log(share / (1 - share))
}

function logistic(position: number): number {
  return 1 / (1 + Math.exp(-position))
}
