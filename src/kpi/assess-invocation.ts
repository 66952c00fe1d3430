import type { LedgerInvocation } from '../model/assessment.ts'
import type { Invocation, Session } from '../model/session.ts'
import { computeKpi } from './compute-kpi.ts'
import type { KpiPlan } from './plan.ts'
import { sessionFacts } from './session-facts.ts'

/** KPIs that no source tells for a part of a session. */
const SESSION_KPIS: ReadonlySet<string> = new Set(['compactions'])

/** Describes an invocation in the ledger's terms, with the KPIs that its own work gives. */
export function assessInvocation(invocation: Invocation, session: Session, plan: KpiPlan): LedgerInvocation {
  const { startedAtMs, endedAtMs } = invocation
  const part = asSession(invocation, session)
  const facts = sessionFacts(part)
  const kpis: Record<string, number> = {}
  for (const kpi of plan.kpis) {
    const result = SESSION_KPIS.has(kpi.name) ? undefined : computeKpi(kpi, part, facts, kpis)
    if (result !== undefined && 'value' in result) kpis[kpi.name] = result.value
  }
  return {
    invocation_id: invocation.invocationId,
    parent_id: invocation.parentId ?? null,
    agent_type: invocation.agentType,
    status: invocation.status,
    ...(startedAtMs !== undefined && endedAtMs !== undefined
      ? { duration_seconds: (endedAtMs - startedAtMs) / 1000 }
      : {}),
    ...(invocation.contextCharacters !== undefined && { context_characters: invocation.contextCharacters }),
    kpis,
    totals: facts.totals,
    ...(Object.keys(facts.tools).length > 0 ? { tools: facts.tools } : {}),
  }
}

/** A session that consists of the invocation's work alone. */
function asSession({ invocationId, agentType, startedAtMs, endedAtMs, work }: Invocation, session: Session): Session {
  return {
    ...work,
    id: invocationId,
    revision: session.revision,
    trigger: session.trigger,
    agentType,
    agentVersion: session.agentVersion,
    startedAtMs: startedAtMs ?? endedAtMs ?? session.startedAtMs,
    endedAtMs: endedAtMs ?? startedAtMs ?? session.startedAtMs,
    sources: session.sources,
    processStartsMs: [],
    processEndsMs: [],
    tokenCounters: [],
    meteredUse: { tokens: undefined, costUsd: undefined, activeSeconds: undefined },
    tasks: { creates: 0, updates: 0, statuses: {}, completedWithoutId: 0 },
    evaluations: {},
    prompts: 0,
    compactions: 0,
    spans: { count: 0, notOk: 0, longMs: 0 },
    invocations: [],
  }
}
