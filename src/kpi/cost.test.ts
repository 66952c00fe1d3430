import { expect, test } from 'vitest'
import type { Session } from '../model/session.ts'
import { costPerOutputToken, costPerTask, sessionCost, unpricedModels } from './cost.ts'
import { priceTable } from './model-prices.ts'
import { session } from './session.fixture.ts'

const TOKENS = { freshInput: 100, cacheRead: 0, cacheCreation: 0, output: 500, reasoning: 0 }
const COST: Partial<Session> = {
  modelUse: { calls: 2, errors: 0, provisionalCalls: 0, tokens: { opus: TOKENS }, costUsd: 0.5 },
}
const PRICE = { input: 10, cacheWrite: 12.5, cacheRead: 1, output: 50 }
const prices = priceTable({ models: { opus: PRICE }, asOf: '2026-11-01' })
const TASKS = { creates: 3, updates: 6, completedWithoutId: 0 }

test.for<{ name: string; of: Partial<Session>; perTask: unknown; perToken: unknown }>([
  {
    name: 'no cost',
    of: {},
    perTask: { absent: 'no source reported costs, and not all models have a known price' },
    perToken: { absent: 'no source reported costs, and not all models have a known price' },
  },
  {
    name: 'a cost and no task',
    of: COST,
    perTask: { absent: 'no task is known to be completed' },
    perToken: { value: 0.001, n: 2 },
  },
  {
    name: 'a cost and two tasks completed',
    of: { ...COST, tasks: { ...TASKS, statuses: { 1: 'completed', 2: 'completed', 3: 'deleted' } } },
    perTask: { value: 0.25, n: 2 },
    perToken: { value: 0.001 },
  },
  {
    name: 'the cost of metrics, without tokens',
    of: { meteredUse: { tokens: undefined, costUsd: 1, activeSeconds: undefined } },
    perTask: { absent: 'no task is known to be completed' },
    perToken: { absent: 'no token counts were recorded' },
  },
])('$name', ({ of, perTask, perToken }) => {
  expect(costPerTask(session(of), prices)).toMatchObject(Object(perTask))
  expect(costPerOutputToken(session(of), prices)).toMatchObject(Object(perToken))
})

const USE = { calls: 1, errors: 0, provisionalCalls: 0, costUsd: undefined }
const CACHED = { freshInput: 100, cacheRead: 9000, cacheCreation: 900, output: 200, reasoning: 0 }
const WRITTEN = { freshInput: 0, cacheRead: 0, cacheCreation: 100_000, output: 0, reasoning: 0 }
/** By hand: 100 · 10 + 900 · 12.50 + 9000 · 1 + 200 · 50, and 10,000 · 10 + 200 · 50, dollars for a million. */
const BY_HAND = { usd: 0.03125, without: 0.11 }

test.for<{ name: string; of: Partial<Session>; cost: unknown }>([
  {
    name: 'nothing that was reported is estimated',
    of: { modelUse: { ...USE, tokens: { opus: CACHED } } },
    cost: { usd: BY_HAND.usd, estimated: true, without_cache_usd: BY_HAND.without, prices_as_of: '2026-11-01' },
  },
  {
    name: 'what was reported counts, and prices tell what share of it the cache saved',
    of: { modelUse: { ...USE, tokens: { opus: CACHED }, costUsd: 0.05 } },
    cost: { usd: 0.05, estimated: false, without_cache_usd: (0.05 * BY_HAND.without) / BY_HAND.usd },
  },
  {
    name: 'a cache that cost more than it saved, where little was reported',
    of: { modelUse: { ...USE, tokens: { opus: WRITTEN }, costUsd: 0.001 } },
    cost: { usd: 0.001, estimated: false, without_cache_usd: 0.0008 },
  },
  {
    name: 'a model without a price',
    of: { modelUse: { ...USE, tokens: { opus: CACHED, acme: CACHED } } },
    cost: undefined,
  },
  {
    name: 'a model without a price whose cost was reported',
    of: { modelUse: { ...USE, tokens: { acme: CACHED }, costUsd: 0.05 } },
    cost: { usd: 0.05, estimated: false },
  },
  {
    name: 'tokens of no named model are the main one’s',
    of: { modelUse: { ...USE, tokens: { opus: CACHED, '': { ...CACHED, output: 0 } } } },
    cost: { usd: 0.0525, estimated: true },
  },
])('$name', ({ of, cost }) => {
  const found = sessionCost(session(of), prices)
  if (cost === undefined) expect(found).toBeUndefined()
  else expect(round(found)).toMatchObject(Object(round(cost)))
})

test.for<[name: string, costUsd: number, price: typeof PRICE]>([
  ['nothing was reported as spent', 0, PRICE],
  ['tokens are free', 0.05, { input: 0, cacheWrite: 0, cacheRead: 0, output: 0 }],
])('where %s nothing tells what it had cost without a cache', ([, costUsd, opus]) => {
  const table = priceTable({ models: { opus }, asOf: '2026-11-01' })
  const found = sessionCost(session({ modelUse: { ...USE, tokens: { opus: WRITTEN }, costUsd } }), table)
  expect(found).toEqual({ usd: costUsd, estimated: false })
})

test.for<[name: string, tokens: Readonly<Record<string, typeof CACHED>>, models: readonly string[]]>([
  ['all have one', { opus: CACHED, '': { ...CACHED, output: 0 } }, []],
  ['one of two has none', { opus: CACHED, acme: CACHED }, ['acme']],
  ['the main one has none', { acme: CACHED, '': { ...CACHED, output: 0 } }, ['acme']],
  ['none is named', { '': CACHED }, ['']],
  ['no tokens were counted', {}, []],
])('models without a price: %s', ([, tokens, models]) => {
  expect(unpricedModels(session({ modelUse: { ...USE, tokens } }), prices)).toEqual(models)
})

test('a cost that is estimated makes its KPIs estimates', () => {
  const of = {
    modelUse: { ...USE, tokens: { opus: CACHED } },
    tasks: { ...TASKS, statuses: { 1: 'completed' } },
  } as const
  expect(costPerTask(session(of), prices)).toMatchObject({ value: BY_HAND.usd, estimated: true })
  expect(costPerOutputToken(session(of), prices)).toMatchObject({ value: BY_HAND.usd / 200, estimated: true })
})

function round(value: unknown): unknown {
  return JSON.parse(JSON.stringify(value, (_, each) => (typeof each === 'number' ? Number(each.toFixed(9)) : each)))
}
