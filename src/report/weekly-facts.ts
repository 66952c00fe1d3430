import { costOf, type PricedTokens, priceTokens } from '../kpi/cost.ts'
import { priceTable } from '../kpi/model-prices.ts'
import { positionScale, UNKNOWN_SCALE } from '../kpi/position-scale.ts'
import { kpiDefinition } from '../kpi/table.ts'
import type { LedgerLine, SessionCost } from '../model/assessment.ts'
import { discoveries } from '../stats/benjamini-hochberg.ts'
import { mean } from '../stats/mean.ts'
import { welchUpperTail } from '../stats/welch.ts'
import { kpiDirection } from './kpi-label.ts'

const LIST_PRICES = priceTable()

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
  /** Of all sessions whose cost is known, and how many these are: as their agents reported it, or estimated from prices. */
  readonly total: number
  readonly reported_sessions: number
  readonly estimated_sessions: number
  /** Of the sessions whose models have prices, and that are not reported to cost nothing: what they cost, and what the same tokens had cost without a cache. */
  readonly with_cache: number
  readonly without_cache: number
  readonly priced_sessions: number
  /** When the prices were looked up, or who set them. */
  readonly prices_as_of: readonly string[]
  /** Sessions whose cost is not known, by the models that have no price; `''` where the model is not known. */
  readonly unpriced: Readonly<Record<string, number>>
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
    cost: weeklyCost(week),
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

/** `undefined` where nothing was measured. */
function sessionTokens({ totals }: LedgerLine): PricedTokens | undefined {
  const { fresh_input_tokens, cache_read_tokens, cache_creation_tokens, output_tokens } = totals
  const parts = [fresh_input_tokens, cache_read_tokens, cache_creation_tokens, output_tokens]
  if (parts.every((part) => part === undefined)) return undefined
  const [freshInput = 0, cacheRead = 0, cacheCreation = 0, output = 0] = parts
  return { freshInput, cacheRead, cacheCreation, output }
}

function tokensOf(week: readonly LedgerLine[]): WeeklyTokens {
  const known = week.map(sessionTokens).filter((tokens) => tokens !== undefined)
  const sum = (part: keyof PricedTokens): number => known.reduce((total, tokens) => total + tokens[part], 0)
  const input = sum('freshInput') + sum('cacheRead') + sum('cacheCreation')
  return {
    total: input + sum('output'),
    ...(input > 0 && { cache_share: sum('cacheRead') / input }),
    sessions_without: week.length - known.length,
  }
}

function weeklyCost(week: readonly LedgerLine[]): WeeklyCost {
  const sums = { total: 0, with_cache: 0, without_cache: 0 }
  const counts = { reported_sessions: 0, estimated_sessions: 0, priced_sessions: 0 }
  const dates = new Set<string>()
  const unpriced = new Map<string, number>()
  for (const line of week) {
    const cost = line.cost ?? costOfTotals(line)
    if (cost === undefined) {
      for (const model of unpricedIn(line)) unpriced.set(model, (unpriced.get(model) ?? 0) + 1)
      continue
    }
    sums.total += cost.usd
    counts[cost.estimated ? 'estimated_sessions' : 'reported_sessions'] += 1
    if (cost.without_cache_usd === undefined) continue
    sums.with_cache += cost.usd
    sums.without_cache += cost.without_cache_usd
    counts.priced_sessions += 1
    for (const asOf of cost.prices_as_of?.split(', ') ?? []) dates.add(asOf)
  }
  return { ...sums, ...counts, prices_as_of: [...dates].toSorted(), unpriced: Object.fromEntries(unpriced) }
}

/** Of a line that says nothing of costs, as old ones do: by the list price of the model that wrote most of the output. */
function costOfTotals(line: LedgerLine): SessionCost | undefined {
  if (line.unpriced_models !== undefined) return undefined
  const tokens = sessionTokens(line)
  const known = LIST_PRICES.of(line.model ?? '')
  const isPriced = tokens !== undefined && known !== undefined
  return costOf(line.totals.cost_usd, isPriced ? { ...priceTokens(tokens, known.price), asOf: known.asOf } : undefined)
}

function unpricedIn(line: LedgerLine): readonly string[] {
  if (line.unpriced_models !== undefined) return line.unpriced_models
  return sessionTokens(line) === undefined ? [] : [line.model ?? '']
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
