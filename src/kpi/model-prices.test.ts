import { expect, test } from 'vitest'
import { PRICES_AS_OF, priceTable } from './model-prices.ts'

test.for<[model: string, input: number | undefined]>([
  ['claude-opus-4-6', 5],
  ['claude-opus-4-1-20250805', 15],
  ['claude-opus-4-20250514', 15],
  ['us.anthropic.claude-sonnet-4-5-20250929-v1:0', 3],
  ['claude-sonnet-4-5@20250929', 3],
  ['claude-opus-4-6[1m]', 5],
  ['Claude-Haiku-4-5-20251001', 1],
  ['claude-opus-4-99', undefined],
  ['gpt-5', undefined],
  ['constructor', undefined],
  ['', undefined],
])('the price of %j', ([model, input]) => {
  expect(priceTable().of(model)?.price.input).toBe(input)
})

test('own prices take the place of those that are known, under whatever name the model comes', () => {
  const price = { input: 1, cacheWrite: 2, cacheRead: 3, output: 4 }
  const models = { 'acme-large-9': price, 'Claude-Opus-4-6-20260205': price }
  const table = priceTable({ models, asOf: '2026-11-01' })
  expect(table.of('acme-large-9')).toEqual({ price, asOf: '2026-11-01' })
  expect(table.of('us.anthropic.claude-opus-4-6-v1:0')?.price).toEqual(price)
  expect(table.of('claude-opus-4-5')?.asOf).toBe(PRICES_AS_OF)
})
