import type { InvocationStatus } from './activity.ts'
import type { SessionTrigger } from './session.ts'

/** Version of {@link LedgerLine}; a reader refuses lines of a newer one. */
export const LEDGER_SCHEMA = 1

/** The worst of a session's alerts: CRITICAL; WARNING for HIGH, WARNING and MEDIUM; PASS for INFO and none. */
export type AlertLevel = 'PASS' | 'WARNING' | 'CRITICAL'

/** From least to worst. */
export type AlertSeverity = 'INFO' | 'MEDIUM' | 'WARNING' | 'HIGH' | 'CRITICAL'

/**
 * Which rule raised an alert. Policy `standard`: `unusual` is one session that chance would hardly give, `far_outside` one
 * that it would not, `unusual_again` the second of three; `drifting`, `still_drifting` and `drifted_far` are a worsening
 * that lasts; `threshold_and_worse` is a crossed critical threshold in a session that looks worse than the few before it,
 * `threshold_without_history` a value twice as bad as one, before anything is known of the agent type. Policy `seed`: the
 * rows of the mission's matrix.
 */
export type AlertReason =
  | 'unusual'
  | 'far_outside'
  | 'unusual_again'
  | 'drifting'
  | 'still_drifting'
  | 'drifted_far'
  | 'threshold_and_worse'
  | 'threshold_without_history'
  | 'below_1_sigma'
  | 'from_1_sigma'
  | 'above_2_sigma'
  | 'consecutive_regressions'
  | 'hard_threshold'

export type AlertAction =
  | 'LOG'
  | 'WARN'
  | 'REVIEW'
  | 'BLOCK_SESSION'
  | 'GENERATE_INCIDENT_REPORT'
  | 'RECOMMEND_AGENT_RESTRUCTURING'
  | 'INVESTIGATE_COMPACTION'
  | 'RECOMMEND_TIMEOUT'
  | 'RECOMMEND_WORKFLOW_RESTRUCTURING'

/** A rule that fired. */
export interface AlertRule {
  readonly severity: AlertSeverity
  readonly reason: AlertReason
  /** What the rule asks for. Nothing is blocked unless the configuration says so. */
  readonly action: AlertAction
  readonly message: string
  readonly recommendation: string
}

/** What one KPI of one session is alarming about: the worst rule that fired, and the others beside it. */
export interface Alert extends AlertRule {
  /** Name of the KPI. */
  readonly metric: string
  readonly value: number
  /** What is usual for the agent type, as the rule saw it; absent where nothing is known of it. */
  readonly baseline?: number
  /** In standard deviations; positive is worse. */
  readonly deviation?: number
  readonly trend?: 'degrading'
  /** What policy `standard` decided on. */
  readonly statistics?: AlertStatistics
  /** The worst first. */
  readonly also?: readonly AlertRule[]
}

export interface AlertStatistics {
  /** Probability of a session at least this bad while nothing has changed. */
  readonly p: number
  /** Cumulative sum of how much worse than usual the last sessions were, this one included. */
  readonly cusum: number
  /** Sessions of the agent type that the comparison rests on. */
  readonly sessions: number
}

export type SuggestionPriority = 'CRITICAL' | 'HIGH' | 'MEDIUM' | 'LOW'

/** An optimisation that a rule proposes after a session. */
export interface LedgerSuggestion {
  /** The same for the same agent type and rule. */
  readonly id: string
  readonly rule: string
  readonly priority: SuggestionPriority
  readonly title: string
  /** The numbers that speak for it, in words. */
  readonly evidence: string
  /** What to do. */
  readonly implementation: string
}

/** What a KPI value rests on: `n` inputs from `sources`; `estimated` when a stand-in formula was used. */
export interface Evidence {
  readonly n: number
  readonly sources: readonly string[]
  readonly estimated: boolean
}

/** How a KPI that the configuration defines is to be read; those of the KPI table are described there. */
export interface CustomKpi {
  readonly label: string
  readonly direction: 'higher' | 'lower'
  readonly unit: string
}

/** Sums over a session or invocation. A field that nothing measured is absent, never 0. */
export interface Totals {
  readonly fresh_input_tokens?: number
  readonly cache_read_tokens?: number
  readonly cache_creation_tokens?: number
  readonly output_tokens?: number
  readonly reasoning_tokens?: number
  readonly cost_usd?: number
  readonly model_calls?: number
  readonly model_errors?: number
  readonly tool_calls?: number
  readonly tool_failures?: number
  readonly tool_rejections?: number
  readonly tasks_created?: number
  readonly tasks_completed?: number
  readonly prompts?: number
  readonly compactions?: number
}

