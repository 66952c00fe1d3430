import { valuesByKpi } from '../baseline/baseline.ts'
import { compare } from '../baseline/compare.ts'
import { kpiDefinition } from '../kpi/table.ts'
import { thresholdNote } from '../kpi/thresholds.ts'
import type { Alert, LedgerLine } from '../model/assessment.ts'
import { quantile } from '../stats/quantile.ts'
import type { Random } from '../stats/random.ts'
import { alertLevel } from './alert-level.ts'
import { blockingRule } from './blocking-rule.ts'
import { type MonitoredSession, type Monitors, NO_MONITORS, observe } from './monitor.ts'
import { judgeSession, type Policy } from './policy.ts'
import { monitoredSession } from './standard-policy.ts'
import { SIMULATED_KPIS, type SimulatedAgent, type SimulatedKpi, type World, type Worsening } from './worlds.ts'
import { yardstickOf } from './yardstick.ts'

/** What is simulated with. */
export interface Simulation {
  readonly world: World
  readonly policy: Policy
  readonly agents: number
  readonly random: Random
}

/** Shares of sessions, 0 to 1. */
export interface Rates {
  /** Level WARNING or CRITICAL. */
  readonly warn: number
  readonly critical: number
  /** Would be blocked, where blocking is on. */
  readonly block: number
}

const BASELINE = { alpha: 0.2, bootstrapSessions: 5 }
const WINDOW = 200

/** How many sessions of agents that never change raise an alarm, from the first session on. */
export function healthyRates({ world, policy, agents, random }: Simulation, sessions: number): Rates {
  let warn = 0
  let critical = 0
  let block = 0
  for (let agent = 0; agent < agents; agent++) {
    const simulated = world(random)
    const judge = judgeInOrder(policy)
    for (let session = 0; session < sessions; session++) {
      const alerts = judge.next(simulated.session())
      const level = alertLevel(alerts)
      if (level !== 'PASS') warn += 1
      if (level === 'CRITICAL') critical += 1
      if (blockingRule(alerts) !== undefined) block += 1
    }
  }
  const all = agents * sessions
  return { warn: warn / all, critical: critical / all, block: block / all }
}

/**
 * Of the CRITICAL sessions, the share that was healthy: agents with an episode of 20 sessions in 100 in which one KPI is
 * half as good, or twice as bad.
 */
export function falseShareOfCritical({ world, policy, agents, random }: Simulation): number {
  let right = 0
  let wrong = 0
  for (let agent = 0; agent < agents; agent++) {
    const simulated = world(random)
    const judge = judgeInOrder(policy)
    const worsening = { kpi: kpiOf(agent), factor: 0.5 }
    for (let session = 0; session < 100; session++) {
      const isEpisode = session >= 45 && session < 65
      if (alertLevel(judge.next(simulated.session(isEpisode ? worsening : undefined))) !== 'CRITICAL') continue
      if (isEpisode) right += 1
      else wrong += 1
    }
  }
  return right + wrong === 0 ? 0 : wrong / (right + wrong)
}

/** Sessions of the KPI after which an agent that worked 40 sessions as ever is warned about, the last one included. */
export interface Delay {
  readonly kpi: SimulatedKpi
  /** Median over the agents; `Infinity` where half of them were not warned about in 40 sessions. */
  readonly median: number
}

/**
 * How soon a lasting worsening is told of, for each KPI where it is worth an alert.
 *
 * @param stdDevs by how much the KPI gets worse
 */
export function warningDelays(simulation: Simulation, stdDevs: number): readonly Delay[] {
  const worsenings = SIMULATED_KPIS.map((kpi) => ({ kpi, stdDevs })).filter((one) => isWorthAnAlert(simulation, one))
  const agents = Array.from({ length: simulation.agents }, () => delaysOf(simulation, worsenings))
  return worsenings.map(({ kpi }, index) => {
    const delays = agents.map((delay) => delay[index] ?? Number.POSITIVE_INFINITY)
    return { kpi, median: quantile(delays, 0.5) ?? Number.POSITIVE_INFINITY }
  })
}

const HEALTHY_BEFORE = 40
const MAX_DELAY = 40

