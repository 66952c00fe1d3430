import { expect, test } from 'vitest'
import type { Alert, AlertReason, AlertRule } from '../model/assessment.ts'
import { blockingRule } from './blocking-rule.ts'

test.for<{ name: string; reasons: readonly AlertReason[]; also?: readonly AlertReason[]; blocks?: AlertReason }>([
  { name: 'no alert', reasons: [] },
  { name: 'one unusual session', reasons: ['unusual'] },
  { name: 'the second of three', reasons: ['unusual', 'unusual_again'], blocks: 'unusual_again' },
  { name: 'one that chance would not give', reasons: ['far_outside'], blocks: 'far_outside' },
  { name: 'a worsening that lasts', reasons: ['drifting', 'drifted_far'] },
  { name: 'a rule beside a worse one', reasons: ['drifted_far'], also: ['far_outside'], blocks: 'far_outside' },
])('standard: $name', ({ reasons, also = [], blocks }) => {
  const alerts = reasons.map((reason) => alertFor({ reason, action: 'REVIEW' }, also))
  expect(blockingRule(alerts)?.reason).toBe(blocks)
})

test('seed: the matrix says what blocks', () => {
  expect(blockingRule([alertFor({ reason: 'above_2_sigma', action: 'BLOCK_SESSION' })])?.reason).toBe('above_2_sigma')
  expect(blockingRule([alertFor({ reason: 'from_1_sigma', action: 'WARN' })])).toBeUndefined()
})

function alertFor(rule: Pick<AlertRule, 'reason' | 'action'>, also: readonly AlertReason[] = []): Alert {
  const rest = { severity: 'CRITICAL', message: '', recommendation: '' } as const
  return {
    ...rest,
    ...rule,
    metric: 'error_rate',
    value: 0.2,
    ...(also.length > 0 && { also: also.map((reason) => ({ ...rest, reason, action: 'REVIEW' as const })) }),
  }
}
