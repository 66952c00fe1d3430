import type { Alert, AlertReason, AlertRule } from '../model/assessment.ts'

/**
 * Rules that are certain enough to stop an agent where the configuration wants that. Under `standard` those of single
 * sessions: a worsening that lasts is told of long before it is urgent. Under `seed` the matrix says so itself.
 */
const BLOCKING: ReadonlySet<AlertReason> = new Set(['far_outside', 'unusual_again'])

/** @returns the rule for which a session would be blocked, `undefined` when there is none */
export function blockingRule(alerts: readonly Alert[]): AlertRule | undefined {
  return alerts
    .flatMap((alert) => [alert, ...(alert.also ?? [])])
    .find(({ reason, action }) => BLOCKING.has(reason) || action === 'BLOCK_SESSION')
}
