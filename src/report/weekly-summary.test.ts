import { describe, expect, test } from 'vitest'
import { PRICES_AS_OF, PRICES_SOURCE } from '../kpi/model-prices.ts'
import type { LedgerLine } from '../model/assessment.ts'
import { life } from '../suggestion/suggestion-event.fixture.ts'
import type { SuggestionLife } from '../suggestion/suggestion-life.ts'
import { ledgerLine } from './ledger-line.fixture.ts'
import type { Week } from './week.ts'
import { weeklyFacts } from './weekly-facts.ts'
import { dueForReview, weeklySummary } from './weekly-summary.ts'

const TOKENS = { fresh_input_tokens: 100, cache_read_tokens: 0, cache_creation_tokens: 0, output_tokens: 200 }
const WEEK: Week = { year: 2026, week: 7 }
const END_MS = Date.UTC(2026, 1, 16)

function lines(agentType: string, count: number, changes: (n: number) => Partial<LedgerLine>): readonly LedgerLine[] {
  return Array.from({ length: count }, (_, n) =>
    ledgerLine({ session_id: `${agentType}-${n}`, agent_type: agentType, ...changes(n) }),
  )
}

const noise = (n: number): number => ((n * 7) % 10) / 1000
const BEFORE = [
  ...lines('reviewer', 30, (n) => ({ kpis: { error_rate: 0.05 + noise(n), cache_efficiency: 0.9 + noise(n) } })),
  ...lines('../../x 🙂 | y', 30, (n) => ({
    kpis: { error_rate: 0.05 + noise(n), token_efficiency: 0.004 + noise(n) / 100 },
  })),
]
const OF_WEEK = [
  ...lines('reviewer', 6, (n) => ({
    kpis: { error_rate: 0.2 + noise(n), cache_efficiency: 0.9 + noise(n) },
    alert_level: n === 0 ? 'CRITICAL' : n < 3 ? 'WARNING' : 'PASS',
    totals: {
      fresh_input_tokens: 1000,
      cache_read_tokens: 90_000,
      cache_creation_tokens: 9000,
      output_tokens: 2000,
      cost_usd: 0.2,
    },
    completeness: n < 2 ? 0.8 : 1,
  })),
  ...lines('../../x 🙂 | y', 4, (n) => ({
    kpis: { error_rate: 0.05 + noise(n), token_efficiency: 0.008 + noise(n) / 100 },
    model: n === 0 ? null : 'acme-large-9',
    totals: { fresh_input_tokens: 500, output_tokens: 100 },
  })),
  ...lines('new', 1, () => ({ totals: {} })),
]

function suggestion(changes: Partial<SuggestionLife>): SuggestionLife {
  const known = life('proposed', 'activated', 'assigned')
  if (known === undefined) throw new Error('expected a life')
  return { ...known, ...changes }
}

const SUGGESTIONS = [
  suggestion({}),
  suggestion({
    id: 'opt-b',
    state: 'proven',
    since: '2026-02-12T00:00:00.000Z',
    title: 'Load | sources',
    verdict: { rule: 'posterior', evidence: { change: 0.31, change_low: 0.12, change_high: 0.5 } },
  }),
  suggestion({ id: 'opt-c', state: 'promoted', since: '2025-10-01T00:00:00.000Z', title: 'Keep prompts the same' }),
  suggestion({ id: 'opt-d', state: 'retired', since: '2026-02-12T00:00:00.000Z', outcome: 'futile' }),
]

const summaryOf = (
  week: readonly LedgerLine[],
  before: readonly LedgerLine[],
  suggestions: readonly SuggestionLife[],
) =>
  weeklySummary({
    week: WEEK,
    endMs: END_MS,
    facts: weeklyFacts(week, before),
    suggestions,
    proved: suggestions.filter(({ id }) => id === 'opt-b'),
    acks: 2,
    falseAlarms: 1,
  })

test('the summary of a week', async () => {
  await expect(summaryOf(OF_WEEK, BEFORE, SUGGESTIONS)).toMatchFileSnapshot('./golden/weekly.md')
})

test.for<[atEnd: Partial<SuggestionLife>, told: string]>([
  [{ state: 'promoted' }, '(reviewer, promoted)'],
  [{ state: 'retired', outcome: 'reverted' }, '(reviewer, promoted, then reverted)'],
  [{ state: 'proposed' }, '(reviewer, promoted, then proposed)'],
])('of what was proved and is %j at the end of the week both are told', ([atEnd, told]) => {
  const proved = suggestion({ state: 'promoted' })
  const facts = weeklyFacts([], BEFORE)
  const known = { week: WEEK, endMs: END_MS, facts, acks: 0, falseAlarms: 0 }
  expect(weeklySummary({ ...known, suggestions: [{ ...proved, ...atEnd }], proved: [proved] })).toContain(told)
})

test('an empty week says so, and nothing else that it does not know', async () => {
  const text = summaryOf([], BEFORE, [])
  expect(text).toContain('- **Total Sessions**: 0\n')
  expect(text).toContain('nothing was measured')
  expect(text).toContain('1. Nothing was measured: if agents were at work')
  expect(text).not.toContain('Nothing needs to be done')
  expect(text).not.toContain('$')
  expect(text.match(/^## .*/gm)).toEqual([
    '## Overview',
    '## Active Optimizations',
    '## Proved Effects',
    '## Recommendations',
  ])
})

test.for<[name: string, week: readonly LedgerLine[], told: string, not: string]>([
  ['nothing could be compared', OF_WEEK.slice(0, 2), 'Not known: nothing could be compared.', 'No KPI'],
  ['some could', OF_WEEK, '4 of ', 'Not known'],
])('where %s the summary says so', ([, week, told, not]) => {
  const text = summaryOf(week, BEFORE, [])
  expect(text).toContain(told)
  expect(text).toContain('it takes 3 sessions in the week and 8 before it')
  expect(text).not.toContain(not)
})

