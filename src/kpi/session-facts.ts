import type { LedgerLine } from '../model/assessment.ts'
import type { Session } from '../model/session.ts'
import { dominantModel } from './tokens.ts'
import { sessionTotals } from './totals.ts'

/** What a formula may know of a session beside its KPIs, as its ledger line has it. */
export type SessionFacts = Pick<
  LedgerLine,
  'duration_seconds' | 'agent_type' | 'agent_version' | 'model' | 'totals' | 'tools'
>

/** Describes a session in the ledger's terms. */
export function sessionFacts(session: Session): SessionFacts {
  const tools = Object.entries(session.tools).map(([tool, { calls, failures }]) => [tool, { calls, failures }] as const)
  return {
    duration_seconds: (session.endedAtMs - session.startedAtMs) / 1000,
    agent_type: session.agentType,
    agent_version: session.agentVersion ?? null,
    model: dominantModel(session) ?? null,
    totals: sessionTotals(session),
    tools: Object.fromEntries(tools),
  }
}
