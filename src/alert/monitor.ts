import type { Direction } from '../kpi/table.ts'
import type { Reference } from './reference.ts'
import { type Yardstick, yardstickOf } from './yardstick.ts'

/** What monitoring needs of a session. */
export interface MonitoredSession {
  readonly kpis: Readonly<Record<string, number>>
  /** Number of inputs that each KPI rests on. */
  readonly inputs: Readonly<Record<string, number>>
}

/** What is known of one KPI of an agent type. */
interface KpiMonitor {
  readonly reference: Reference
  /** Sessions that are not learned from before it is clear that they are no worsening. */
  readonly held: readonly Measurement[]
  readonly cusum: number
  /** The sum when a worsening was last told of; 0 while there is none. */
  readonly toldAt: number
  /** Whether the last sessions were unusual, the newest first. */
  readonly unusual: readonly boolean[]
}

/** What is known of an agent type after some sessions, by KPI. Never changed: a session gives a new one. */
export type Monitors = ReadonlyMap<string, KpiMonitor>

export const NO_MONITORS: Monitors = new Map()

/** How one KPI of a session stands to what is usual for its agent type. */
export interface Standing {
  /** In the KPI's unit. */
  readonly usual: number
  /** Probability of a session at least this bad while nothing has changed. */
  readonly p: number
  /** Sessions that it was compared with. */
  readonly sessions: number
  /** Worse than usual, and by an amount worth an alert. */
  readonly isWorse: boolean
  /** Not like the few sessions before it, where there are some; what it is worth shows with those that follow. */
  readonly isOutlier: boolean
  /** The value says something even if no other session is known. */
  readonly tellsAlone: boolean
}

/** What follows for one KPI of a session. */
export interface Judgement extends Standing {
  readonly kpi: string
  readonly value: number
  readonly cusum: number
  readonly isUnusual: boolean
  /** The second unusual session of the last three. */
  readonly isUnusualAgain: boolean
  readonly isFarOutside: boolean
  /** The session with which a lasting worsening shows. */
  readonly isDrifting: boolean
  /** The session with which it has gone far, and from time to time one after it. */
  readonly isDriftedFar: boolean
  /** A session of a worsening that was told of already. */
  readonly isStillDrifting: boolean
}

/** With fewer sessions a KPI is not judged. */
export const MIN_SESSIONS = 12

/** With fewer sessions a KPI is not even compared. */
export const MIN_COMPARED_SESSIONS = 5
const OUTLIER_P = 0.005

/** So many outliers among the first sessions are no outliers any more. */
const MAX_OUTLIERS = 4

/** Chance that an unchanged session is called unusual, shared by all its KPIs (Bonferroni). */
const UNUSUAL_P = 0.02
const FAR_OUTSIDE_P = 1e-5
const REPEATED_WITHIN = 3

// CUSUM of standard normal scores (Page 1954): about half the shift that it is to find, and the sums that tell of one.
// Scores are limited so that no single session decides: that is the tail's business.
const ALLOWANCE = 0.5
const DRIFTING = 3.8
const DRIFTED_FAR = 6.5
const TOLD_AGAIN_AFTER = 5
const HELD_FROM = 2.7
const MIN_SCORE = -2.5
const MAX_SCORE = 2

/** Which direction is better, for a KPI that the configuration defines. */
export type DirectionOf = (kpi: string) => Direction | undefined

/** Judges a session by those before it, and learns from it. */
export function observe(
  monitors: Monitors,
  session: MonitoredSession,
  directionOf: DirectionOf,
): { readonly monitors: Monitors; readonly judgements: readonly Judgement[] } {
  const measured = Object.keys(session.kpis).flatMap((kpi) => monitoredKpi(monitors, session, kpi, directionOf) ?? [])
  const tested = measured.filter(({ monitor }) => monitor.reference.sessions >= MIN_SESSIONS).length

  const next = new Map(monitors)
  const judgements: Judgement[] = []
  for (const one of measured) {
    const { kpi, monitor } = one
    if (monitor.reference.sessions < MIN_SESSIONS) {
      next.set(kpi, { ...monitor, ...learnUnlessOutlier(one) })
      continue
    }
    const { judgement, after } = judge(one, tested)
    judgements.push(judgement)
    next.set(kpi, after)
  }
  return { monitors: next, judgements }
}

/**
 * Compares one KPI of a session with however few sessions are known.
 *
 * @returns `undefined` for a KPI that is not tested, or whose value says nothing
 */
export function standingOf(
  monitors: Monitors,
  session: MonitoredSession,
  kpi: string,
  directionOf: DirectionOf,
): Standing | undefined {
  const one = monitoredKpi(monitors, session, kpi, directionOf)
  return one === undefined ? undefined : stand(one).standing
}

interface Measurement {
  readonly value: number
  readonly inputs: number
}

interface MonitoredKpi extends Measurement {
  readonly kpi: string
  readonly yardstick: Yardstick
  readonly monitor: KpiMonitor
}

