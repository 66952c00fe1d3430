import { expect, test } from 'vitest'
import type { AlertLevel, AlertRule, AlertSeverity } from '../model/assessment.ts'
import { alertLevel, type FiredRule, mergeAlerts } from './alert-level.ts'

function fired(metric: string, severity: AlertSeverity, changes: Partial<FiredRule['subject']> = {}): FiredRule {
  return { rule: ruleOf(severity), subject: { metric, value: 1, ...changes } }
}

function ruleOf(severity: AlertSeverity): AlertRule {
  return { severity, reason: 'unusual', action: 'WARN', message: severity, recommendation: '' }
}

test.for<{ severities: AlertSeverity[]; level: AlertLevel }>([
  { severities: [], level: 'PASS' },
  { severities: ['INFO', 'INFO'], level: 'PASS' },
  { severities: ['MEDIUM'], level: 'WARNING' },
  { severities: ['WARNING', 'INFO'], level: 'WARNING' },
  { severities: ['HIGH'], level: 'WARNING' },
  { severities: ['HIGH', 'CRITICAL', 'INFO'], level: 'CRITICAL' },
])('$severities: $level', ({ severities, level }) => {
  expect(alertLevel(severities.map(ruleOf))).toBe(level)
})

test('rules on one KPI become one alert: the worst, with the others beside it', () => {
  const alerts = mergeAlerts([fired('a', 'WARNING'), fired('a', 'CRITICAL'), fired('a', 'INFO')])
  expect(alerts).toEqual([{ metric: 'a', value: 1, ...ruleOf('CRITICAL'), also: [ruleOf('WARNING'), ruleOf('INFO')] }])
})

test('of equally bad rules the first counts, and a trend is told whichever rule found it', () => {
  const [alert, ...more] = mergeAlerts([fired('a', 'HIGH'), fired('a', 'HIGH', { trend: 'degrading', value: 2 })])
  expect(more).toEqual([])
  expect(alert).toMatchObject({ value: 1, trend: 'degrading', also: [ruleOf('HIGH')] })
})

test('the worst KPIs come first; of equally bad ones those furthest from their baseline', () => {
  const alerts = mergeAlerts([
    fired('info', 'INFO', { deviation: 9 }),
    fired('near', 'CRITICAL', { deviation: 3 }),
    fired('unknown', 'CRITICAL'),
    fired('far', 'CRITICAL', { deviation: 7 }),
    fired('high', 'HIGH'),
  ])
  expect(alerts.map(({ metric }) => metric)).toEqual(['far', 'near', 'unknown', 'high', 'info'])
})
