import { expect, test } from 'vitest'
import { KPI_NAMES } from '../kpi/table.ts'
import type { LedgerLine } from '../model/assessment.ts'
import { ledgerLine } from '../report/ledger-line.fixture.ts'
import { checkExpressions, compileRule, type SuggestionPolicy, type SuggestionRule } from './rule.ts'
import { sessionDocument } from './session-document.ts'
import { suggest } from './suggest.ts'
import { suggestionId } from './suggestion-id.ts'

const VOCABULARY = { kpis: KPI_NAMES, compared: true }

function rule(name: string, when: string, changes: Partial<SuggestionRule> = {}): SuggestionRule {
  return {
    name,
    rank: 1,
    priority: 'MEDIUM',
    category: 'workflow',
    title: `Title of ${name}`,
    description: 'Why.',
    implementation: 'How.',
    when: { standard: when, seed: when },
    evidence: {},
    impact: { kpi: 'error_rate', direction: 'decrease', magnitude: 'half', summary: 'Half the errors' },
    ...changes,
  }
}

function proposal(line: LedgerLine, rules: readonly SuggestionRule[], policy: SuggestionPolicy = 'standard') {
  return suggest(
    line,
    rules.map((one) => compileRule(one, policy, VOCABULARY)),
    policy,
  )
}

function names(line: LedgerLine, rules: readonly SuggestionRule[], policy?: SuggestionPolicy): string[] {
  return proposal(line, rules, policy).suggestions.map((suggestion) => suggestion.rule)
}

test.for<{ when: string; met: boolean }>([
  { when: 'kpis.error_rate > 0.1', met: true },
  { when: 'kpis.error_rate > 0.3', met: false },
  { when: 'kpis.cache_efficiency < 0.8', met: false },
  { when: 'deviations.error_rate >= 1', met: false },
  { when: 'tools.Read.calls < tools.Write.calls', met: false },
  { when: 'agent_type.startsWith("code") && totals.tool_calls == 40', met: true },
  { when: 'has(kpis.cache_efficiency) || duration_seconds > 60', met: true },
])('$when is met: $met', ({ when, met }) => {
  const line = ledgerLine({ kpis: { error_rate: 0.2 } })
  expect(names(line, [rule('r', when)])).toEqual(met ? ['r'] : [])
})

test('each policy asks its own condition', () => {
  const both = rule('r', '', { when: { standard: 'deviations.error_rate >= 1', seed: 'kpis.error_rate > 0.5' } })
  const line = ledgerLine({ kpis: { error_rate: 0.2 }, deviations: { error_rate: 3 } })
  expect(names(line, [both], 'standard')).toEqual(['r'])
  expect(names(line, [both], 'seed')).toEqual([])
})

test('the order is by priority, then distance, then rank; under seed by priority and rank', () => {
  const rules = [
    rule('low', 'true', { priority: 'LOW', rank: 0 }),
    rule('near', 'true', { kpi: 'error_rate', rank: 1 }),
    rule('far', 'true', { kpi: 'cache_efficiency', rank: 2 }),
    rule('second', 'true', { priority: 'HIGH', rank: 9 }),
    rule('first', 'true', { priority: 'HIGH', rank: 8 }),
    rule('urgent', 'true', { priority: 'CRITICAL', rank: 99 }),
  ]
  const line = ledgerLine({ deviations: { error_rate: 2, cache_efficiency: -5 } })
  expect(names(line, rules)).toEqual(['urgent', 'first', 'second', 'far', 'near', 'low'])
  expect(names(line, rules, 'seed')).toEqual(['urgent', 'first', 'second', 'near', 'far', 'low'])
})

test.for(['uncovered_tools', 'input_drift', 'placeholder_output'] as const)(
  'a KPI that is about the telemetry (%s) proposes nothing, and it is noted',
  (code) => {
    const notes = [{ code, kpi: 'tool_overhead_ratio', message: '' }]
    const line = ledgerLine({ kpis: { tool_overhead_ratio: 3, error_rate: 0.2 }, notes })
    const { suggestions, notes: added } = proposal(line, [
      rule('overhead', 'kpis.tool_overhead_ratio > 1', { kpi: 'tool_overhead_ratio' }),
      rule('errors', 'kpis.error_rate > 0.1', { kpi: 'error_rate' }),
    ])
    expect(suggestions.map((one) => one.rule)).toEqual(['errors'])
    expect(added).toEqual([
      { code: 'suggestion_suppressed', kpi: 'tool_overhead_ratio', message: expect.stringContaining('overhead') },
    ])
  },
)

