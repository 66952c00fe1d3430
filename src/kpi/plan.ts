import type { Session } from '../model/session.ts'
import type { PriceTable } from './model-prices.ts'
import type { KpiResult } from './result.ts'
import type { SessionFacts } from './session-facts.ts'
import type { Threshold } from './thresholds.ts'

/** One KPI to compute. */
export interface PlannedKpi extends Threshold {
  readonly name: string
  readonly unit: string
  /** Defined by the configuration, not by the KPI table. */
  readonly custom: boolean
  /** Whether a session without it is less complete. */
  readonly expected: boolean
  /** @param kpis values of the KPIs that stand before this one in the plan */
  readonly compute: (session: Session, facts: SessionFacts, kpis: Readonly<Record<string, number>>) => KpiResult
}

/** Which KPIs are computed, in this order. */
export interface KpiPlan {
  readonly kpis: readonly PlannedKpi[]
  /** What models cost. */
  readonly prices: PriceTable
  /** A KPI that takes longer is noted. */
  readonly timeoutMs: number
}
