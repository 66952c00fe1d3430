import type { Session } from '../model/session.ts'
import { activeTimeRatio } from './active-time-ratio.ts'
import { cacheEfficiency } from './cache-efficiency.ts'
import { compactions } from './compactions.ts'
import { costPerOutputToken, costPerTask } from './cost.ts'
import { editRetryRate } from './edit-retry-rate.ts'
import { errorRate } from './error-rate.ts'
import { freshTokenEfficiency } from './fresh-token-efficiency.ts'
import { handoffLatencyMs } from './handoff-latency.ts'
import { interruptionRate } from './interruption-rate.ts'
import type { PriceTable } from './model-prices.ts'
import { meanScore, medianScore } from './quality.ts'
import type { KpiResult } from './result.ts'
import { seedActiveTimeRatio } from './seed/active-time-ratio.ts'
import { seedCacheEfficiency } from './seed/cache-efficiency.ts'
import { seedErrorRate } from './seed/error-rate.ts'
import { seedMedianScore } from './seed/quality.ts'
import { seedTaskCompletionRate } from './seed/task-completion-rate.ts'
import { seedToolOverheadRatio } from './seed/tool-overhead-ratio.ts'
import type { Definitions, KpiName } from './table.ts'
import { taskCompletionRate } from './task-completion-rate.ts'
import { tokenEfficiency } from './token-efficiency.ts'
import { toolFailureRate } from './tool-failure-rate.ts'
import { type ToolLists, toolOverheadRatio } from './tool-overhead-ratio.ts'

/** Computes one KPI of a session. */
export type Formula = (session: Session, settings: FormulaSettings) => KpiResult

/** What the configuration says of formulas. */
export interface FormulaSettings extends ToolLists {
  readonly prices: PriceTable
}

const STANDARD: Readonly<Record<KpiName, Formula>> = {
  token_efficiency: tokenEfficiency,
  fresh_token_efficiency: freshTokenEfficiency,
  task_completion_rate: taskCompletionRate,
  active_time_ratio: activeTimeRatio,
  tool_overhead_ratio: toolOverheadRatio,
  cache_efficiency: cacheEfficiency,
  error_rate: errorRate,
  tool_failure_rate: toolFailureRate,
  compactions,
  edit_retry_rate: editRetryRate,
  interruption_rate: interruptionRate,
  cost_per_task: (session, { prices }) => costPerTask(session, prices),
  cost_per_output_token: (session, { prices }) => costPerOutputToken(session, prices),
  handoff_latency_ms: handoffLatencyMs,
  quality_relevance: (session) => medianScore(session, 'relevance'),
  quality_faithfulness: (session) => medianScore(session, 'faithfulness'),
  quality_coherence: (session) => medianScore(session, 'coherence'),
  quality_hallucination: (session) => meanScore(session, 'hallucination'),
}

/** The mission's formulas, over the same session; KPIs that the mission does not have keep the standard one. */
const SEED: Readonly<Record<KpiName, Formula>> = {
  ...STANDARD,
  task_completion_rate: seedTaskCompletionRate,
  active_time_ratio: seedActiveTimeRatio,
  tool_overhead_ratio: seedToolOverheadRatio,
  cache_efficiency: seedCacheEfficiency,
  error_rate: seedErrorRate,
  quality_relevance: (session) => seedMedianScore(session, 'relevance'),
  quality_faithfulness: (session) => seedMedianScore(session, 'faithfulness'),
  quality_coherence: (session) => seedMedianScore(session, 'coherence'),
}

export const FORMULAS: Readonly<Record<Definitions, Readonly<Record<KpiName, Formula>>>> = {
  standard: STANDARD,
  seed: SEED,
}