test('the evidence has the KPI, what is usual, and the numbers that the session has', () => {
  const line = ledgerLine({
    kpis: { error_rate: 0.2 },
    baselines: { error_rate: 0.05 },
    std_devs: { error_rate: 0.03 },
    deviations: { error_rate: 5 },
    totals: { tool_calls: 41, tool_failures: 8 },
  })
  const numbers = { 'tool calls': 'totals.tool_calls', share: '1 / 3', cost: 'totals.cost_usd' }
  const [suggestion] = proposal(line, [rule('r', 'true', { kpi: 'error_rate', evidence: numbers })]).suggestions
  expect(suggestion?.evidence).toBe(
    'Error Rate 20.0 %, usually 5.0 % ± 3.0 % (5.0 σ worse); tool calls: 41; share: 0.333',
  )
})

test('a session’s document has the mission’s fields, and what the ledger tells of a rule that is gone', () => {
  const compiled = compileRule(rule('known', 'true', { evidence: { calls: 'totals.tool_calls' } }), 'seed', VOCABULARY)
  const { suggestions } = suggest(ledgerLine(), [compiled], 'seed')
  const gone = { ...suggestions[0], id: 'opt-gone', rule: 'gone', title: 'Gone' } as (typeof suggestions)[number]
  const document = sessionDocument(ledgerLine({ suggestions: [...suggestions, gone] }), [compiled])
  expect(document).toEqual({
    session_id: ledgerLine().session_id,
    agent_type: 'code-reviewer',
    date: '2026-02-10T09:30:00.000Z',
    suggestions: [
      {
        id: suggestionId('code-reviewer', 'known'),
        rule: 'known',
        priority: 'MEDIUM',
        category: 'workflow',
        title: 'Title of known',
        description: 'Why.',
        impact: 'Half the errors',
        expected_impact: { kpi: 'error_rate', direction: 'decrease', magnitude: 'half' },
        evidence: 'calls: 40',
        evidence_numbers: { calls: 40 },
        implementation: 'How.',
        activation_status: 'proposed',
        tracking: { activated_at: null, sessions_tracked: 0, sessions_target: 3, impact_measured: null },
      },
      expect.objectContaining({ id: 'opt-gone', title: 'Gone', evidence: 'calls: 40', activation_status: 'proposed' }),
    ],
  })
  expect(document.suggestions[1]).not.toHaveProperty('category')
})

test('an id is the same for the same agent type and rule, and different for others', () => {
  const ids = [
    ['a', 'b'],
    ['a', 'c'],
    ['ab', ''],
    ['\ud800', 'b'],
    ['\ud801', 'b'],
    ['../../x', 'b'],
  ].map(([agentType = '', name = '']) => suggestionId(agentType, name))
  expect(new Set(ids).size).toBe(ids.length)
  for (const id of ids) expect(id).toMatch(/^opt-[0-9a-f]{8}$/)
  expect(suggestionId('a', 'b')).toBe(ids[0])
})

test('every wrong expression of a rule is found at its place', () => {
  const problems = checkExpressions(
    {
      when: { standard: 'kpis.eror_rate > 1', seed: 'kpis.error_rate' },
      evidence: { calls: 'totals.tool_calls', bad: 'agent_type' },
    },
    VOCABULARY,
  )
  expect(problems).toEqual([
    { path: ['when', 'standard'], message: expect.stringContaining('did you mean kpis.error_rate') },
    { path: ['when', 'seed'], message: expect.stringContaining('true or false') },
    { path: ['evidence', 'bad'], message: expect.stringContaining('a number') },
  ])
  expect(() => compileRule(rule('r', 'nonsense('), 'seed', VOCABULARY)).toThrow('the rule r')
})
