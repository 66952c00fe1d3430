import type { SessionCost } from '../model/assessment.ts'
import type { Session } from '../model/session.ts'
import type { ModelPrice, PriceTable } from './model-prices.ts'
import { oncePer } from './once-per.ts'
import { type KpiResult, share } from './result.ts'
import { countTasks } from './tasks.ts'
import { dominantModel, tokenUse } from './tokens.ts'
import { costUsd } from './totals.ts'

const NO_COST = 'no source reported costs, and not all models have a known price'

/** Tokens as they are priced. */
export interface PricedTokens {
  readonly freshInput: number
  readonly cacheRead: number
  readonly cacheCreation: number
  readonly output: number
}

/** In US dollars, with the cache that there was, and if there had been none. */
export interface Priced {
  readonly usd: number
  readonly withoutCacheUsd: number
}

export interface DatedPriced extends Priced {
  /** When the prices were looked up: dates, or who set them. */
  readonly asOf: string
}

export function priceTokens(tokens: PricedTokens, { input, cacheWrite, cacheRead, output }: ModelPrice): Priced {
  const { freshInput, cacheRead: read, cacheCreation: written, output: answered } = tokens
  return {
    usd: (freshInput * input + written * cacheWrite + read * cacheRead + answered * output) / 1e6,
    withoutCacheUsd: ((freshInput + written + read) * input + answered * output) / 1e6,
  }
}

/**
 * What a session cost: as its source reports it, else by the prices of its models.
 *
 * @returns `undefined` where neither is known
 */
export function sessionCost(session: Session, prices: PriceTable): SessionCost | undefined {
  return costBy(prices)(session)
}

const costBy = oncePer((prices: PriceTable) =>
  oncePer((session: Session) => costOf(costUsd(session), pricedUse(session, prices))),
)

/** @returns `undefined` where neither is known */
export function costOf(reported: number | undefined, priced: DatedPriced | undefined): SessionCost | undefined {
  if (reported === undefined) {
    if (priced === undefined) return undefined
    const { usd, withoutCacheUsd, asOf } = priced
    return { usd, estimated: true, without_cache_usd: withoutCacheUsd, prices_as_of: asOf }
  }
  const cost: SessionCost = { usd: reported, estimated: false }
  if (priced === undefined || reported <= 0 || priced.usd <= 0) return cost
  // What was reported may rest on other prices: only the ratio of ours holds for it.
  const without = (reported * priced.withoutCacheUsd) / priced.usd
  return { ...cost, without_cache_usd: without, prices_as_of: priced.asOf }
}

/** Models that a session used and whose price is not known; `''` where the model is not known either. */
export function unpricedModels(session: Session, prices: PriceTable): readonly string[] {
  const use = tokenUse(session)
  if ('absent' in use) return []
  const models = new Set(Object.keys(use.byModel).map((model) => pricedAs(model, session)))
  return [...models].filter((model) => prices.of(model) === undefined)
}

/** What names no model is taken for the one that wrote most. */
function pricedAs(model: string, session: Session): string {
  return model === '' ? (dominantModel(session) ?? '') : model
}

/** @returns `undefined` where a model that was used has no price */
function pricedUse(session: Session, prices: PriceTable): DatedPriced | undefined {
  const use = tokenUse(session)
  if ('absent' in use) return undefined
  const dates = new Set<string>()
  let sum: Priced = { usd: 0, withoutCacheUsd: 0 }
  for (const [model, tokens] of Object.entries(use.byModel)) {
    const known = prices.of(pricedAs(model, session))
    if (known === undefined) return undefined
    const { usd, withoutCacheUsd } = priceTokens(tokens, known.price)
    sum = { usd: sum.usd + usd, withoutCacheUsd: sum.withoutCacheUsd + withoutCacheUsd }
    dates.add(known.asOf)
  }
  return { ...sum, asOf: [...dates].toSorted().join(', ') }
}

/** US dollars / tasks completed. */
export function costPerTask(session: Session, prices: PriceTable): KpiResult {
  const cost = sessionCost(session, prices)
  if (cost === undefined) return { absent: NO_COST }
  const { completed } = countTasks(session)
  const evidence = { n: completed, sources: session.sources, estimated: cost.estimated }
  return share(cost.usd, completed, 'no task is known to be completed', evidence)
}

/** US dollars / output tokens. */
export function costPerOutputToken(session: Session, prices: PriceTable): KpiResult {
  const cost = sessionCost(session, prices)
  if (cost === undefined) return { absent: NO_COST }
  const use = tokenUse(session)
  if ('absent' in use) return use
  const evidence = { n: use.n, sources: session.sources, estimated: cost.estimated }
  return share(cost.usd, use.tokens.output, 'no output token was counted', evidence)
}
