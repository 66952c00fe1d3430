import { formatKpi } from '../kpi/format.ts'
import { type Direction, KPI_TABLE, type KpiDefinition, type KpiName } from '../kpi/table.ts'
import type { AlertAction, AlertRule, AlertSeverity, LedgerLine } from '../model/assessment.ts'
import type { FiredRule } from './alert-level.ts'
import { recommendationFor } from './recommendations.ts'

/** What the rules look at: a session that was compared with the baseline from before it. */
export type ComparedLine = Pick<LedgerLine, 'kpis' | 'baselines' | 'deviations' | 'custom_kpis'>

/** A session before, as far as the rules need it. */
export interface ComparedSession {
  readonly deviations: Readonly<Record<string, number>>
}

const WARNING_SIGMA = 1
const CRITICAL_SIGMA = 2
const CONSECUTIVE = 3

/** The KPIs whose consecutive regressions the mission counts. */
const TREND_KPIS: readonly string[] = [
  'token_efficiency',
  'task_completion_rate',
  'active_time_ratio',
] satisfies KpiName[]

interface HardThreshold {
  readonly kpi: KpiName
  readonly severity: AlertSeverity
  readonly action: AlertAction
  readonly message: string
}

const HARD_THRESHOLDS: readonly HardThreshold[] = [
  {
    kpi: 'token_efficiency',
    severity: 'CRITICAL',
    action: 'RECOMMEND_AGENT_RESTRUCTURING',
    message: 'Extremely low token efficiency suggests an architectural issue',
  },
  {
    kpi: 'task_completion_rate',
    severity: 'CRITICAL',
    action: 'INVESTIGATE_COMPACTION',
    message: 'Task completion failure suggests a compaction or tracking bug',
  },
  {
    kpi: 'error_rate',
    severity: 'CRITICAL',
    action: 'BLOCK_SESSION',
    message: 'High error rate: review the error logs',
  },
  {
    kpi: 'active_time_ratio',
    severity: 'MEDIUM',
    action: 'RECOMMEND_TIMEOUT',
    message: 'Low active time ratio: the session was mostly idle',
  },
  {
    kpi: 'tool_overhead_ratio',
    severity: 'HIGH',
    action: 'RECOMMEND_WORKFLOW_RESTRUCTURING',
    message: 'High tool overhead: most calls managed the work instead of doing it',
  },
]

/**
 * The mission's nine rules, literally: deviations on the bad side below 1, from 1 to 2 and above 2 standard deviations,
 * three sessions in a row on the bad side, and five fixed thresholds.
 *
 * @param before earlier sessions of the agent type, oldest first
 */
export function seedPolicy(line: ComparedLine, before: readonly ComparedSession[]): readonly FiredRule[] {
  return Object.entries(line.kpis).flatMap(([kpi, value]) => {
    const deviation = line.deviations[kpi]
    const baseline = line.baselines[kpi]
    const rules = [deviationRule(kpi, deviation), trendRule(kpi, deviation, before), thresholdRule(kpi, value)]
    const subject = {
      metric: kpi,
      value,
      ...(baseline !== undefined && { baseline }),
      ...(deviation !== undefined && { deviation }),
    }
    return rules
      .filter((rule) => rule !== undefined)
      .map((rule) => ({
        rule,
        subject: rule.reason === 'consecutive_regressions' ? { ...subject, trend: 'degrading' as const } : subject,
      }))
  })
}

function deviationRule(kpi: string, deviation: number | undefined): AlertRule | undefined {
  if (deviation === undefined || deviation <= 0) return undefined
  const message = `${kpi} is ${deviation.toFixed(1)} std dev on the bad side of its baseline`
  const rest = { message, recommendation: recommendationFor(kpi) }
  if (deviation > CRITICAL_SIGMA) {
    return { severity: 'CRITICAL', reason: 'above_2_sigma', action: 'BLOCK_SESSION', ...rest }
  }
  return deviation >= WARNING_SIGMA
    ? { severity: 'WARNING', reason: 'from_1_sigma', action: 'WARN', ...rest }
    : { severity: 'INFO', reason: 'below_1_sigma', action: 'LOG', ...rest }
}

/** Sessions that were not compared are not counted: they are neither above nor below. */
function trendRule(
  kpi: string,
  deviation: number | undefined,
  before: readonly ComparedSession[],
): AlertRule | undefined {
  if (!TREND_KPIS.includes(kpi) || deviation === undefined || deviation <= 0) return undefined
  const compared = before.map(({ deviations }) => deviations[kpi]).filter((other) => other !== undefined)
  const last = compared.slice(1 - CONSECUTIVE)
  if (last.length < CONSECUTIVE - 1 || last.some((other) => other <= 0)) return undefined
  return {
    severity: 'CRITICAL',
    reason: 'consecutive_regressions',
    action: 'GENERATE_INCIDENT_REPORT',
    message: `${CONSECUTIVE}+ consecutive sessions below baseline for ${kpi}`,
    recommendation: recommendationFor(kpi),
  }
}

function thresholdRule(kpi: string, value: number): AlertRule | undefined {
  const rule = HARD_THRESHOLDS.find((one) => one.kpi === kpi)
  if (rule === undefined) return undefined
  const definition: KpiDefinition = KPI_TABLE[rule.kpi]
  const { critical } = definition.thresholds.seed
  if (critical === undefined || !isBeyond(value, critical, definition.direction)) return undefined
  const limit = `${definition.direction === 'higher' ? 'below' : 'above'} ${formatKpi(critical, definition)}`
  return {
    severity: rule.severity,
    reason: 'hard_threshold',
    action: rule.action,
    message: `${rule.message} (${formatKpi(value, definition)}, ${limit})`,
    recommendation: recommendationFor(kpi),
  }
}

function isBeyond(value: number, threshold: number, direction: Direction): boolean {
  return direction === 'higher' ? value < threshold : value > threshold
}
