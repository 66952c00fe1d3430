import * as z from 'zod'
import { LEDGER_SCHEMA } from '#src/model/assessment.ts'

const amount = z.number().nonnegative().exactOptional()
const share = z.number().min(0).max(1)
const byName = z.record(z.string(), z.number())
const time = z.iso.datetime()

const totals = z.strictObject({
  fresh_input_tokens: amount,
  cache_read_tokens: amount,
  cache_creation_tokens: amount,
  output_tokens: amount,
  reasoning_tokens: amount,
  cost_usd: amount,
  model_calls: amount,
  model_errors: amount,
  tool_calls: amount,
  tool_failures: amount,
  tool_rejections: amount,
  tasks_created: amount,
  tasks_completed: amount,
  prompts: amount,
  compactions: amount,
})

const note = z.strictObject({
  code: z.enum([
    'below_target',
    'warning_threshold',
    'critical_threshold',
    'kpi_failed',
    'kpi_timeout',
    'input_drift',
    'placeholder_output',
    'ratio_capped',
    'uncovered_tools',
    'suggestion_suppressed',
  ]),
  kpi: z.string().exactOptional(),
  message: z.string(),
  threshold: z.number().exactOptional(),
})

const alertRule = {
  severity: z.enum(['INFO', 'MEDIUM', 'WARNING', 'HIGH', 'CRITICAL']),
  reason: z.enum([
    'unusual',
    'far_outside',
    'unusual_again',
    'drifting',
    'still_drifting',
    'drifted_far',
    'threshold_and_worse',
    'threshold_without_history',
    'below_1_sigma',
    'from_1_sigma',
    'above_2_sigma',
    'consecutive_regressions',
    'hard_threshold',
  ]),
  action: z.enum([
    'LOG',
    'WARN',
    'REVIEW',
    'BLOCK_SESSION',
    'GENERATE_INCIDENT_REPORT',
    'RECOMMEND_AGENT_RESTRUCTURING',
    'INVESTIGATE_COMPACTION',
    'RECOMMEND_TIMEOUT',
    'RECOMMEND_WORKFLOW_RESTRUCTURING',
  ]),
  message: z.string(),
  recommendation: z.string(),
}

const alert = z.strictObject({
  ...alertRule,
  metric: z.string(),
  value: z.number(),
  baseline: z.number().exactOptional(),
  deviation: z.number().exactOptional(),
  trend: z.literal('degrading').exactOptional(),
  statistics: z
    .strictObject({ p: share, cusum: z.number().nonnegative(), sessions: z.int().nonnegative() })
    .exactOptional(),
  also: z.array(z.strictObject(alertRule)).exactOptional(),
})

const suggestion = z.strictObject({
  id: z.string(),
  rule: z.string(),
  priority: z.enum(['CRITICAL', 'HIGH', 'MEDIUM', 'LOW']),
  title: z.string(),
  evidence: z.string(),
  implementation: z.string(),
})

const tools = z.record(z.string(), z.strictObject({ calls: z.int().nonnegative(), failures: z.int().nonnegative() }))

const invocation = z.strictObject({
  invocation_id: z.string(),
  parent_id: z.string().nullable(),
  agent_type: z.string(),
  status: z.enum(['running', 'success', 'failure', 'unknown']),
  duration_seconds: amount,
  context_characters: z.int().nonnegative().exactOptional(),
  kpis: byName,
  totals,
  tools: tools.exactOptional(),
})

/**
 * A line of `history/kpis.jsonl` as a schema: everything of `LedgerLine`, strictly. For `doctor` and tests; readers use
 * the quicker `parseLedgerLine`.
 */
export const ledgerLineSchema = z.strictObject({
  schema: z.int().min(1).max(LEDGER_SCHEMA),
  session_id: z.string(),
  revision: z.int().min(1),
  date: time,
  started_at: time,
  ended_at: time,
  agent_type: z.string(),
  agent_version: z.string().nullable(),
  model: z.string().nullable(),
  duration_seconds: z.number().nonnegative(),
  kpis: byName,
  evidence: z.record(
    z.string(),
    z.strictObject({ n: z.int().nonnegative(), sources: z.array(z.string()), estimated: z.boolean() }),
  ),
  custom_kpis: z
    .record(z.string(), z.strictObject({ label: z.string(), direction: z.enum(['higher', 'lower']), unit: z.string() }))
    .exactOptional(),
  absent: z.record(z.string(), z.string()),
  completeness: share,
  baselines: byName,
  std_devs: byName,
  deviations: byName,
  alert_level: z.enum(['PASS', 'WARNING', 'CRITICAL']),
  alerts: z.array(alert),
  notes: z.array(note),
  suggestions: z.array(suggestion),
  optimizations_active: z.array(z.string()),
  arm: z.string().nullable(),
  context_characters: z.int().nonnegative().exactOptional(),
  agent_file_hash: z.string().exactOptional(),
  cost: z
    .strictObject({
      usd: z.number().nonnegative(),
      estimated: z.boolean(),
      without_cache_usd: amount,
      prices_as_of: z.string().exactOptional(),
    })
    .exactOptional(),
  unpriced_models: z.array(z.string()).exactOptional(),
  totals,
  tools,
  invocations: z.array(invocation),
  sources: z.array(z.string()),
  trigger: z.enum(['end_signal', 'idle', 'limit', 'end_of_input', 'live']),
})