/** What each worsening does to one agent, every time after the same healthy sessions. */
function delaysOf({ world, policy, random }: Simulation, worsenings: readonly Worsening[]): readonly number[] {
  const simulated = world(random)
  const judge = judgeInOrder(policy)
  for (let session = 0; session < HEALTHY_BEFORE; session++) judge.next(simulated.session())
  return worsenings.map((worsening) => delayOf(simulated, judge.fork(), worsening))
}

function delayOf(simulated: SimulatedAgent, judge: Judge, worsening: Worsening): number {
  for (let delay = 1; delay <= MAX_DELAY; ) {
    const session = simulated.session(worsening)
    const alerts = judge.next(session).filter(({ metric }) => metric === worsening.kpi)
    if (alertLevel(alerts) !== 'PASS') return delay
    if (tells(worsening.kpi, session)) delay += 1
  }
  return Number.POSITIVE_INFINITY
}

/** Whether the typical session is worse by as much as an alert needs. */
function isWorthAnAlert({ world, random }: Simulation, worsening: Worsening): boolean {
  const { kpi } = worsening
  const typical = (change?: Worsening): number => {
    const simulated = world(random)
    const sessions = Array.from({ length: 500 }, () => simulated.session(change)).filter((one) => tells(kpi, one))
    return (
      quantile(
        sessions.map(({ kpis }) => kpis[kpi]).filter((value) => value !== undefined),
        0.5,
      ) ?? 0
    )
  }
  const yardstick = yardstickOf(kpi, undefined)
  const usual = typical()
  const effect = Math.abs(typical(worsening) - usual)
  return yardstick !== undefined && effect >= Math.max(yardstick.minEffect, yardstick.minEffectShare * usual)
}

function tells(kpi: SimulatedKpi, { kpis, inputs }: MonitoredSession): boolean {
  const value = kpis[kpi]
  return value !== undefined && yardstickOf(kpi, undefined)?.tells(value, inputs[kpi] ?? 0) === true
}

function kpiOf(agent: number): SimulatedKpi {
  return SIMULATED_KPIS[agent % SIMULATED_KPIS.length] ?? SIMULATED_KPIS[0]
}

/** Judges the sessions of one agent, each by those before it. */
interface Judge {
  next(session: MonitoredSession): readonly Alert[]
  /** A judge that knows the same sessions, and goes its own way from there. */
  fork(): Judge
}

function judgeInOrder(
  policy: Policy,
  known: Monitors = NO_MONITORS,
  before: readonly Pick<LedgerLine, 'kpis' | 'deviations'>[] = [],
): Judge {
  let monitors = known
  const window = [...before]
  return {
    next(session) {
      const line = lineOf(session, policy === 'seed' ? window : [])
      const alerts = judgeSession(policy, line, { monitors, sessions: window })
      window.push(line)
      if (window.length > WINDOW) window.shift()
      if (policy === 'standard') monitors = observe(monitors, monitoredSession(line), () => undefined).monitors
      return alerts
    },
    fork: () => judgeInOrder(policy, monitors, window),
  }
}

type SimulatedLine = Pick<LedgerLine, 'kpis' | 'evidence' | 'notes' | 'baselines' | 'deviations'>

function lineOf({ kpis, inputs }: MonitoredSession, before: readonly Pick<LedgerLine, 'kpis'>[]): SimulatedLine {
  const history = {
    agentType: 'simulated',
    sessionCount: before.length,
    window: before.map((line) => ({ endedAt: '', kpis: line.kpis })),
  }
  const { baselines, deviations } = compare(
    kpis,
    valuesByKpi(history),
    BASELINE,
    (kpi) => kpiDefinition(kpi)?.direction,
  )
  const evidence = Object.entries(inputs).map(([kpi, n]) => [kpi, { n, sources: [], estimated: false }] as const)
  const notes = Object.entries(kpis).flatMap(([kpi, value]) => {
    const definition = kpiDefinition(kpi)
    if (definition === undefined) return []
    return thresholdNote(kpi, value, { ...definition, thresholds: definition.thresholds.standard }) ?? []
  })
  return { kpis, evidence: Object.fromEntries(evidence), notes, baselines, deviations }
}
