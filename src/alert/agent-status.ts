import type { AlertLevel, LedgerLine } from '../model/assessment.ts'

/** How an agent type is doing, by its last session. */
export interface AgentStatus {
  readonly agent_type: string
  readonly status: AlertLevel
  /** Why, in words; empty where all is well. */
  readonly because: readonly string[]
  readonly session_id: string
  readonly ended_at: string
}

/**
 * A worsening that lasts is told once, and then noted as `still_drifting` until it is over: till then the agent type is in
 * WARNING.
 *
 * @param line its last session
 */
export function agentStatus({ agent_type, alert_level, alerts, session_id, ended_at }: LedgerLine): AgentStatus {
  const lasting = alerts.flatMap((alert) => [alert, ...(alert.also ?? [])]).filter(isLasting)
  const status = alert_level === 'PASS' && lasting.length > 0 ? 'WARNING' : alert_level
  const told = status === 'PASS' ? [] : alerts.filter((alert) => alert.severity !== 'INFO' || isLasting(alert))
  return { agent_type, status, because: told.map(({ message }) => message), session_id, ended_at }
}

function isLasting({ reason }: { readonly reason: string }): boolean {
  return reason === 'still_drifting'
}
