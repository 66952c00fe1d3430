import { LEDGER_SCHEMA, type LedgerLine } from './assessment.ts'

/** A whole ledger line for tests: what is not given has a plain value, no KPIs and nothing noted. */
export function ledgerLine(changes: Partial<LedgerLine>): LedgerLine {
  return {
    schema: LEDGER_SCHEMA,
    session_id: 'session-1',
    revision: 1,
    date: '2026-11-20T10:00:00.000Z',
    started_at: '2026-11-20T10:00:00.000Z',
    ended_at: '2026-11-20T10:30:00.000Z',
    agent_type: 'code-reviewer',
    agent_version: null,
    model: 'claude-opus-5',
    duration_seconds: 1800,
    kpis: {},
    evidence: {},
    absent: {},
    completeness: 0,
    baselines: {},
    std_devs: {},
    deviations: {},
    alert_level: 'PASS',
    alerts: [],
    notes: [],
    suggestions: [],
    optimizations_active: [],
    arm: null,
    totals: {},
    tools: {},
    invocations: [],
    sources: ['hook_spans'],
    trigger: 'idle',
    ...changes,
  }
}
