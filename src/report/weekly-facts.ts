import { positionScale, UNKNOWN_SCALE } from '../kpi/position-scale.ts'
import { kpiDefinition } from '../kpi/table.ts'
import type { LedgerLine } from '../model/assessment.ts'
import { discoveries } from '../stats/benjamini-hochberg.ts'
import { mean } from '../stats/mean.ts'
import { welchUpperTail } from '../stats/welch.ts'
import { kpiDirection } from './kpi-label.ts'
import { priceOf } from './model-prices.ts'

/** Of all changes that are listed, at most this share is expected to be chance. */
export const FALSE_DISCOVERY_RATE = 0.1
/** Fewer sessions are not compared: in the week, and before it. */
export const MIN_IN_WEEK = 3
export const MIN_BEFORE = 8
/** A smaller change is none worth a line, however certain. */
const MIN_EFFECT_SHARE = 0.1
/** An agent type with a larger share of incomplete sessions is told of. */
export const MAX_INCOMPLETE_SHARE = 0.2

export interface WeeklyFacts {
  readonly sessions: number
  /** The most sessions first. */
  readonly agents: readonly AgentWeek[]
  readonly tokens: WeeklyTokens
  readonly cost: WeeklyCost
  /** Agent types × KPIs of the week, and those of them that could be compared with the sessions before it. */
  readonly measured: number
  readonly compared: number
  /** The most certain first. */
  readonly better: readonly WeeklyChange[]
  readonly worse: readonly WeeklyChange[]
}

export interface AgentWeek {
  readonly agent_type: string
  readonly sessions: number
  readonly warning: number
  readonly critical: number
  /** Sessions that lack KPIs which they should have. */
  readonly incomplete: number
}

export interface WeeklyTokens {
  readonly total: number
  /** Of all that models read, what came from the cache; absent where nothing was read. */
  readonly cache_share?: number
  readonly sessions_without: number
}

/** In US dollars. */
export interface WeeklyCost {
  readonly with_cache: number
  /** What the same tokens had cost without a cache. */
  readonly without_cache: number
  readonly priced_sessions: number
  /** Sessions by model that the price table does not know; `''` where the model is not known. */
  readonly unpriced: Readonly<Record<string, number>>
  /** What agents themselves said. */
  readonly reported: number
  readonly reported_sessions: number
}

export interface WeeklyChange {
  readonly agent_type: string
  readonly kpi: string
  readonly before: number
  readonly now: number
  readonly sessions: number
  readonly sessions_before: number
  readonly p: number
}

/**
 * What happened in a week.
 *
 * @param week its sessions
 * @param before sessions before it, as many as are to be compared with
 */
export function weeklyFacts(week: readonly LedgerLine[], before: readonly LedgerLine[]): WeeklyFacts {
  const changes = changesOf(week, before)
  const found = discoveries(
    changes.map(({ p }) => p),
    FALSE_DISCOVERY_RATE,
  )
  const certain = changes
    .filter((change, index) => found[index] === true && isLarge(change))
    .toSorted((a, b) => a.p - b.p)
  return {
    sessions: week.length,
    agents: agentsOf(week),
    tokens: tokensOf(week),
    cost: costOf(week),
    measured: measuredIn(week),
    compared: changes.length / 2,
    better: certain.filter(({ isWorse }) => !isWorse).map(changeOf),
    worse: certain.filter(({ isWorse }) => isWorse).map(changeOf),
  }
}

function agentsOf(week: readonly LedgerLine[]): readonly AgentWeek[] {
  return [...Map.groupBy(week, ({ agent_type }) => agent_type)]
    .map(([agent_type, lines]) => ({
      agent_type,
      sessions: lines.length,
      warning: lines.filter(({ alert_level }) => alert_level === 'WARNING').length,
      critical: lines.filter(({ alert_level }) => alert_level === 'CRITICAL').length,
      incomplete: lines.filter(({ completeness }) => completeness < 1).length,
    }))
    .toSorted((a, b) => b.sessions - a.sessions || (a.agent_type < b.agent_type ? -1 : 1))
}

interface SessionTokens {
  readonly fresh: number
  readonly read: number
  readonly written: number
  readonly output: number
}

/** `undefined` where nothing was measured. */
function sessionTokens({ totals }: LedgerLine): SessionTokens | undefined {
  const { fresh_input_tokens, cache_read_tokens, cache_creation_tokens, output_tokens } = totals
  const parts = [fresh_input_tokens, cache_read_tokens, cache_creation_tokens, output_tokens]
  if (parts.every((part) => part === undefined)) return undefined
  const [fresh = 0, read = 0, written = 0, output = 0] = parts
  return { fresh, read, written, output }
}

