import { LATENCY_NOTE, latenciesOf } from '#src/service/analysis-latency.ts'
import { quantile } from '#src/stats/quantile.ts'
import { readCheckpoint } from '#src/store/checkpoint.ts'
import { layoutOf } from '#src/store/layout.ts'
import { lastInjections } from '#src/store/read-injections.ts'
import { latestLines } from '#src/store/read-ledger.ts'
import type { Store } from '#src/store/store.ts'
import type { SuggestionLife } from '#src/suggestion/suggestion-life.ts'

/** Sessions that shares are counted over. */
const LAST_SESSIONS = 1000
/** Of these, the last ones of each agent type that count for whether it is incomplete. */
const LAST_OF_AGENT = 20

/** How well agentperf itself does; a share of nothing is absent. Shares are fractions. */
export interface OwnMetrics {
  /** KPIs that the last sessions have, of those that they should have. */
  readonly coverage?: number
  /** Within which 99 of 100 sessions that said that they ended were assessed. */
  readonly analysis_latency_p99_seconds?: number
  /** Of the last sessions, those that a suggestion was put into. */
  readonly sessions_with_injection?: number
  /** What an answer that told something took of the context, by the mean of the last ones; an estimate. */
  readonly injected_tokens?: number
  /** Of the alarms that somebody has acknowledged, those in which nothing was wrong. */
  readonly false_alarms?: number
  /** Of the suggestions whose trial is over, those that were proven, and those that are in the agent's own file. */
  readonly proven?: number
  readonly promoted?: number
  /** Change of their KPI that is believed of proven ones, by the mean of its amount. */
  readonly mean_proved_change?: number
}

export interface LastSessions {
  readonly metrics: Pick<OwnMetrics, 'coverage' | 'sessions_with_injection'>
  /** By agent type: of its last sessions, those that lack KPIs which they should have. */
  readonly incomplete: ReadonlyMap<string, number>
}

export function lastSessions(directory: string): LastSessions {
  let sessions = 0
  let completeness = 0
  let injected = 0
  const agents = new Map<string, { sessions: number; incomplete: number }>()
  for (const line of latestLines(directory)) {
    sessions += 1
    completeness += line.completeness
    if (line.optimizations_active.length > 0) injected += 1
    const agent = agents.get(line.agent_type) ?? { sessions: 0, incomplete: 0 }
    agents.set(line.agent_type, agent)
    if (agent.sessions < LAST_OF_AGENT) {
      agent.sessions += 1
      if (line.completeness < 1) agent.incomplete += 1
    }
    if (sessions === LAST_SESSIONS) break
  }
  return {
    metrics: sessions === 0 ? {} : { coverage: completeness / sessions, sessions_with_injection: injected / sessions },
    incomplete: new Map([...agents].map(([type, { sessions: all, incomplete }]) => [type, incomplete / all])),
  }
}

export function suggestionMetrics(lives: readonly SuggestionLife[]): Partial<OwnMetrics> {
  const promoted = lives.filter(({ state }) => state === 'promoted')
  const proven = [...promoted, ...lives.filter(({ state }) => state === 'proven')]
  const over = proven.length + lives.filter(({ state }) => state === 'retired').length
  const changes = proven.flatMap(({ verdict }) => verdict?.evidence.change ?? []).map(Math.abs)
  return {
    ...(over > 0 && { proven: proven.length / over, promoted: promoted.length / over }),
    ...(changes.length > 0 && { mean_proved_change: changes.reduce((sum, one) => sum + one, 0) / changes.length }),
  }
}

export function ackMetrics({ acks }: Pick<Store, 'acks'>): Pick<OwnMetrics, 'false_alarms'> {
  const all = acks.all()
  const falseAlarms = all.filter(({ false_alarm }) => false_alarm).length
  return all.length === 0 ? {} : { false_alarms: falseAlarms / all.length }
}

export function injectionMetrics(directory: string): Pick<OwnMetrics, 'injected_tokens'> {
  let count = 0
  let sum = 0
  for (const { tokens } of lastInjections(directory)) {
    sum += tokens
    count += 1
    if (count === LAST_SESSIONS) break
  }
  return count === 0 ? {} : { injected_tokens: sum / count }
}

/** Of the last checkpoint: what runs tells of it every few seconds. */
export async function latencyMetrics(directory: string): Promise<Partial<OwnMetrics>> {
  const checkpoint = await readCheckpoint(layoutOf(directory).checkpoint)
  if (typeof checkpoint === 'string') return {}
  const note = checkpoint.notes.find(
    ([component, key]) => component === LATENCY_NOTE.component && key === LATENCY_NOTE.key,
  )
  const p99Ms = quantile(latenciesOf(note?.[2]), 0.99)
  return p99Ms === undefined ? {} : { analysis_latency_p99_seconds: p99Ms / 1000 }
}
