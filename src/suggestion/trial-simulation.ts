import type { Arm, DecisionMode, FrozenReference } from '../model/suggestion.ts'
import { addToMoments, NO_MOMENTS } from '../stats/moving-moments.ts'
import type { Random } from '../stats/random.ts'
import { type Assignment, assignSession, assignTreated } from './assignment.ts'
import { SESSION_LIMIT } from './decide-trial.ts'
import { fastLane } from './fast-lane.ts'
import type { Decision, HistorySession, Trial, TrialSession } from './trial.ts'
import { type Disturbance, type TrialAgent, type TrialWorld, trialAgent } from './trial-worlds.ts'
import { decide } from './verdict-events.ts'

/** What is simulated with. */
export interface TrialSimulation {
  readonly world: TrialWorld
  readonly decision: DecisionMode
  /** Number of agents, each with one trial. */
  readonly trials: number
  readonly random: Random
}

/** What is tried out. */
export interface Tried {
  /** What each suggestion makes of the KPI: 1 for nothing, 2 for twice as good. All are on trial at once. */
  readonly factors: readonly number[]
  readonly disturbance?: Disturbance
}

/** How the trial of one suggestion ended. */
export interface TrialEnd {
  readonly factor: number
  readonly decision: Decision
  /** Sessions of the trial. */
  readonly sessions: number
  /** Those of them that had the suggestion. */
  readonly treated: number
}

const HISTORY = 20
const BASELINE_ALPHA = 0.2

/** @returns the ends of all trials, those of one agent's suggestions one after the other */
export function simulateTrials(simulation: TrialSimulation, tried: Tried): readonly TrialEnd[] {
  return Array.from({ length: simulation.trials }, (_, index) => oneTrial(simulation, tried, index)).flat()
}

/** Share of the suggestions with one factor that are proven. */
export function provenShare(ends: readonly TrialEnd[], factor: number): number {
  const own = ends.filter((end) => end.factor === factor)
  return own.length === 0 ? 0 : own.filter(({ decision }) => decision.verdict === 'proven').length / own.length
}

function oneTrial(
  { world, decision: mode, random }: TrialSimulation,
  { factors, disturbance = 'none' }: Tried,
  index: number,
): readonly TrialEnd[] {
  const agent = trialAgent(world, random)
  const { history, reference } = untilTriggered(agent)
  agent.disturb(disturbance)
  const factorOf = new Map(factors.map((factor, i) => [`opt-${i + 1}`, factor]))
  const ends = new Map<string, TrialEnd>()
  const assignments: Assignment[] = []
  const sessions: TrialSession[] = []
  while (ends.size < factorOf.size) {
    const suggestionIds = [...factorOf.keys()].filter((id) => !ends.has(id))
    const next = {
      salt: String(index),
      agentType: 'simulated',
      sessionId: String(sessions.length),
      suggestionIds,
      stratum: agent.stratum(),
    }
    const assignment = mode === 'seed' ? assignTreated(next, assignments) : assignSession(next, assignments)
    assignments.push(assignment)
    const value = agent.session(strengthOf(assignment.arms, factorOf, ends))
    const { arms, block, blockSize, stratum } = assignment
    const isLook = isClosed(assignment) || (assignment.place === 0 && !isClosed(assignments.at(-2)))
    sessions.push({ arms, block, blockSize, stratum, measured: { value, inputs: 1 } })
    for (const id of suggestionIds) {
      const trial: Trial = {
        suggestionId: id,
        kpi: 'token_efficiency',
        direction: 'higher',
        history,
        reference,
        sessions,
      }
      // Nothing is decided in the middle of a block but by the fast lane: most of the time is saved.
      if (mode !== 'seed' && !isLook && sessions.length < SESSION_LIMIT && fastLane(trial) === undefined) continue
      const decision = decide(trial, mode)
      if (decision.verdict === 'continue') continue
      const treated = sessions.filter((session) => session.arms[id] === 'treated').length
      ends.set(id, { factor: factorOf.get(id) ?? 1, decision, sessions: sessions.length, treated })
    }
  }
  return [...ends.values()]
}

function isClosed(assignment: Assignment | undefined): boolean {
  return assignment === undefined || assignment.place + 1 === assignment.blockSize
}

/** What suggestions make of a session: those that are on, and those that were proven before it. */
function strengthOf(
  arms: Readonly<Record<string, Arm>>,
  factorOf: ReadonlyMap<string, number>,
  ends: ReadonlyMap<string, TrialEnd>,
): number {
  let strength = 1
  for (const [id, factor] of factorOf) {
    if (arms[id] === 'treated' || ends.get(id)?.decision.verdict === 'proven') strength *= factor
  }
  return strength
}

/** Sessions until one is more than a standard deviation worse than the 20 before it: the one that suggestions come after. */
function untilTriggered(agent: TrialAgent): {
  readonly history: readonly HistorySession[]
  readonly reference: FrozenReference
} {
  const history: HistorySession[] = []
  let baseline = NO_MOMENTS
  while (true) {
    const session = { value: agent.session(1), stratum: agent.stratum() }
    const isBad = session.value < baseline.mean - Math.sqrt(baseline.variance)
    baseline = addToMoments(baseline, session.value, BASELINE_ALPHA)
    if (history.length >= HISTORY && isBad) {
      const reference = { mean: baseline.mean, std_dev: Math.sqrt(baseline.variance) }
      return { history: history.slice(-HISTORY), reference }
    }
    history.push(session)
  }
}