function tokensOf(week: readonly LedgerLine[]): WeeklyTokens {
  const known = week.map(sessionTokens).filter((tokens) => tokens !== undefined)
  const sum = (part: keyof SessionTokens): number => known.reduce((total, tokens) => total + tokens[part], 0)
  const input = sum('fresh') + sum('read') + sum('written')
  return {
    total: input + sum('output'),
    ...(input > 0 && { cache_share: sum('read') / input }),
    sessions_without: week.length - known.length,
  }
}

function costOf(week: readonly LedgerLine[]): WeeklyCost {
  const cost = { with_cache: 0, without_cache: 0, priced_sessions: 0, reported: 0, reported_sessions: 0 }
  const unpriced = new Map<string, number>()
  for (const line of week) {
    const { cost_usd: reported } = line.totals
    if (reported !== undefined) {
      cost.reported += reported
      cost.reported_sessions += 1
    }
    const tokens = sessionTokens(line)
    if (tokens === undefined) continue
    const model = line.model ?? ''
    const price = priceOf(model)
    if (price === undefined) {
      unpriced.set(model, (unpriced.get(model) ?? 0) + 1)
      continue
    }
    const { fresh, read, written, output } = tokens
    const { input, cacheWrite, cacheRead } = price
    const written_out = output * price.output
    cost.with_cache += (fresh * input + written * cacheWrite + read * cacheRead + written_out) / 1e6
    cost.without_cache += ((fresh + written + read) * input + written_out) / 1e6
    cost.priced_sessions += 1
  }
  return { ...cost, unpriced: Object.fromEntries(unpriced) }
}

function measuredIn(week: readonly LedgerLine[]): number {
  return new Set(
    week.flatMap(({ agent_type, kpis }) => Object.keys(kpis).map((kpi) => JSON.stringify([agent_type, kpi]))),
  ).size
}

interface TestedChange extends WeeklyChange {
  readonly isWorse: boolean
}

/** Both directions of each KPI of each agent type: each is a test of its own. */
function changesOf(week: readonly LedgerLine[], before: readonly LedgerLine[]): readonly TestedChange[] {
  const earlier = Map.groupBy(before, ({ agent_type }) => agent_type)
  return [...Map.groupBy(week, ({ agent_type }) => agent_type)].flatMap(([agentType, lines]) => {
    const kpis = [...new Set(lines.flatMap(({ kpis: own }) => Object.keys(own)))]
    return kpis.flatMap((kpi) => testKpi(agentType, kpi, lines, earlier.get(agentType) ?? []))
  })
}

function testKpi(
  agentType: string,
  kpi: string,
  week: readonly LedgerLine[],
  before: readonly LedgerLine[],
): readonly TestedChange[] {
  const direction = week.map((line) => kpiDirection(line, kpi)).find((known) => known !== undefined)
  const now = valuesOf(week, kpi)
  const then = valuesOf(before, kpi)
  const [nowMean, thenMean] = [mean(now), mean(then)]
  if (direction === undefined || nowMean === undefined || thenMean === undefined) return []
  if (now.length < MIN_IN_WEEK || then.length < MIN_BEFORE) return []
  const definition = kpiDefinition(kpi)
  const scale = definition === undefined ? UNKNOWN_SCALE : positionScale(definition)
  const [a, b] = [now.map(scale.toPosition), then.map(scale.toPosition)]
  const higher = welchUpperTail(a, b, scale.minStdDevAt(mean(b) ?? 0))
  if (higher === undefined) return []
  const worse = direction === 'lower' ? higher : 1 - higher
  const change = {
    agent_type: agentType,
    kpi,
    before: thenMean,
    now: nowMean,
    sessions: now.length,
    sessions_before: then.length,
  }
  return [
    { ...change, p: worse, isWorse: true },
    { ...change, p: 1 - worse, isWorse: false },
  ]
}

function valuesOf(lines: readonly LedgerLine[], kpi: string): readonly number[] {
  return lines.map(({ kpis }) => kpis[kpi]).filter((value) => value !== undefined)
}

function isLarge({ before, now }: WeeklyChange): boolean {
  return Math.abs(now - before) >= MIN_EFFECT_SHARE * Math.abs(before)
}

function changeOf({ isWorse: _, ...change }: TestedChange): WeeklyChange {
  return change
}
