import type { InvocationStatus } from './activity.ts'
import type { SessionTrigger } from './session.ts'

/** Version of {@link LedgerLine}; a reader refuses lines of a newer one. */
export const LEDGER_SCHEMA = 1

export type AlertLevel = 'PASS' | 'WARNING' | 'CRITICAL'

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

/** Something worth knowing that is not an alert: a value below target, a KPI that failed, input drift. */
export interface Note {
  readonly code:
    | 'below_target'
    | 'warning_threshold'
    | 'critical_threshold'
    | 'kpi_failed'
    | 'kpi_timeout'
    | 'input_drift'
    | 'ratio_capped'
    | 'uncovered_tools'
  readonly kpi?: string
  readonly message: string
}

export interface LedgerInvocation {
  readonly invocation_id: string
  readonly parent_id: string | null
  readonly agent_type: string
  readonly status: InvocationStatus
  readonly duration_seconds?: number
  readonly kpis: Readonly<Record<string, number>>
  readonly totals: Totals
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
  /** Share of the configured KPIs that have a value, 0 to 1. */
  readonly completeness: number
  /** Mean and standard deviation of the agent type's baseline before this session, where there was one. */
  readonly baselines: Readonly<Record<string, number>>
  readonly std_devs: Readonly<Record<string, number>>
  /** In standard deviations; positive is worse. */
  readonly deviations: Readonly<Record<string, number>>
  readonly alert_level: AlertLevel
  readonly alerts: readonly unknown[]
  readonly notes: readonly Note[]
  readonly suggestions: readonly { readonly id: string; readonly rule: string; readonly priority: string }[]
  readonly optimizations_active: readonly string[]
  readonly arm: string | null
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
  /** Set by the commit: absent before it. */
  readonly history?: Readonly<Record<string, KpiHistory>>
  /** Sent again because the exporter's cursor lies before it. */
  readonly replayed?: boolean
}
