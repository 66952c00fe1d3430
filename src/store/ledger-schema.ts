import { z } from 'zod'
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
    'ratio_capped',
    'uncovered_tools',
  ]),
  kpi: z.string().exactOptional(),
  message: z.string(),
})

const invocation = z.strictObject({
  invocation_id: z.string(),
  parent_id: z.string().nullable(),
  agent_type: z.string(),
  status: z.enum(['running', 'success', 'failure', 'unknown']),
  duration_seconds: amount,
  kpis: byName,
  totals,
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
  alerts: z.array(z.unknown()),
  notes: z.array(note),
  suggestions: z.array(z.strictObject({ id: z.string(), rule: z.string(), priority: z.string() })),
  optimizations_active: z.array(z.string()),
  arm: z.string().nullable(),
  totals,
  tools: z.record(z.string(), z.strictObject({ calls: z.int().nonnegative(), failures: z.int().nonnegative() })),
  invocations: z.array(invocation),
  sources: z.array(z.string()),
  trigger: z.enum(['end_signal', 'idle', 'limit', 'end_of_input', 'live']),
})
