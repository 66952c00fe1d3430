/** US dollars for a million tokens. */
export interface ModelPrice {
  readonly input: number
  /** Kept for five minutes, which is what agents ask for unless they say otherwise. */
  readonly cacheWrite: number
  readonly cacheRead: number
  readonly output: number
}

/** When the prices were looked up, and where. */
export const PRICES_AS_OF = '2026-10-10'
export const PRICES_SOURCE = 'https://platform.claude.com/docs/en/about-claude/pricing'

const OPUS_4: ModelPrice = { input: 15, cacheWrite: 18.75, cacheRead: 1.5, output: 75 }
const OPUS_4_5: ModelPrice = { input: 5, cacheWrite: 6.25, cacheRead: 0.5, output: 25 }
const SONNET_4: ModelPrice = { input: 3, cacheWrite: 3.75, cacheRead: 0.3, output: 15 }

/**
 * List prices of the API, by the model's name without date and provider. Models whose price depends on what a table of totals
 * does not tell (the length of single prompts) are left out.
 */
const PRICES: Readonly<Record<string, ModelPrice>> = {
  'claude-fable-5-1': { input: 10, cacheWrite: 12.5, cacheRead: 0.25, output: 50 },
  'claude-fable-5': { input: 10, cacheWrite: 12.5, cacheRead: 1, output: 50 },
  'claude-opus-5': OPUS_4_5,
  'claude-opus-4-8': OPUS_4_5,
  'claude-opus-4-7': OPUS_4_5,
  'claude-opus-4-6': OPUS_4_5,
  'claude-opus-4-5': OPUS_4_5,
  'claude-opus-4-1': OPUS_4,
  'claude-opus-4': OPUS_4,
  'claude-sonnet-5': { input: 2, cacheWrite: 2.5, cacheRead: 0.2, output: 10 },
  'claude-sonnet-4-6': SONNET_4,
  'claude-sonnet-4-5': SONNET_4,
  'claude-sonnet-4': SONNET_4,
  'claude-3-7-sonnet': SONNET_4,
  'claude-haiku-4-5': { input: 1, cacheWrite: 1.25, cacheRead: 0.1, output: 5 },
  'claude-3-5-haiku': { input: 0.8, cacheWrite: 1, cacheRead: 0.08, output: 4 },
}

/** What models cost. */
export interface PriceTable {
  /** @param model as telemetry names it: `claude-opus-4-6-20260205`, `us.anthropic.claude-…-v1:0`, `claude-…[1m]` */
  of(model: string): DatedPrice | undefined
}

export interface DatedPrice {
  readonly price: ModelPrice
  /** When the price was looked up, as a date; where nobody said when, who said it. */
  readonly asOf: string
}

const OWN_SOURCE = 'pipelines.yaml'

/** The `asOf` of one's own prices: it tells them from list prices, also of the same day. */
export function ownPricesAsOf(date: string | undefined): string {
  return date === undefined ? OWN_SOURCE : `${OWN_SOURCE} of ${date}`
}

export function areListPrices(asOf: string): boolean {
  return !asOf.startsWith(OWN_SOURCE)
}

/** Prices that take the place of those above, by the model's name. */
export interface OwnPrices {
  readonly models: Readonly<Record<string, ModelPrice>>
  readonly asOf: string
}

/** @param own beside or instead of the list prices */
export function priceTable(own: OwnPrices = { models: {}, asOf: PRICES_AS_OF }): PriceTable {
  const dated = (prices: Readonly<Record<string, ModelPrice>>, asOf: string) =>
    Object.entries(prices).map(([model, price]) => [plainName(model), { price, asOf }] as const)
  const known = new Map<string, DatedPrice>([...dated(PRICES, PRICES_AS_OF), ...dated(own.models, own.asOf)])
  return { of: (model) => known.get(plainName(model)) }
}

/** Without provider, date and version. */
function plainName(model: string): string {
  return model
    .toLowerCase()
    .replace(/^(?:[a-z]{2,6}\.)?anthropic[./]/, '')
    .replace(/\[1m\]$/, '')
    .replace(/(?:-v\d+)?(?::\d+)?$/, '')
    .replace(/[-@]20\d{6}$/, '')
}
