import { expect, test } from 'vitest'
import type { AlertSeverity, Note } from '../model/assessment.ts'
import { type KpiStatus, kpiStatus, regressedKpis, sessionStatus, shownAlerts } from './kpi-status.ts'
import { alert, ledgerLine } from './ledger-line.fixture.ts'

test.for<{ codes: Note['code'][]; severity?: AlertSeverity; status: KpiStatus }>([
  { codes: [], status: 'PASS' },
  { codes: ['below_target'], status: 'below target' },
  { codes: ['critical_threshold'], status: 'below target' },
  { codes: ['kpi_timeout'], status: 'PASS' },
  { codes: [], severity: 'INFO', status: 'PASS' },
  { codes: ['warning_threshold'], severity: 'INFO', status: 'below target' },
  { codes: [], severity: 'MEDIUM', status: 'WARNING' },
  { codes: [], severity: 'WARNING', status: 'WARNING' },
  { codes: [], severity: 'HIGH', status: 'WARNING' },
  { codes: ['warning_threshold'], severity: 'CRITICAL', status: 'CRITICAL' },
])('notes $codes and an alert $severity: $status', ({ codes, severity, status }) => {
  const line = ledgerLine({
    notes: [
      ...codes.map((code) => ({ code, kpi: 'error_rate', message: '' })),
      { code: 'critical_threshold', kpi: 'another', message: '' },
    ],
    alerts: [
      alert({ metric: 'another', severity: 'CRITICAL' }),
      ...(severity === undefined ? [] : [alert({ metric: 'error_rate', severity })]),
    ],
  })
  expect(kpiStatus(line, 'error_rate')).toBe(status)
})

test('a session has the level that was decided, and shows the alerts that are more than information', () => {
  const alerts = [alert({ severity: 'CRITICAL' }), alert({ severity: 'INFO', metric: 'compactions' })]
  const line = ledgerLine({ alert_level: 'CRITICAL', alerts })
  expect(sessionStatus(line)).toBe('CRITICAL')
  expect(shownAlerts(line)).toEqual(alerts.slice(0, 1))
})

test('regressions are those on the bad side, the furthest first', () => {
  const line = ledgerLine({ deviations: { a: 1, b: 0.9, c: 5, d: -7 } })
  expect(regressedKpis(line).map(({ kpi }) => kpi)).toEqual(['c', 'a'])
})
