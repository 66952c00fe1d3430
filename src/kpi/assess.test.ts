import { expect, test } from 'vitest'
import { assess } from './assess.ts'
import { priceTable } from './model-prices.ts'
import type { KpiPlan, PlannedKpi } from './plan.ts'
import { edgarAndNadyne, invocation, session } from './session.fixture.ts'

const MEASURED = { value: 0.5, n: 2, sources: ['hook_spans'], estimated: false }

test('a line says everything about a session but what later stages add', () => {
  const { line, live } = assess(edgarAndNadyne('A'), plan(kpi('error_rate')), clock(0))
  expect(live).toBe(false)
  expect(line).toMatchObject({
    schema: 1,
    session_id: 'session-1',
    revision: 1,
    date: '2026-02-12T18:28:00.000Z',
    started_at: '2026-02-12T18:28:00.000Z',
    ended_at: '2026-02-13T03:05:00.000Z',
    agent_type: 'translation-agent',
    agent_version: null,
    model: 'claude-opus-4-6',
    duration_seconds: 31_020,
    kpis: { error_rate: 0.5 },
    evidence: { error_rate: { n: 2, sources: ['hook_spans'], estimated: false } },
    absent: {},
    completeness: 1,
    sources: ['hook_spans'],
    trigger: 'end_signal',
    baselines: {},
    alert_level: 'PASS',
    arm: null,
  })
  expect(line.tools.TaskUpdate).toEqual({ calls: 16, failures: 0 })
  expect(line.custom_kpis).toBeUndefined()
})

test('models whose price is not known are named where they make the cost unknown', () => {
  const tokens = { freshInput: 100, cacheRead: 0, cacheCreation: 0, output: 500, reasoning: 0 }
  const use = {
    calls: 2,
    errors: 0,
    provisionalCalls: 0,
    tokens: { 'claude-opus-4-6': tokens, 'acme-large-9': tokens },
  }
  const unknown = assess(session({ modelUse: { ...use, costUsd: undefined } }), plan(), clock(0)).line
  expect(unknown.unpriced_models).toEqual(['acme-large-9'])
  expect(unknown).not.toHaveProperty('cost')
  const reported = assess(session({ modelUse: { ...use, costUsd: 1 } }), plan(), clock(0)).line
  expect(reported).not.toHaveProperty('unpriced_models')
  expect(reported.cost).toEqual({ usd: 1, estimated: false })
})

test('a KPI that is absent says why and lowers the completeness', () => {
  const missing = kpi('cache_efficiency', { compute: () => ({ absent: 'no token counts were recorded' }) })
  const { line } = assess(session(), plan(kpi('error_rate'), missing), clock(0))
  expect(line.absent).toEqual({ cache_efficiency: 'no token counts were recorded' })
  expect(line.kpis).not.toHaveProperty('cache_efficiency')
  expect(line.completeness).toBe(0.5)
})

test('a KPI that throws is absent and noted, and the others are there', () => {
  const broken = kpi('broken', {
    compute: () => {
      throw new RangeError('invalid count')
    },
  })
  const { line } = assess(session(), plan(broken, kpi('error_rate')), clock(0))
  expect(line.kpis).toEqual({ error_rate: 0.5 })
  expect(line.absent).toEqual({ broken: 'computing it failed' })
  expect(line.notes).toEqual([{ code: 'kpi_failed', kpi: 'broken', message: 'RangeError: invalid count' }])
})

test('a value that is not finite is a failure, not a value', () => {
  const broken = kpi('broken', { compute: () => ({ ...MEASURED, value: Number.NaN }) })
  const { line } = assess(session(), plan(broken), clock(0))
  expect(line.kpis).toEqual({})
  expect(line.notes.map(({ code }) => code)).toEqual(['kpi_failed'])
})

test('a KPI that takes too long is noted and its value used', () => {
  const { line } = assess(session(), plan(kpi('error_rate')), clock(1001))
  expect(line.kpis).toEqual({ error_rate: 0.5 })
  expect(line.notes).toMatchObject([{ code: 'kpi_timeout', kpi: 'error_rate' }])
  expect(line.notes[0]?.message).toContain('1001 ms, expected at most 1000 ms')
})

