import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { parse } from 'yaml'
import * as z from 'zod'
import type { Context, ItemOutcome } from '#src/component.ts'
import { edgarAndNadyne, session, toolUses } from '#src/kpi/session.fixture.ts'
import { KPI_NAMES } from '#src/kpi/table.ts'
import type { Assessment } from '#src/model/assessment.ts'
import type { Session } from '#src/model/session.ts'
import { configSchema } from './config.ts'
import { kpiAggregation } from './kpi_aggregation.ts'

test('Edgar & Nadyne, with the definitions of this project', async () => {
  const { line } = await assessed(edgarAndNadyne('A'), {})
  expect(line.kpis.token_efficiency).toBeCloseTo(0.001016, 6)
  expect(line.kpis.task_completion_rate).toBeCloseTo(0.8, 9)
  expect(line.kpis.tool_overhead_ratio).toBeCloseTo(1.7333, 4)
  expect(line.kpis.cache_efficiency).toBeCloseTo(0.9827, 4)
  expect(line.kpis.error_rate).toBe(0)
  expect(line.evidence.task_completion_rate).toMatchObject({ estimated: true })
  expect(Object.keys(line.absent)).toEqual(['compactions', 'interruption_rate', 'cost_per_task', 'handoff_latency_ms'])
  expect(line.absent.compactions).toContain('no source reported')
  expect(line.completeness).toBeCloseTo(12 / 13, 12)
  expect(line.notes.map(({ kpi, code }) => `${kpi}: ${code}`)).toEqual([
    'task_completion_rate: warning_threshold',
    'active_time_ratio: critical_threshold',
    'tool_overhead_ratio: warning_threshold',
  ])
})

test('Edgar & Nadyne, with the mission’s literal formulas and thresholds', async () => {
  const { line } = await assessed(edgarAndNadyne('A'), { definitions: 'seed' })
  expect(line.kpis.task_completion_rate).toBe(1)
  expect(line.kpis.tool_overhead_ratio).toBeCloseTo(2.36, 2)
  expect(line.kpis.active_time_ratio).toBe(0)
  expect(line.notes.map(({ kpi, code }) => `${kpi}: ${code}`)).toEqual([
    'token_efficiency: critical_threshold',
    'active_time_ratio: critical_threshold',
    'tool_overhead_ratio: critical_threshold',
  ])
})

test('prices of one’s own give the mission’s cost of Edgar & Nadyne, with and without its cache', async () => {
  const opus = { input: 15, cache_write: 18.75, cache_read: 1.5, output: 75 }
  const prices = { as_of: '2026-02-12', models: { 'claude-opus-4-6': opus } }
  const { line } = await assessed(edgarAndNadyne('A'), { prices })
  expect(line.cost).toMatchObject({ estimated: true, prices_as_of: 'pipelines.yaml of 2026-02-12' })
  expect(line.cost?.usd).toBeCloseTo(3.28, 2)
  expect(line.cost?.without_cache_usd).toBeCloseTo(26.42, 2)
  expect(line.kpis.cost_per_output_token).toBeCloseTo(3.2836 / 1752, 6)
  expect(line.evidence.cost_per_output_token?.estimated).toBe(true)
})

test.for<[name: string, prices: unknown]>([
  ['a price below 0', { models: { x: { input: -1, cache_write: 1, cache_read: 1, output: 1 } } }],
  ['a price that lacks a part', { models: { x: { input: 1, output: 1 } } }],
  ['a date that is none', { as_of: 'today' }],
])('%s is refused', ([, prices]) => {
  expect(configSchema.safeParse({ prices }).success).toBe(false)
})

test('KPIs of one’s own use totals, tools, the built-in KPIs and those above them', async () => {
  const { line } = await assessed(session({ tools: toolUses({ Write: 3, Read: 6 }) }), {
    kpis: {
      writes_per_read: { expr: 'tools.Write.calls / tools.Read.calls', direction: 'lower', unit: '1', warning: 0.4 },
      twice: { expr: '2 * kpis.writes_per_read', direction: 'higher', label: 'Twice' },
      per_edit: { expr: 'totals.tool_calls / tools.Edit.calls', direction: 'higher' },
    },
  })
  expect(line.kpis).toMatchObject({ writes_per_read: 0.5, twice: 1 })
  expect(line.absent.per_edit).toBe('tools.Edit is not known for this session')
  expect(line.custom_kpis).toEqual({
    writes_per_read: { label: 'Writes Per Read', direction: 'lower', unit: '1' },
    twice: { label: 'Twice', direction: 'higher', unit: '1' },
    per_edit: { label: 'Per Edit', direction: 'higher', unit: '1' },
  })
  expect(line.notes).toContainEqual({
    code: 'warning_threshold',
    kpi: 'writes_per_read',
    message: 'Writes Per Read 0.50 is above the warning threshold 0.40',
    threshold: 0.4,
  })
})