function monitoredKpi(
  monitors: Monitors,
  { kpis, inputs }: MonitoredSession,
  kpi: string,
  directionOf: DirectionOf,
): MonitoredKpi | undefined {
  const value = kpis[kpi]
  const n = inputs[kpi] ?? 0
  const yardstick = yardstickOf(kpi, directionOf(kpi))
  if (value === undefined || yardstick === undefined || !yardstick.tells(value, n)) return undefined
  return { kpi, value, inputs: n, yardstick, monitor: monitors.get(kpi) ?? newMonitor(yardstick) }
}

function newMonitor({ first }: Yardstick): KpiMonitor {
  return { reference: first, held: [], cusum: 0, toldAt: 0, unusual: [] }
}

function stand(one: MonitoredKpi): { readonly standing: Standing; readonly score: number } {
  const { value, inputs, yardstick } = one
  const { sessions, usual, compare } = one.monitor.reference
  const { p, score } = compare(value, inputs)
  const isWorse = isWorseBy(one)
  const isOutlier = isWorse && sessions >= MIN_COMPARED_SESSIONS && p < OUTLIER_P
  const tellsAlone = inputs >= yardstick.leastInputsAlone
  return { standing: { usual, p, sessions, isWorse, isOutlier, tellsAlone }, score }
}

/** @param tested number of KPIs of the session that are judged */
function judge(one: MonitoredKpi, tested: number): { readonly judgement: Judgement; readonly after: KpiMonitor } {
  const { kpi, value, inputs, monitor } = one
  const { standing, score } = stand(one)
  const { isWorse, p } = standing
  const isUnusual = isWorse && p < UNUSUAL_P / tested
  const cusum = cusumAfter(monitor, score)
  const isAlarmOn = cusum > DRIFTING
  const isTold = isWorse && cusum > nextTellingOf(monitor)
  return {
    judgement: {
      ...standing,
      kpi,
      value,
      cusum,
      isUnusual,
      isUnusualAgain: isUnusual && monitor.unusual.includes(true),
      isFarOutside: isWorse && p < FAR_OUTSIDE_P,
      isDrifting: isTold && cusum <= DRIFTED_FAR,
      isDriftedFar: isTold && cusum > DRIFTED_FAR,
      isStillDrifting: isWorse && isAlarmOn && !isTold,
    },
    after: {
      ...learnUnlessWorsening(monitor, { value, inputs }, cusum),
      cusum,
      toldAt: !isAlarmOn ? 0 : isTold ? cusum : monitor.toldAt,
      unusual: [isUnusual, ...monitor.unusual].slice(0, REPEATED_WITHIN - 1),
    },
  }
}

/** A session that is better than usual ends an alarm, however long it lasted. */
function cusumAfter({ cusum }: KpiMonitor, score: number): number {
  if (cusum > DRIFTING && score < 0) return 0
  return Math.max(0, cusum + Math.min(MAX_SCORE, Math.max(MIN_SCORE, score)) - ALLOWANCE)
}

/** An alarm is told when it begins, when it has gone far, and then from time to time: not with every session. */
function nextTellingOf({ toldAt }: KpiMonitor): number {
  if (toldAt === 0) return DRIFTING
  return toldAt <= DRIFTED_FAR ? DRIFTED_FAR : toldAt + TOLD_AGAIN_AFTER
}

/**
 * What gets worse must not become what is usual: sessions are held back while the sum is high. When nothing came of it
 * they are learned after all, since leaving out the worse half of chance would make the rest look too good.
 */
function learnUnlessWorsening(
  { reference, held, cusum: before }: KpiMonitor,
  session: Measurement,
  cusum: number,
): Pick<KpiMonitor, 'reference' | 'held'> {
  const isWorsening = cusum > DRIFTING || (before > DRIFTING && cusum > HELD_FROM)
  if (isWorsening) return { reference, held: [] }
  const waiting = [...held, session]
  return cusum > HELD_FROM ? { reference, held: waiting } : { reference: learnAll(reference, waiting), held: [] }
}

/** The same for the first sessions, where there is no sum yet. */
function learnUnlessOutlier(one: MonitoredKpi): Pick<KpiMonitor, 'reference' | 'held'> {
  const { value, inputs, monitor } = one
  const { reference, held } = monitor
  if (!stand(one).standing.isOutlier) return { reference: reference.learn(value, inputs), held }
  const waiting = [...held, { value, inputs }]
  return waiting.length <= MAX_OUTLIERS
    ? { reference, held: waiting }
    : { reference: learnAll(reference, waiting), held: [] }
}

function learnAll(reference: Reference, sessions: readonly Measurement[]): Reference {
  return sessions.reduce((known, { value, inputs }) => known.learn(value, inputs), reference)
}

function isWorseBy({ value, yardstick, monitor }: MonitoredKpi): boolean {
  const { usual } = monitor.reference
  const effect = yardstick.direction === 'lower' ? value - usual : usual - value
  return effect > 0 && effect >= Math.max(yardstick.minEffect, yardstick.minEffectShare * Math.abs(usual))
}
