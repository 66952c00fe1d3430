import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { signoz } from '../../exporters/signoz/signoz.ts'
import { kpiDashboard } from '../../scripts/signoz/kpi-dashboard.ts'
import { KPI_NAMES } from '../../src/kpi/table.ts'
import type { LedgerLine } from '../../src/model/assessment.ts'
import { Accounting } from '../../src/service/accounting.ts'
import { InputProgress } from '../../src/service/input-progress.ts'
import { openStore } from '../../src/store/open-store.ts'
import { ClickHouse } from './clickhouse.ts'
import { demoWeek, WEEK_MS, WEEK_START_MS } from './demo-week.ts'
import type { Choices } from './filter-sql.ts'
import { Ingester } from './ingester.ts'
import type { Range } from './metric-sql.ts'
import { panelResult, type Shown } from './panel-results.ts'

/** The real exporter fills tables as SigNoz's collector does, and every panel is asked as SigNoz asks it. */

const SEED = process.env.SEED ?? 'demo week'
const RANGE: Range = { startMs: WEEK_START_MS, endMs: WEEK_START_MS + WEEK_MS, stepSeconds: 1980 }
const STEP_MS = RANGE.stepSeconds * 1000
const ALL: Choices = { agent_type: 'all', model: 'all' }
const EXACT = 1e-9

const { panels } = kpiDashboard().spec
const week = demoWeek(SEED)
/** All revisions. */
const lines = week.map(({ line }) => line)
const sessions = lines.filter(({ revision }) => revision === 1)
/** What sums are made of. */
const added = week.map((revision) => revision.added)
console.log(
  `SigNoz-shaped store: ${sessions.length} sessions, ${lines.length - sessions.length} of which went on, seed «${SEED}»`,
)

let store: ClickHouse
let ingester: Ingester
let accounts: Accounting

beforeAll(async () => {
  store = new ClickHouse()
  ingester = new Ingester(store)
  accounts = await exported(lines, await ingester.start())
  await ingester.stop()
})

afterAll(() => store.close())

describe('nothing is lost, and nothing is added', () => {
  test('every request arrived', () => {
    const { requests_queued, ...others } = accounts.components().get('signoz')?.noticed ?? {}
    expect(others).toEqual({ requests_delivered: requests_queued })
    expect(accounts.components().get('signoz')?.settled).toEqual({ used: lines.length })
  })

  test('every number of every revision is there once, at its time', () => {
    const [{ samples } = {}] = store.rows(
      "SELECT count() AS samples FROM signoz_metrics.samples_v4 WHERE metric_name LIKE 'agent.performance.%'",
    )
    // A histogram is 13 buckets, count, sum, min and max.
    expect(Number(samples)).toBe(sumOf(lines, gaugesOf) + sumOf(added, sumsOf) + 17 * sessions.length)
    for (const kpi of KPI_NAMES) {
      const rows = store.rows(
        `SELECT unix_milli, value FROM signoz_metrics.samples_v4 WHERE metric_name = 'agent.performance.${kpi}'`,
      )
      const sent = lines.flatMap(({ kpis, ended_at }) =>
        kpis[kpi] === undefined ? [] : [{ unix_milli: Date.parse(ended_at), value: kpis[kpi] }],
      )
      expect(rows.map(keyOf).toSorted(), kpi).toEqual(sent.map(keyOf).toSorted())
    }
  })

  test('no series knows a session', () => {
    const [{ series } = {}] = store.rows(
      "SELECT count() AS series FROM signoz_metrics.time_series_v4 WHERE labels LIKE '%demo-%'",
    )
    expect(Number(series)).toBe(0)
  })

  test('every revision is one record', () => {
    const rows = store.rows("SELECT attributes_string['session.id'] AS id, timestamp FROM signoz_logs.logs_v2")
    expect(rows.map(({ id }) => String(id)).toSorted()).toEqual(lines.map(({ session_id }) => session_id).toSorted())
  })
})