test('a finding of the formula and a crossed threshold are both noted', () => {
  const capped = kpi('error_rate', {
    thresholds: { target: 0.9, warning: 0.6 },
    compute: () => ({ ...MEASURED, note: { code: 'ratio_capped', message: 'raw 1.5' } }),
  })
  const { line } = assess(session(), plan(capped), clock(0))
  expect(line.notes).toEqual([
    { code: 'ratio_capped', kpi: 'error_rate', message: 'raw 1.5' },
    {
      code: 'warning_threshold',
      kpi: 'error_rate',
      message: 'error_rate 0.50 is below the warning threshold 0.60',
      threshold: 0.6,
    },
  ])
})

test('a KPI sees the values of those before it', () => {
  const twice = kpi('twice', {
    compute: (_session, _facts, kpis) => ({ ...MEASURED, value: 2 * (kpis.error_rate ?? 0) }),
  })
  expect(assess(session(), plan(kpi('error_rate'), twice), clock(0)).line.kpis).toEqual({ error_rate: 0.5, twice: 1 })
})

test('KPIs that the configuration defines say how they are to be read', () => {
  const { line } = assess(session(), plan(kpi('error_rate'), kpi('mine', { custom: true, unit: '{call}' })), clock(0))
  expect(line.custom_kpis).toEqual({ mine: { label: 'mine', direction: 'higher', unit: '{call}' } })
})

test('invocations keep what is known of them', () => {
  const invocations = [
    invocation({ invocationId: 'a', agentType: 'Explore', startedAtMs: 1000, endedAtMs: 3500 }),
    invocation({ invocationId: 'b', parentId: 'a', agentType: 'Plan', startedAtMs: 2000, status: 'running' }),
  ]
  expect(assess(session({ invocations }), plan(), clock(0)).line.invocations).toEqual([
    {
      invocation_id: 'a',
      parent_id: null,
      agent_type: 'Explore',
      status: 'success',
      duration_seconds: 2.5,
      kpis: {},
      totals: {},
    },
    { invocation_id: 'b', parent_id: 'a', agent_type: 'Plan', status: 'running', kpis: {}, totals: {} },
  ])
})

test('an invocation has totals, tools and KPIs of its own work', () => {
  const tokens = { freshInput: 60, cacheRead: 30, cacheCreation: 0, output: 10, reasoning: 0 }
  const work = {
    activeIntervals: [[1000, 2000]],
    modelUse: { calls: 2, errors: 1, provisionalCalls: 0, tokens: { opus: tokens }, costUsd: 0.5 },
    tools: { Read: { calls: 3, failures: 1, unknown: 0 } },
    rejections: 0,
  } as const
  const invocations = [invocation({ startedAtMs: 1000, endedAtMs: 5000, work })]
  const own = plan(
    kpi('calls', { compute: ({ modelUse }) => ({ ...MEASURED, value: modelUse?.calls ?? 0 }) }),
    kpi('compactions'),
    kpi('evaluated', { compute: ({ evaluations }) => ({ absent: `${Object.keys(evaluations).length} scores` }) }),
  )
  const modelUse = { calls: 9, errors: 0, provisionalCalls: 0, tokens: {}, costUsd: undefined }
  expect(assess(session({ invocations, modelUse }), own, clock(0)).line.invocations).toMatchObject([
    {
      kpis: { calls: 2 },
      totals: {
        fresh_input_tokens: 60,
        cost_usd: 0.5,
        model_calls: 2,
        model_errors: 1,
        tool_calls: 3,
        tool_failures: 1,
      },
      tools: { Read: { calls: 3, failures: 1 } },
    },
  ])
})

test('the snapshot of an open session is live', () => {
  expect(assess(session({ trigger: 'live' }), plan(), clock(0))).toMatchObject({
    live: true,
    line: { completeness: 1 },
  })
})

function kpi(name: string, overrides: Partial<PlannedKpi> = {}): PlannedKpi {
  return {
    name,
    label: name,
    direction: 'higher',
    unit: '1',
    display: 'decimal',
    decimals: 2,
    custom: false,
    expected: true,
    thresholds: {},
    compute: () => MEASURED,
    ...overrides,
  }
}

function plan(...kpis: PlannedKpi[]): KpiPlan {
  return { kpis, prices: priceTable(), timeoutMs: 1000 }
}

/** A clock that moves by the same time whenever it is read. */
function clock(stepMs: number): () => number {
  let timeMs = 0
  return () => {
    timeMs += stepMs
    return timeMs
  }
}