/** What a session cost, in US dollars. */
export interface SessionCost {
  readonly usd: number
  /** By the prices of its models: no source reported it. */
  readonly estimated: boolean
  /**
   * What the same tokens had cost without a cache; absent where a model has no known price, and where a reported cost or
   * what it should be by prices is 0.
   */
  readonly without_cache_usd?: number
  /** When the prices were looked up: dates, or who set them, with a comma between them. */
  readonly prices_as_of?: string
}

/** Something worth knowing that is not an alert: a value below target, a KPI that failed, input drift. */
export interface Note {
  readonly code:
    | 'below_target'
    | 'warning_threshold'
    | 'critical_threshold'
    | 'kpi_failed'
    | 'kpi_timeout'
    | 'input_drift'
    | 'placeholder_output'
    | 'ratio_capped'
    | 'uncovered_tools'
    | 'suggestion_suppressed'
  readonly kpi?: string
  readonly message: string
  /** The target or threshold that the KPI's value does not reach. */
  readonly threshold?: number
}

export interface LedgerInvocation {
  readonly invocation_id: string
  readonly parent_id: string | null
  readonly agent_type: string
  readonly status: InvocationStatus
  readonly duration_seconds?: number
  /** As of a session: what hooks added to its context at its start. */
  readonly context_characters?: number
  /** Those that its own work gives. */
  readonly kpis: Readonly<Record<string, number>>
  readonly totals: Totals
  /** Absent when no tool call is known to be its own. */
  readonly tools?: LedgerLine['tools']
}

/** One revision of one assessed session: a line of `history/kpis.jsonl`. Times are ISO 8601 in UTC. */
export interface LedgerLine {
  readonly schema: number
  readonly session_id: string
  readonly revision: number
  /** The session's start. */
  readonly date: string
  readonly started_at: string
  readonly ended_at: string
  readonly agent_type: string
  readonly agent_version: string | null
  /** The model that wrote most of the output. */
  readonly model: string | null
  readonly duration_seconds: number
  readonly kpis: Readonly<Record<string, number>>
  readonly evidence: Readonly<Record<string, Evidence>>
  /** Absent when the configuration defines none. */
  readonly custom_kpis?: Readonly<Record<string, CustomKpi>>
  /** Why a KPI has no value. */
  readonly absent: Readonly<Record<string, string>>
  /** Share of the configured KPIs that have a value, 0 to 1; those that many sessions rightly lack are left out. */
  readonly completeness: number
  /** Mean and standard deviation of the agent type's baseline before this session, where there was one. */
  readonly baselines: Readonly<Record<string, number>>
  readonly std_devs: Readonly<Record<string, number>>
  /** In standard deviations; positive is worse. */
  readonly deviations: Readonly<Record<string, number>>
  readonly alert_level: AlertLevel
  /** At most one for each KPI, the worst first. */
  readonly alerts: readonly Alert[]
  readonly notes: readonly Note[]
  /** The most urgent first. */
  readonly suggestions: readonly LedgerSuggestion[]
  readonly optimizations_active: readonly string[]
  readonly arm: string | null
  /** Characters that hooks added to the session's context at its start, as its client says: what was injected is among them. */
  readonly context_characters?: number
  /** Of the agent's own file as the session had it; absent where there is none, or it was changed since. */
  readonly agent_file_hash?: string
  /** Absent where it is neither reported nor can be estimated. */
  readonly cost?: SessionCost
  /** Models whose price is not known, where that makes the cost unknown; `''` where the model is not known either. */
  readonly unpriced_models?: readonly string[]
  readonly totals: Totals
  readonly tools: Readonly<Record<string, { readonly calls: number; readonly failures: number }>>
  readonly invocations: readonly LedgerInvocation[]
  readonly sources: readonly string[]
  readonly trigger: SessionTrigger
}

/** Where a value stands in the history, as it was when the line was committed. */
export interface KpiHistory {
  /** Share of all committed values that are worse than this one, half of the equal ones included, 0 to 1 (near 1 = best). */
  readonly rank: number
  /** Number of committed values that the rank is over. */
  readonly count: number
  /** The agent type's last values up to this one, oldest first, at most 10. */
  readonly recent: readonly number[]
}

/** A session with its KPIs and what follows from them, on its way through the pipeline. */
export interface Assessment {
  readonly line: LedgerLine
  /** Of a session that is still open: never enters ledger or baselines. */
  readonly live: boolean
  /** Set by the commit where an exporter reads it: absent before it. */
  readonly history?: Readonly<Record<string, KpiHistory>>
  /** Set by the commit: how many sessions the ledger had with it. */
  readonly sessionsSoFar?: number
  /** Sent again because the exporter's cursor lies before it. */
  readonly replayed?: boolean
}
