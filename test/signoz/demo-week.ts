import { type Random, randomFrom } from '../../scripts/samples/random.ts'
import { KPI_NAMES, KPI_TABLE, type KpiName } from '../../src/kpi/table.ts'
import type { Alert, AlertLevel, LedgerLine, LedgerSuggestion } from '../../src/model/assessment.ts'
import { ledgerLine } from '../../src/model/ledger-line.fixture.ts'

export const WEEK_START_MS = Date.UTC(2026, 10, 9)
export const WEEK_MS = 7 * 86_400_000

const SESSIONS = 400
const LONGEST_PAUSE_MS = 2 * 86_400_000
const AGENTS = ['code-reviewer', 'test-writer', 'planner', "o'brien"] as const
const MODELS = ['claude-opus-5', 'claude-haiku-5', null] as const

/** A revision of a session. */
export interface DemoRevision {
  readonly line: LedgerLine
  /** The line with only that in it which the revision before does not have. */
  readonly added: LedgerLine
}

/**
 * Sessions of a week, as they end: of several agent types and models, some at the same moment, none with all KPIs. Some go
 * on after they were assessed.
 */
export function demoWeek(seed: string): readonly DemoRevision[] {
  const random = randomFrom(seed)
  const revisions = Array.from({ length: SESSIONS }, (_, n) => revisionsOf(n, random)).flat()
  return revisions.toSorted((a, b) => Date.parse(a.line.ended_at) - Date.parse(b.line.ended_at))
}

function revisionsOf(n: number, random: Random): readonly DemoRevision[] {
  const first = demoLine(n, random)
  const endedMs = Date.parse(first.ended_at) + random.integer(60_000, LONGEST_PAUSE_MS)
  const goesOn = random.chance(0.2) && endedMs < WEEK_START_MS + WEEK_MS
  return [{ line: first, added: first }, ...(goesOn ? [secondRevision(first, endedMs, random)] : [])]
}

function secondRevision(first: LedgerLine, endedMs: number, random: Random): DemoRevision {
  const { output_tokens = 0, cache_read_tokens = 0, cost_usd = 0 } = first.totals
  const totals = {
    output_tokens: random.integer(1, 500_000),
    cache_read_tokens: random.integer(1, 9_000_000),
    cost_usd: random.between(1, 90),
  }
  const unalarming = KPI_NAMES.find((name) => first.alerts.every(({ metric }) => metric !== name))
  const alerts = unalarming === undefined ? [] : [alertOn(unalarming, random)]
  const suggestions = random.chance(0.5) ? suggestionsOf(`more-of-${first.session_id}`) : []
  const line: LedgerLine = {
    ...first,
    revision: 2,
    ended_at: new Date(endedMs).toISOString(),
    duration_seconds: first.duration_seconds + (endedMs - Date.parse(first.ended_at)) / 1000,
    kpis: Object.fromEntries(
      KPI_NAMES.filter((name) => first.kpis[name] !== undefined).map((name) => [name, kpiValue(name, random)]),
    ),
    alerts: [...first.alerts, ...alerts],
    alert_level: levelOf([...first.alerts, ...alerts]),
    suggestions: [...first.suggestions, ...suggestions],
    totals: {
      ...first.totals,
      output_tokens: output_tokens + totals.output_tokens,
      cache_read_tokens: cache_read_tokens + totals.cache_read_tokens,
      cost_usd: cost_usd + totals.cost_usd,
    },
  }
  return { line, added: { ...line, alerts, suggestions, totals } }
}

function demoLine(n: number, random: Random): LedgerLine {
  // Some end in the same millisecond, as sessions do that end by idleness.
  const endedMs = WEEK_START_MS + (n % 10 === 0 ? 36e5 * random.integer(1, 167) : random.integer(60_000, WEEK_MS - 1))
  const seconds = random.integer(5, 100_000)
  const kpis: Record<string, number> = {}
  const baselines: Record<string, number> = {}
  const std_devs: Record<string, number> = {}
  const deviations: Record<string, number> = {}
  for (const name of KPI_NAMES) {
    if (random.chance(0.2)) continue
    kpis[name] = kpiValue(name, random)
    if (n < 40) continue
    baselines[name] = kpiValue(name, random)
    std_devs[name] = random.between(0.01, 0.2)
    deviations[name] = random.normal(0, 1.5)
  }
  const alerts = KPI_NAMES.filter((name) => Math.abs(deviations[name] ?? 0) > 2.5).map((name) => alertOn(name, random))
  return ledgerLine({
    session_id: `demo-${n}`,
    started_at: new Date(endedMs - seconds * 1000).toISOString(),
    ended_at: new Date(endedMs).toISOString(),
    agent_type: random.pick(AGENTS),
    model: random.pick(MODELS),
    duration_seconds: seconds,
    completeness: random.next(),
    alert_level: levelOf(alerts),
    ...{ kpis, baselines, std_devs, deviations, alerts },
    suggestions: random.chance(0.1) ? suggestionsOf(`opt-${n}`) : [],
    totals: {
      fresh_input_tokens: random.integer(1, 10_000),
      cache_read_tokens: random.integer(1, 1_000_000),
      output_tokens: random.integer(1, 50_000),
      reasoning_tokens: random.integer(0, 5000),
      ...(random.chance(0.8) && { cost_usd: random.between(0.01, 9) }),
    },
  })
}

function levelOf(alerts: readonly Alert[]): AlertLevel {
  if (alerts.some(({ severity }) => severity === 'CRITICAL')) return 'CRITICAL'
  return alerts.length > 0 ? 'WARNING' : 'PASS'
}

function suggestionsOf(id: string): readonly LedgerSuggestion[] {
  return [{ id, rule: 'r', priority: 'LOW', title: 't', evidence: 'e', implementation: 'i' }]
}

function kpiValue(name: KpiName, random: Random): number {
  return KPI_TABLE[name].unit === '1' ? random.next() : random.between(0.001, 2000)
}

function alertOn(metric: string, random: Random): Alert {
  return {
    ...{ metric, severity: random.pick(['CRITICAL', 'WARNING']), reason: 'unusual', action: 'WARN' },
    ...{ message: 'm', recommendation: 'r', value: 1 },
  }
}
