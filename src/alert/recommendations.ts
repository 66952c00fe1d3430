import type { KpiName } from '../kpi/table.ts'

/** What to look at when a KPI got worse. The five of the mission's matrix are its own. */
const BY_KPI = {
  token_efficiency: 'Consider background agents or context pre-loading.',
  task_completion_rate: 'Review context compaction logs and the life of the tasks.',
  active_time_ratio: 'Consider an idle timeout or hibernation.',
  tool_overhead_ratio: 'Restructure the workflow: fewer, coarser tasks.',
  error_rate: 'Review the logs of the tool calls that failed.',
  cache_efficiency: 'Keep the beginning of prompts the same from call to call, so that the cache can be read.',
  quality_relevance: 'Read the answers that the judge found irrelevant; check prompts and agent file for changes.',
  quality_faithfulness: 'Read the answers that the judge found unfaithful; load sources before they are needed.',
  quality_coherence: 'Read the answers that the judge found incoherent; check whether the context was compacted.',
  quality_hallucination: 'Load sources before they are needed, and check which answers had none.',
} as const satisfies Partial<Record<KpiName, string>>

const GENERAL = 'Compare with earlier sessions: model, version of the agent program, agent file, kind of work.'

/** @returns one or two sentences; something general for KPIs that it knows nothing about */
export function recommendationFor(kpi: string): string {
  return RECOMMENDATIONS.get(kpi) ?? GENERAL
}

const RECOMMENDATIONS: ReadonlyMap<string, string> = new Map(Object.entries(BY_KPI))