describe('no panel is empty', () => {
  test.for(Object.keys(panels))('%s', (id) => {
    const { shown, records } = resultOf(id)
    expect(shown.length + records.length).toBeGreaterThan(0)
    expect(shown.every(({ value }) => Number.isFinite(value))).toBe(true)
  })
})

describe('numbers', () => {
  const only = (id: string, choices?: Choices): number => {
    const { shown } = resultOf(id, choices)
    expect(shown).toHaveLength(1)
    return shown[0]?.value ?? Number.NaN
  }
  const chosen = added.filter(({ agent_type, model }) => agent_type === 'planner' && model === 'claude-opus-5')
  const choices: Choices = { agent_type: ['planner'], model: ['claude-opus-5'] }

  test.for<{ id: string; of: (line: LedgerLine) => number }>([
    { id: 'sessions', of: ({ revision }) => (revision === 1 ? 1 : 0) },
    { id: 'cost', of: ({ totals }) => totals.cost_usd ?? 0 },
    { id: 'alerts-critical', of: ({ alerts }) => alerts.filter(({ severity }) => severity === 'CRITICAL').length },
    { id: 'alerts-warning', of: ({ alerts }) => alerts.filter(({ severity }) => severity === 'WARNING').length },
    { id: 'suggestions-proposed', of: ({ suggestions }) => suggestions.length },
  ])('$id', ({ id, of }) => {
    expect(only(id)).toBeCloseTo(sumOf(added, of), 9)
    expect(only(id, choices)).toBeCloseTo(sumOf(chosen, of), 9)
  })

  test('cost is that of the last revisions', () => {
    const last = new Map(lines.map(({ session_id, totals }) => [session_id, totals.cost_usd ?? 0]))
    expect(only('cost')).toBeCloseTo(
      [...last.values()].reduce((sum, cost) => sum + cost, 0),
      6,
    )
  })

  test('completeness', () => {
    expect(only('completeness')).toBeCloseTo(sumOf(lines, ({ completeness }) => completeness) / lines.length, 9)
  })
})

describe('bars', () => {
  test.for<{ id: string; of: (line: LedgerLine) => Readonly<Record<string, number | undefined>> }>([
    { id: 'sessions-by-agent', of: ({ agent_type, revision }) => (revision === 1 ? { [agent_type]: 1 } : {}) },
    { id: 'cost-by-model', of: ({ model, totals }) => ({ [model ?? '']: totals.cost_usd }) },
    { id: 'alerts-by-severity', of: ({ alerts }) => counted(alerts.map(({ severity }) => severity)) },
    {
      id: 'suggestions-by-agent',
      of: ({ agent_type, suggestions }) => ({ [agent_type]: suggestions.length || undefined }),
    },
    {
      id: 'tokens',
      of: ({ totals: { fresh_input_tokens, cache_read_tokens, output_tokens } }) => ({
        fresh_input: fresh_input_tokens,
        cache_read: cache_read_tokens,
        output: output_tokens,
      }),
    },
  ])('$id', ({ id, of }) => {
    const expected = new Map<string, number>()
    for (const line of added) {
      for (const [group, value] of Object.entries(of(line))) {
        if (value !== undefined) add(expected, `${stepOf(line)} ${group}`, value)
      }
    }
    expectSame(
      byKey(resultOf(id).shown, ({ stepMs, group }) => `${stepMs} ${group}`),
      expected,
    )
  })

  test('alerts-by-kpi', () => {
    const expected = new Map<string, number>()
    for (const { agent_type, alerts } of added) {
      for (const { metric, severity } of alerts) add(expected, `${agent_type},${metric},${severity}`, 1)
    }
    expectSame(
      byKey(resultOf('alerts-by-kpi').shown, ({ group }) => String(group)),
      expected,
    )
  })
})

