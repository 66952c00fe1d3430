import type { AlertLevel, LedgerLine } from '../model/assessment.ts'
import { agentStatus } from './agent-status.ts'
import { blockingRule } from './blocking-rule.ts'

/** What the last session of an agent type was alarming about. */
export interface Alarm {
  readonly agentType: string
  readonly sessionId: string
  /** ISO 8601 in UTC. */
  readonly endedAt: string
  readonly level: Exclude<AlertLevel, 'PASS'>
  /** Messages of its alerts, the worst first. */
  readonly because: readonly string[]
  /** Message of the rule that is certain enough to stop the next session; absent when there is none. */
  readonly blocking?: string
}

/** So long after its session an alarm stops nobody any more. */
const BLOCK_MS = 24 * 3_600_000

/** A KPI that is only what it will be when the session is over: a task is not completed before it is. */
const ONLY_AT_THE_END: ReadonlySet<string> = new Set(['task_completion_rate'])

/** @returns `undefined` when nothing is alarming about the session */
export function alarmOf(line: LedgerLine): Alarm | undefined {
  const { status, because } = agentStatus(line)
  if (status === 'PASS') return undefined
  const blocking = blockingRule(line.alerts)?.message
  return {
    agentType: line.agent_type,
    sessionId: line.session_id,
    endedAt: line.ended_at,
    level: status,
    because,
    ...(blocking !== undefined && { blocking }),
  }
}

/** What is critical already about a session that is still open; messages, the worst first. */
export function criticalSoFar({ alerts }: Pick<LedgerLine, 'alerts'>): readonly string[] {
  return alerts
    .filter(({ severity, metric }) => severity === 'CRITICAL' && !ONLY_AT_THE_END.has(metric))
    .map(({ message }) => message)
}

/** When an alarm ceases to block, in epoch milliseconds. */
export function blockEndMs({ endedAt }: Alarm): number {
  return Date.parse(endedAt) + BLOCK_MS
}
