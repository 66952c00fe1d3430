import { distrust } from '#src/dialect/trust.ts'
import type { Activity, TokenCounts, UsageMeasure } from '#src/model/activity.ts'
import type { MeteredUse } from '#src/model/session.ts'
import { entryOf } from './map-entry.ts'

/** The sum of one metric series. */
export interface Meter {
  readonly source: string
  readonly measure: UsageMeasure
  readonly model: string | undefined
  value: number
}

type Meters = ReadonlyMap<string, Meter>

/** Adds a point to its series. */
export function addUsage(
  meters: Map<string, Meter>,
  usage: Extract<Activity, { kind: 'usage' }>,
  source: string,
): void {
  const { series, measure, model, cumulative, value } = usage
  const meter = entryOf(meters, series, () => ({ source, measure, model, value: 0 }))
  meter.value = cumulative ? Math.max(meter.value, value) : meter.value + value
}

/** What the meters of the most trusted sources add up to. */
export function resolveMeters(meters: Meters): MeteredUse {
  const tokens = new Map<string, MeteredTokens>()
  let costUsd: number | undefined
  let activeSeconds: number | undefined
  const believed = meteringSources(meters)
  for (const { source, measure, model, value } of meters.values()) {
    if (source !== believed[factOf(measure)]) continue
    if (measure === 'costUsd') costUsd = (costUsd ?? 0) + value
    else if (measure === 'activeSeconds') activeSeconds = (activeSeconds ?? 0) + value
    else entryOf(tokens, model ?? '', noMeteredTokens)[measure] += value
  }
  const byModel = [...tokens].map(([model, metered]): [string, TokenCounts] => [model, disjoint(metered)])
  return { tokens: tokens.size === 0 ? undefined : Object.fromEntries(byModel), costUsd, activeSeconds }
}

type MeteredTokens = Record<keyof TokenCounts | 'input', number>

type MeteredFact = 'metered_use' | 'active_time'

function factOf(measure: UsageMeasure): MeteredFact {
  return measure === 'activeSeconds' ? 'active_time' : 'metered_use'
}

/** Of the sources that measured something, the one that is believed. */
function meteringSources(meters: Meters): Record<MeteredFact, string | undefined> {
  const measured = { metered_use: new Set<string>(), active_time: new Set<string>() }
  for (const { source, measure } of meters.values()) measured[factOf(measure)].add(source)
  return {
    metered_use: mostTrusted('metered_use', measured.metered_use),
    active_time: mostTrusted('active_time', measured.active_time),
  }
}

function mostTrusted(fact: MeteredFact, sources: ReadonlySet<string>): string | undefined {
  return [...sources].toSorted((a, b) => distrust(fact, a) - distrust(fact, b) || (a < b ? -1 : 1))[0]
}

/** Series come one by one: what of the whole input was fresh shows only when all of them are there. */
function disjoint({ input, ...tokens }: MeteredTokens): TokenCounts {
  const { freshInput, cacheRead, cacheCreation } = tokens
  return { ...tokens, freshInput: freshInput + Math.max(0, input - cacheRead - cacheCreation) }
}

const noMeteredTokens = (): MeteredTokens => ({
  input: 0,
  freshInput: 0,
  cacheRead: 0,
  cacheCreation: 0,
  output: 0,
  reasoning: 0,
})