test('tokens that nobody told of are not 0', () => {
  expect(summaryOf(OF_WEEK.slice(-1), [], [])).toContain('- **Total Tokens**: not known\n')
})

test.for<[name: string, asOf: readonly string[], told: string]>([
  ['one’s own', ['pipelines.yaml of 2026-11-01'], '(pipelines.yaml of 2026-11-01)'],
  [
    'both, in one session and in another',
    ['2026-10-10, pipelines.yaml', '2026-10-10', 'pipelines.yaml'],
    `(2026-10-10, pipelines.yaml; ${PRICES_SOURCE})`,
  ],
])('where prices come from: %s', ([, asOf, told]) => {
  const week = asOf.map((prices_as_of, n) =>
    ledgerLine({ session_id: `s${n}`, cost: { usd: 1, estimated: true, without_cache_usd: 2, prices_as_of } }),
  )
  const text = summaryOf(week, [], [])
  expect(text).toContain(`: estimated from prices in ${asOf.length}\n`)
  expect(text).toContain(`whose models have a price ${told}\n`)
})

describe('facts', () => {
  test('cost with and without a cache, as calculated by hand', () => {
    const { cost, tokens } = weeklyFacts(OF_WEEK, BEFORE)
    // Opus 4.6: 5, 6.25, 0.50 and 25 dollars for a million tokens.
    const session = (1000 * 5 + 9000 * 6.25 + 90_000 * 0.5 + 2000 * 25) / 1e6
    const without = (100_000 * 5 + 2000 * 25) / 1e6
    // What was reported is what it cost; what share of it the cache saved follows from the prices.
    expect(cost.total).toBeCloseTo(6 * 0.2, 10)
    expect(cost.with_cache).toBeCloseTo(6 * 0.2, 10)
    expect(cost.without_cache).toBeCloseTo((6 * 0.2 * without) / session, 10)
    expect(cost).toMatchObject({
      reported_sessions: 6,
      estimated_sessions: 0,
      priced_sessions: 6,
      prices_as_of: [PRICES_AS_OF],
      unpriced: { '': 1, 'acme-large-9': 3 },
    })
    expect(tokens).toEqual({ total: 6 * 102_000 + 4 * 600, cache_share: 540_000 / 602_000, sessions_without: 1 })
  })

  test('what lines tell of their cost is added up, and what they do not is priced by their model', () => {
    const told = { usd: 3, estimated: true, without_cache_usd: 8, prices_as_of: '2026-11-01' }
    const [priced, own, alone] = [0, 1, 2].map((n) => ({ ...ledgerLine({ session_id: `s${n}` }), totals: TOKENS }))
    const { cost } = weeklyFacts(
      [
        { ...priced, totals: TOKENS, model: 'claude-opus-4-6' } as LedgerLine,
        { ...own, model: 'acme-large-9', cost: told } as LedgerLine,
        { ...alone, model: 'acme-large-9', cost: { usd: 1, estimated: false } } as LedgerLine,
      ],
      [],
    )
    expect(cost).toMatchObject({
      total: 3 + 1 + 0.0055,
      reported_sessions: 1,
      estimated_sessions: 2,
      priced_sessions: 2,
    })
    expect(cost).toMatchObject({ with_cache: 3.0055, prices_as_of: [PRICES_AS_OF, '2026-11-01'], unpriced: {} })
  })

  test('a line that names models without a price is not priced, and these are named', () => {
    const known = { totals: TOKENS, model: 'claude-opus-4-6' }
    const week = [
      ledgerLine({ ...known, session_id: 'a', unpriced_models: ['acme-large-9'] }),
      ledgerLine({ ...known, session_id: 'b', unpriced_models: ['acme-large-9', 'acme-small-9'] }),
    ]
    expect(weeklyFacts(week, []).cost).toMatchObject({
      total: 0,
      estimated_sessions: 0,
      priced_sessions: 0,
      unpriced: { 'acme-large-9': 2, 'acme-small-9': 1 },
    })
  })

  test('a reported cost of nothing is not made a negative one', () => {
    const totals = { cache_creation_tokens: 100_000, cost_usd: 0 }
    const { cost } = weeklyFacts([ledgerLine({ totals, model: 'claude-opus-4-6' })], [])
    expect(cost).toMatchObject({ total: 0, reported_sessions: 1, without_cache: 0, priced_sessions: 0 })
  })

  test('what got better and worse, and neither where nothing changed', () => {
    const { better, worse, compared } = weeklyFacts(OF_WEEK, BEFORE)
    expect(worse.map(({ agent_type, kpi }) => [agent_type, kpi])).toEqual([['reviewer', 'error_rate']])
    expect(better.map(({ kpi }) => kpi)).toEqual(['token_efficiency'])
    expect(compared).toBe(4)
    expect(weeklyFacts(BEFORE.slice(0, 10), BEFORE)).toMatchObject({ better: [], worse: [] })
  })

  test('too few sessions are not compared', () => {
    expect(weeklyFacts(OF_WEEK.slice(0, 2), BEFORE).compared).toBe(0)
    expect(weeklyFacts(OF_WEEK, BEFORE.slice(0, 7)).compared).toBe(0)
  })
})

test('what was promoted is to be reviewed after a quarter of a year', () => {
  expect(dueForReview(SUGGESTIONS, END_MS).map(({ id }) => id)).toEqual(['opt-c'])
  expect(dueForReview(SUGGESTIONS, Date.UTC(2025, 11, 1))).toEqual([])
})