test('a KPI that is switched off is neither computed nor missed', async () => {
  const { line } = await assessed(edgarAndNadyne('A'), { kpis: { compactions: { enabled: false } } })
  expect(line.absent).not.toHaveProperty('compactions')
  expect(line.completeness).toBe(1)
})

test('thresholds can be changed and removed', async () => {
  const { line } = await assessed(edgarAndNadyne('A'), {
    kpis: {
      active_time_ratio: { target: null, warning: null, critical: null },
      tool_overhead_ratio: { warning: 1.8 },
      cache_efficiency: { target: 0.99 },
    },
  })
  expect(line.notes.map(({ kpi, code }) => `${kpi}: ${code}`)).toEqual([
    'task_completion_rate: warning_threshold',
    'tool_overhead_ratio: below_target',
    'cache_efficiency: below_target',
  ])
})

test('the lists of tools decide what is overhead', async () => {
  const { line } = await assessed(session({ tools: toolUses({ Plan: 4, Read: 2, Grep: 5 }) }), {
    management_tools: ['Plan'],
    productive_tools: ['Read'],
  })
  expect(line.kpis.tool_overhead_ratio).toBe(2)
})

test('a formula that throws costs its KPI, not the session, and is logged', async () => {
  const broken: Session = {
    ...edgarAndNadyne('A'),
    get evaluations(): never {
      throw new TypeError('no scores here')
    },
  }
  const warnings: unknown[] = []
  const { line } = await assessed(broken, {}, warnings)
  expect(line.kpis).toHaveProperty('token_efficiency')
  expect(line.kpis).not.toHaveProperty('quality_relevance')
  expect(line.notes.filter(({ code }) => code === 'kpi_failed')).toHaveLength(4)
  expect(warnings).toHaveLength(4)
  expect(warnings[0]).toEqual({ session: 'session-1', kpi: 'quality_relevance', reason: 'kpi_failed' })
})

test.for<{ name: string; config: object; path: string; message: string }>([
  {
    name: 'a misspelt KPI',
    config: { kpis: { eror_rate: { warning: 0.1 } } },
    path: 'kpis.eror_rate',
    message:
      'expected a built-in KPI, or expr and direction for one of your own, found neither (did you mean error_rate?)',
  },
  {
    name: 'a formula for a built-in KPI',
    config: { kpis: { error_rate: { expr: '1' } } },
    path: 'kpis.error_rate.expr',
    message: 'expected enabled, target, warning or critical for the built-in KPI error_rate, found expr',
  },
  {
    name: 'a KPI without direction',
    config: { kpis: { mine: { expr: 'totals.prompts' } } },
    path: 'kpis.mine',
    message: 'expected direction: higher or direction: lower, found none',
  },
  {
    name: 'a KPI without formula',
    config: { kpis: { mine: { direction: 'lower' } } },
    path: 'kpis.mine',
    message: 'expected expr, found none',
  },
  {
    name: 'a name that cannot be part of a metric name',
    config: { kpis: { 'My KPI': { expr: '1', direction: 'lower' } } },
    path: 'kpis.My KPI',
    message: 'expected a name of lower-case letters',
  },
  {
    name: 'a typo in a formula',
    config: { kpis: { mine: { expr: 'totals.output_token / 2', direction: 'lower' } } },
    path: 'kpis.mine.expr',
    message: 'totals.output_token is unknown (did you mean totals.output_tokens?)',
  },
  {
    name: 'a formula that uses itself',
    config: { kpis: { mine: { expr: 'kpis.mine + 1', direction: 'lower' } } },
    path: 'kpis.mine.expr',
    message: 'kpis.mine is unknown',
  },
  {
    name: 'a formula that uses a KPI below it',
    config: { kpis: { first: { expr: 'kpis.next', direction: 'lower' }, next: { expr: '1', direction: 'lower' } } },
    path: 'kpis.first.expr',
    message: 'kpis.next is unknown',
  },
  {
    name: 'a formula that uses a KPI that is switched off',
    config: { kpis: { error_rate: { enabled: false }, mine: { expr: 'kpis.error_rate', direction: 'lower' } } },
    path: 'kpis.mine.expr',
    message: 'kpis.error_rate is unknown',
  },
  {
    name: 'a formula over a baseline, which is not known yet',
    config: { kpis: { mine: { expr: 'baselines.error_rate', direction: 'lower' } } },
    path: 'kpis.mine.expr',
    message: 'baselines is unknown',
  },
  {
    name: 'a condition where a number is due',
    config: { kpis: { mine: { expr: 'totals.prompts > 1', direction: 'lower' } } },
    path: 'kpis.mine.expr',
    message: 'expected a number, found boolean',
  },
  {
    name: 'a warning threshold on the good side of the target',
    config: { kpis: { cache_efficiency: { warning: 0.95 } } },
    path: 'kpis.cache_efficiency.warning',
    message: 'expected warning at most target (0.9), found 0.95',
  },
  {
    name: 'thresholds in the wrong order, lower is better',
    config: { kpis: { mine: { expr: '1', direction: 'lower', warning: 3, critical: 2 } } },
    path: 'kpis.mine.critical',
    message: 'expected critical at least warning (3), found 2',
  },
])('the configuration is refused: $name', ({ config, path, message }) => {
  const issues = configSchema.safeParse(config).error?.issues ?? []
  expect(issues).toHaveLength(1)
  expect(issues[0]?.path.join('.')).toBe(path)
  expect(issues[0]?.message).toContain(message)
})

