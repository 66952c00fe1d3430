import { type Random, randomFrom } from '../../scripts/samples/random.ts'
import { KPI_NAMES, KPI_TABLE, type KpiName } from '../../src/kpi/table.ts'
import type { Alert, LedgerLine } from '../../src/model/assessment.ts'
import { ledgerLine } from '../../src/model/ledger-line.fixture.ts'

export const WEEK_START_MS = Date.UTC(2026, 10, 9)
export const WEEK_MS = 7 * 86_400_000

const SESSIONS = 400
const AGENTS = ['code-reviewer', 'test-writer', 'planner', "o'brien"] as const
const MODELS = ['claude-opus-5', 'claude-haiku-5', null] as const

/** Sessions of a week: of several agent types and models, some at the same moment, none with all KPIs. */
export function demoWeek(seed: string): readonly LedgerLine[] {
  const random = randomFrom(seed)
  return Array.from({ length: SESSIONS }, (_, n) => demoLine(n, random))
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
    alert_level: alerts.some(({ severity }) => severity === 'CRITICAL')
      ? 'CRITICAL'
      : alerts.length > 0
        ? 'WARNING'
        : 'PASS',
    ...{ kpis, baselines, std_devs, deviations, alerts },
    suggestions: random.chance(0.1)
      ? [{ id: `opt-${n}`, rule: 'r', priority: 'LOW', title: 't', evidence: 'e', implementation: 'i' }]
      : [],
    totals: {
      fresh_input_tokens: random.integer(1, 10_000),
      cache_read_tokens: random.integer(1, 1_000_000),
      output_tokens: random.integer(1, 50_000),
      reasoning_tokens: random.integer(0, 5000),
      ...(random.chance(0.8) && { cost_usd: random.between(0.01, 9) }),
    },
  })
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
