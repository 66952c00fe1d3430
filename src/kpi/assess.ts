import {
  type Assessment,
  type CustomKpi,
  type Evidence,
  LEDGER_SCHEMA,
  type LedgerLine,
  type Note,
} from '../model/assessment.ts'
import type { Session } from '../model/session.ts'
import { assessInvocation } from './assess-invocation.ts'
import { computeKpi } from './compute-kpi.ts'
import { sessionCost, unpricedModels } from './cost.ts'
import { inputFindings } from './input-findings.ts'
import { oncePer } from './once-per.ts'
import type { KpiPlan, PlannedKpi } from './plan.ts'
import type { KpiResult } from './result.ts'
import { type SessionFacts, sessionFacts } from './session-facts.ts'
import { thresholdNote } from './thresholds.ts'

/**
 * Computes a session's KPIs. One that fails is absent and noted, and one that takes too long is noted, its value still
 * used: a formula cannot be interrupted, and throwing its value away would make the session no faster.
 *
 * Comparison, alerts and suggestions are empty: later stages fill them in.
 *
 * @param clockMs a clock that never jumps, in milliseconds from any origin
 */
export function assess(session: Session, plan: KpiPlan, clockMs: () => number): Assessment {
  const facts = sessionFacts(session)
  const cost = sessionCost(session, plan.prices)
  const unpriced = cost === undefined ? unpricedModels(session, plan.prices) : []
  const kpis: Record<string, number> = {}
  const evidence: Record<string, Evidence> = {}
  const absent: Record<string, string> = {}
  const notes: Note[] = [...inputFindings(session)]

  let startMs = clockMs()
  for (const kpi of plan.kpis) {
    const result = computeKpi(kpi, session, facts, kpis)
    const endMs = clockMs()
    const tookMs = endMs - startMs
    startMs = endMs
    if ('absent' in result) {
      absent[kpi.name] = result.absent
    } else {
      const { value, n, sources, estimated } = result
      kpis[kpi.name] = value
      evidence[kpi.name] = { n, sources, estimated }
    }
    addNotes(notes, kpi, result)
    if (tookMs > plan.timeoutMs) notes.push(timeoutNote(kpi, tookMs, plan.timeoutMs))
  }

  return {
    live: session.trigger === 'live',
    line: {
      ...describeSession(session, facts, plan),
      ...(cost !== undefined && { cost }),
      ...(unpriced.length > 0 && { unpriced_models: unpriced }),
      kpis,
      evidence,
      ...customKpis(plan),
      absent,
      completeness: completenessOf(plan, kpis),
      notes,
      ...NOT_YET_COMPARED,
    },
  }
}

/** Share of the KPIs that a session should have, 0 to 1. */
function completenessOf(plan: KpiPlan, values: Readonly<Record<string, number>>): number {
  const expected = expectedKpis(plan)
  const measured = expected.filter(({ name }) => Object.hasOwn(values, name))
  return expected.length === 0 ? 1 : measured.length / expected.length
}

const expectedKpis = oncePer(({ kpis }: KpiPlan) => kpis.filter(({ expected }) => expected))

/** What later stages of the pipeline add to a line. */
const NOT_YET_COMPARED = {
  baselines: {},
  std_devs: {},
  deviations: {},
  alert_level: 'PASS',
  alerts: [],
  suggestions: [],
  optimizations_active: [],
  arm: null,
} as const satisfies Partial<LedgerLine>

function addNotes(notes: Note[], kpi: PlannedKpi, result: KpiResult): void {
  if (result.note !== undefined) notes.push({ code: result.note.code, kpi: kpi.name, message: result.note.message })
  const crossed = 'absent' in result ? undefined : thresholdNote(kpi.name, result.value, kpi)
  if (crossed !== undefined) notes.push(crossed)
}

function timeoutNote({ name, label }: PlannedKpi, tookMs: number, timeoutMs: number): Note {
  const message = `${label} took ${Math.round(tookMs)} ms, expected at most ${timeoutMs} ms (kpi_timeout); what it gave is used`
  return { code: 'kpi_timeout', kpi: name, message }
}

function describeSession(session: Session, facts: SessionFacts, plan: KpiPlan) {
  const startedAt = isoTime(session.startedAtMs)
  return {
    schema: LEDGER_SCHEMA,
    session_id: session.id,
    revision: session.revision,
    date: startedAt,
    started_at: startedAt,
    ended_at: isoTime(session.endedAtMs),
    ...facts,
    invocations: session.invocations.map((invocation) => assessInvocation(invocation, session, plan)),
    sources: session.sources,
    trigger: session.trigger,
    ...(session.contextCharacters !== undefined && { context_characters: session.contextCharacters }),
  }
}

const customKpis = oncePer(({ kpis }: KpiPlan): { readonly custom_kpis?: Readonly<Record<string, CustomKpi>> } => {
  const custom = kpis.filter((kpi) => kpi.custom)
  if (custom.length === 0) return {}
  return {
    custom_kpis: Object.fromEntries(
      custom.map(({ name, label, direction, unit }) => [name, { label, direction, unit }]),
    ),
  }
})

function isoTime(timeMs: number): string {
  return new Date(timeMs).toISOString()
}