describe('means over sessions', () => {
  test('of the week, by agent type, exact; absent where nothing was measured', () => {
    const expected = meansBy(({ agent_type }) => agent_type)
    const found = ['scoreboard-1', 'scoreboard-2'].flatMap((id, table) =>
      resultOf(id).shown.map(({ series, ...one }) => ({
        ...one,
        series: KPI_NAMES[9 * table + Number(series.slice(1)) - 1] ?? series,
      })),
    )
    expectSame(
      byKey(found, ({ series, group }) => `${series} ${group}`),
      expected,
    )
    expect(found).toHaveLength(expected.size)
  })

  test('of each step, exact', () => {
    const expected = meansBy((line) => `${line.agent_type} ${stepOf(line)}`)
    const found = KPI_NAMES.flatMap((kpi) => seriesOf(kpi, 'F1').map((one) => ({ ...one, series: kpi })))
    expectSame(
      byKey(found, ({ series, group, stepMs }) => `${series} ${group} ${stepMs}`),
      expected,
    )
  })

  test.for(KPI_NAMES)('%s: what is usual lies in the middle of its band, as wide as a standard deviation', (kpi) => {
    const usual = byStep(seriesOf(kpi, 'C'))
    const above = byStep(seriesOf(kpi, 'F2'))
    const below = byStep(seriesOf(kpi, 'F3'))
    const baselines = twoLevelMeans(({ baselines }) => baselines[kpi])
    const deviations = twoLevelMeans(({ std_devs }) => std_devs[kpi])
    expectSame(usual, baselines)
    expectSame(above, new Map([...baselines].map(([key, value]) => [key, value + (deviations.get(key) ?? Number.NaN)])))
    expectSame(below, new Map([...baselines].map(([key, value]) => [key, value - (deviations.get(key) ?? Number.NaN)])))
  })

  test('of one agent type and model', () => {
    const chosen = lines.filter(
      ({ agent_type, model, kpis }) =>
        agent_type === "o'brien" && model === 'claude-haiku-5' && kpis.error_rate !== undefined,
    )
    const { shown } = resultOf('scoreboard-1', { agent_type: ["o'brien"], model: ['claude-haiku-5'] })
    const found = shown.filter(({ series }) => series === `F${KPI_NAMES.indexOf('error_rate') + 1}`)
    expect(found.map(({ group }) => group)).toEqual([["o'brien"]])
    expect(
      Math.abs((found[0]?.value ?? 0) - sumOf(chosen, ({ kpis }) => kpis.error_rate ?? 0) / chosen.length),
    ).toBeLessThan(EXACT)
  })
})

test('deviation: the worst of each step', () => {
  const expected = new Map<string, number>()
  for (const line of lines) {
    for (const [kpi, deviation] of Object.entries(line.deviations)) {
      const key = `${line.agent_type},${kpi} ${stepOf(line)}`
      expected.set(key, Math.max(deviation, expected.get(key) ?? Number.NEGATIVE_INFINITY))
    }
  }
  expectSame(
    byKey(resultOf('deviation').shown, ({ group, stepMs }) => `${group} ${stepMs}`),
    expected,
  )
})

test('duration: percentiles lie in the bucket of the true ones', () => {
  const bounds = [0, 30, 60, 120, 300, 600, 1200, 1800, 3600, 7200, 14_400, 28_800, 86_400]
  const bucketOf = (seconds: number): number =>
    bounds.findIndex((bound, i) => seconds >= bound && seconds <= (bounds[i + 1] ?? Infinity))
  const groups = Map.groupBy(sessions, (line) => `${line.agent_type} ${stepOf(line)}`)
  const { shown } = resultOf('duration')
  expect(shown).toHaveLength(2 * groups.size)
  for (const { series, group, stepMs, value } of shown) {
    const durations = (groups.get(`${group} ${stepMs}`) ?? [])
      .map(({ duration_seconds }) => duration_seconds)
      .toSorted((a, b) => a - b)
    const rank = Math.ceil((series === 'A' ? 0.5 : 0.95) * durations.length) - 1
    // Of what is beyond the last bound only that is known.
    const expected = Math.min(bucketOf(durations[rank] ?? Number.NaN), bounds.length - 2)
    expect(bucketOf(value), `${group} ${durations}`).toBe(expected)
  }
})

