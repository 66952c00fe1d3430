import { compare } from '../baseline/compare.ts'
import { kpiDefinition } from '../kpi/table.ts'

/** The mission's example baseline of its translation agent, after 12 sessions. */
export const MISSION_BASELINE = {
  token_efficiency: { mean: 0.048, std_dev: 0.012 },
  task_completion_rate: { mean: 0.96, std_dev: 0.03 },
  active_time_ratio: { mean: 0.68, std_dev: 0.08 },
  tool_overhead_ratio: { mean: 0.42, std_dev: 0.11 },
  cache_efficiency: { mean: 0.94, std_dev: 0.04 },
  error_rate: { mean: 0.01, std_dev: 0.02 },
  quality_relevance: { mean: 0.94, std_dev: 0.02 },
  quality_faithfulness: { mean: 0.93, std_dev: 0.03 },
  quality_coherence: { mean: 0.92, std_dev: 0.03 },
  quality_hallucination: { mean: 0.04, std_dev: 0.02 },
} as const

const SETTINGS = { alpha: 0.2, bootstrapSessions: 5 }

/** Twelve values whose weighted mean is 0 and whose weighted standard deviation is 1, by the moving average's weights. */
const PATTERN = standardised([0.2, -1.1, 0.7, -0.4, 1.2, -0.9, 0.3, 0.8, -1.3, 0.5, -0.2, 0.6])

/** KPIs of twelve sessions that give that baseline; standard deviations below a KPI's floor come out as the floor. */
export const MISSION_SESSIONS: readonly Readonly<Record<string, number>>[] = PATTERN.map((position) =>
  Object.fromEntries(
    Object.entries(MISSION_BASELINE).map(([kpi, { mean, std_dev }]) => [kpi, mean + std_dev * position]),
  ),
)

/** How a session stands to that baseline exactly, without any floor. */
export function missionComparison(kpis: Readonly<Record<string, number>>) {
  const known = Object.entries(MISSION_BASELINE)
  return {
    baselines: Object.fromEntries(known.map(([kpi, { mean }]) => [kpi, mean])),
    deviations: Object.fromEntries(
      known.map(([kpi, { mean, std_dev }]) => {
        const above = ((kpis[kpi] ?? mean) - mean) / std_dev
        return [kpi, kpiDefinition(kpi)?.direction === 'lower' ? above : -above]
      }),
    ),
  }
}

function standardised(values: readonly number[]): readonly number[] {
  const { mean, stdDev } = momentsOf(values)
  return values.map((value) => (value - mean) / stdDev)
}

// A KPI of one's own has no floor but 5 % of the mean: far from 0 that would be too much.
function momentsOf(values: readonly number[]): { readonly mean: number; readonly stdDev: number } {
  const { baselines, std_devs } = compare({ own: 0 }, new Map([['own', values]]), SETTINGS, () => 'lower')
  return { mean: baselines.own ?? Number.NaN, stdDev: std_devs.own ?? Number.NaN }
}