test('all problems are found at once', () => {
  const result = configSchema.safeParse({
    kpis: { eror_rate: {}, mine: { expr: 'nope' }, cache_efficiency: { critical: 0.99 } },
  })
  expect(result.error?.issues.map(({ path }) => path.join('.'))).toEqual([
    'kpis.eror_rate',
    'kpis.mine.expr',
    'kpis.mine',
    'kpis.cache_efficiency.critical',
  ])
})

test('a typo in a formula is found beside values of the wrong kind', () => {
  const issues = configSchema.safeParse({
    definitions: 'other',
    surprise: 1,
    kpis: {
      broken: { expr: 7, direction: 'up' },
      half: { expr: 'totals.output_tokn / 2', direction: 'up' },
      mine: { expr: 'kpis.broken + totals.nope', direction: 'lower' },
    },
  }).error?.issues
  expect(issues?.map(({ path }) => path.join('.')).toSorted()).toEqual([
    '',
    'definitions',
    'kpis.broken.direction',
    'kpis.broken.expr',
    'kpis.half.direction',
    'kpis.half.expr',
    'kpis.mine.expr',
  ])
})

test.for([{ kpis: 'all' }, { kpis: [1] }, { kpis: { mine: 'x' } }, { kpis: null }])(
  '%j is refused, not a crash',
  (config) => {
    expect(configSchema.safeParse(config).success).toBe(false)
  },
)

test('the configuration has a JSON schema', () => {
  const { properties } = z.toJSONSchema(configSchema, { io: 'input' })
  expect(Object.keys(properties ?? {})).toEqual([
    'definitions',
    'management_tools',
    'productive_tools',
    'kpi_timeout',
    'prices',
    'kpis',
  ])
})

test('the README’s example is a valid configuration, and every KPI stands in it', () => {
  const readme = readFileSync(join(import.meta.dirname, 'README.md'), 'utf8')
  const example = parse(/```yaml\n(.*?)```/s.exec(readme)?.[1] ?? '')
  expect(configSchema.safeParse(example.processors.kpi_aggregation).error).toBeUndefined()
  for (const kpi of KPI_NAMES) expect(readme).toContain(`\`${kpi}\``)
})

test('what is refused downstream is refused here, and not counted', async () => {
  const { context, items } = contextFor([])
  const processor = kpiAggregation.create(configSchema.parse({}), context, async () => {
    throw new Error('queue full')
  })
  await expect(processor.consume([session()])).rejects.toThrow('queue full')
  expect(items).toEqual([])
})

async function assessed(input: Session, config: object, warnings: unknown[] = []): Promise<Assessment> {
  const { context, items } = contextFor(warnings)
  const handedOn: Assessment[] = []
  const processor = kpiAggregation.create(configSchema.parse(config), context, async (batch) => {
    handedOn.push(...batch)
  })
  await processor.consume([input])
  expect(items).toEqual(['received 1', 'used 1'])
  const [assessment] = handedOn
  if (assessment === undefined) throw new Error('nothing was handed on')
  return assessment
}

function contextFor(warnings: unknown[]): { readonly context: Context; readonly items: string[] } {
  const items: string[] = []
  const context = {
    id: 'sessions/kpi_aggregation',
    log: { debug() {}, info() {}, warn: (fields: unknown) => warnings.push(fields), error() {} },
    items: {
      received: (count: number) => items.push(`received ${count}`),
      settled: (outcome: ItemOutcome, count: number) => items.push(`${outcome} ${count}`),
      holding() {},
      unknownName() {},
    },
  } as unknown as Context
  return { context, items }
}