describe('sessions', () => {
  test('percentiles of token efficiency are exact', () => {
    const expected = new Map<string, number>()
    for (const [key, all] of Map.groupBy(lines, (line) => `${line.agent_type} ${stepOf(line)}`)) {
      const values = all.flatMap(({ kpis }) => kpis.token_efficiency ?? [])
      if (values.length === 0) continue
      expected.set(`A.p50 ${key}`, quantile(values, 0.5))
      expected.set(`A.p95 ${key}`, quantile(values, 0.95))
    }
    const { shown } = resultOf('token-efficiency-percentiles')
    expectSame(
      byKey(shown, ({ series, group, stepMs }) => `${series} ${group} ${stepMs}`),
      expected,
    )
  })

  test('those with the most errors, the worst first', () => {
    const levels = Map.groupBy(
      lines.filter(({ kpis }) => kpis.error_rate !== undefined),
      ({ session_id, agent_type, alert_level }) => [session_id, agent_type, alert_level].join(' '),
    )
    const worst = [...levels]
      .map(([key, all]) => [...key.split(' '), Math.max(...all.map(({ kpis }) => kpis.error_rate ?? 0))] as const)
      .toSorted((a, b) => Number(b.at(-1)) - Number(a.at(-1)))
      .slice(0, 20)
    const found = resultOf('worst-sessions').shown.filter(({ series }) => series === 'A.error_rate')
    expect(found.map(({ group, value }) => [...group, value])).toEqual(worst)
  })

  test('the last ones', () => {
    const { records } = resultOf('session-list')
    const last = lines
      .map(({ ended_at }) => Date.parse(ended_at))
      .toSorted((a, b) => b - a)
      .slice(0, 50)
    expect(records.map(({ timestamp }) => Number(BigInt(String(timestamp)) / 1_000_000n))).toEqual(last)
    const byIdAndTime = new Map(lines.map((line) => [`${line.session_id} ${Date.parse(line.ended_at)}000000`, line]))
    for (const record of records) {
      const line = byIdAndTime.get(`${record['session.id']} ${record.timestamp}`)
      expect(line).toBeDefined()
      expect(record).toMatchObject({
        'agent.type': line?.agent_type,
        'gen_ai.request.model': line?.model ?? '',
        'alert.level': line?.alert_level,
      })
    }
  })
})

async function exported(all: readonly LedgerLine[], endpoint: string): Promise<Accounting> {
  const directory = await mkdtemp(join(tmpdir(), 'agentperf-signoz-'))
  const opened = await openStore({ directory, mode: 'write', nowMs: Date.now })
  const accounting = new Accounting()
  const exporter = signoz.create(signoz.configSchema.parse({ endpoint }), {
    id: 'signoz',
    log: { debug() {}, info() {}, warn() {}, error() {} },
    now: Date.now,
    items: accounting.itemsOf('signoz'),
    progress: new InputProgress().of('signoz'),
    store: opened,
    decisions: { answerHook: () => ({ body: {}, events: [] }), nameAgentTypes() {}, tellAlarms() {} },
  })
  try {
    await exporter.start()
    for (let first = 0; first < all.length; first += 50) {
      const batch = all.slice(first, first + 50).map((line) => ({ line, live: false }))
      await opened.commit(batch)
      await exporter.consume(batch)
    }
    const isDone = (): boolean => {
      const { requests_queued, requests_delivered } = accounting.components().get('signoz')?.noticed ?? {}
      return requests_delivered === requests_queued
    }
    while (!isDone()) await sleep(5)
  } finally {
    await exporter.stop()
    await opened.close()
    await rm(directory, { recursive: true, force: true })
  }
  return accounting
}

function resultOf(id: string, choices = ALL) {
  const panel = panels[id]
  if (panel === undefined) throw new Error(`no panel ${id}`)
  return panelResult(panel, store, choices, RANGE)
}

