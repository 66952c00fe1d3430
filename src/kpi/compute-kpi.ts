import type { Session } from '../model/session.ts'
import type { PlannedKpi } from './plan.ts'
import type { KpiResult } from './result.ts'
import type { SessionFacts } from './session-facts.ts'

/** Computes one KPI. One that throws, or whose value is no finite number, is absent, with a note that says why. */
export function computeKpi(
  kpi: PlannedKpi,
  session: Session,
  facts: SessionFacts,
  kpis: Readonly<Record<string, number>>,
): KpiResult {
  try {
    const result = kpi.compute(session, facts, kpis)
    if ('absent' in result || Number.isFinite(result.value)) return result
    return failed(`its value is ${result.value}, not a finite number`)
  } catch (error) {
    return failed(
      error instanceof Error ? `${error.name}: ${error.message}` : 'it threw something that is not an error',
    )
  }
}

function failed(message: string): KpiResult {
  return { absent: 'computing it failed', note: { code: 'kpi_failed', message } }
}