function seriesOf(kpi: string, series: string): readonly Shown[] {
  return resultOf(`kpi-${kpi.replaceAll('_', '-')}`).shown.filter((one) => one.series === series)
}

function gaugesOf({ kpis, baselines, std_devs, deviations }: LedgerLine): number {
  return [kpis, baselines, std_devs, deviations].reduce((sum, values) => sum + Object.keys(values).length, 0)
}

function sumsOf({ revision, totals, alerts, suggestions }: LedgerLine): number {
  return (revision === 1 ? 1 : 0) + alerts.length + (suggestions.length > 0 ? 1 : 0) + Object.keys(totals).length
}

function meansBy(keyOfLine: (line: LedgerLine) => string): ReadonlyMap<string, number> {
  const values = new Map<string, number[]>()
  for (const line of lines) {
    for (const [kpi, value] of Object.entries(line.kpis)) {
      const key = `${kpi} ${keyOfLine(line)}`
      values.set(key, [...(values.get(key) ?? []), value])
    }
  }
  return new Map([...values].map(([key, all]) => [key, mean(all)]))
}

/** As SigNoz averages a gauge: first in each series, here of one model, then over series. */
function twoLevelMeans(of: (line: LedgerLine) => number | undefined): ReadonlyMap<string, number> {
  const found = new Map<string, number>()
  for (const [key, all] of Map.groupBy(lines, (line) => `${line.agent_type} ${stepOf(line)}`)) {
    const models = [...Map.groupBy(all, ({ model }) => model).values()]
    const means = models
      .map((ofModel) => ofModel.flatMap((line) => of(line) ?? []))
      .filter((values) => values.length > 0)
      .map(mean)
    if (means.length > 0) found.set(key, mean(means))
  }
  return found
}

function byStep(shown: readonly Shown[]): ReadonlyMap<string, number> {
  return byKey(shown, ({ group, stepMs }) => `${group} ${stepMs}`)
}

function byKey(shown: readonly Shown[], keyOfShown: (one: Shown) => string): ReadonlyMap<string, number> {
  const found = new Map(shown.map((one) => [keyOfShown(one), one.value]))
  expect(found.size).toBe(shown.length)
  return found
}

/** Relative to how large the numbers are. */
function expectSame(found: ReadonlyMap<string, number>, expected: ReadonlyMap<string, number>): void {
  expect(expected.size).toBeGreaterThan(0)
  expect([...found.keys()].toSorted()).toEqual([...expected.keys()].toSorted())
  const different = [...expected].filter(
    ([key, value]) => !(Math.abs((found.get(key) ?? Number.NaN) - value) <= EXACT * Math.max(1, Math.abs(value))),
  )
  expect(different.map(([key, value]) => [key, found.get(key), value])).toEqual([])
}

function add(totals: Map<string, number>, key: string, value: number): void {
  totals.set(key, (totals.get(key) ?? 0) + value)
}

function counted(names: readonly string[]): Readonly<Record<string, number>> {
  return Object.fromEntries([...Map.groupBy(names, (name) => name)].map(([name, all]) => [name, all.length]))
}

function stepOf({ ended_at }: LedgerLine): number {
  return Math.floor(Date.parse(ended_at) / STEP_MS) * STEP_MS
}

function keyOf({ unix_milli, value }: Readonly<Record<string, unknown>>): string {
  return `${unix_milli} ${value}`
}

function sumOf(all: readonly LedgerLine[], of: (line: LedgerLine) => number): number {
  return all.reduce((sum, line) => sum + of(line), 0)
}

function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length
}

/** R-7, as ClickHouse's. */
function quantile(values: readonly number[], level: number): number {
  const sorted = values.toSorted((a, b) => a - b)
  const at = level * (sorted.length - 1)
  const [low = Number.NaN, high = low] = [sorted[Math.floor(at)], sorted[Math.ceil(at)]]
  return low + (high - low) * (at - Math.floor(at))
}
