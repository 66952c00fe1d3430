import { expect, test } from 'vitest'
import type { AlertLevel, Note } from '../model/assessment.ts'
import { type KpiStatus, kpiStatus, regressedKpis, sessionStatus } from './kpi-status.ts'
import { ledgerLine } from './ledger-line.fixture.ts'

test.for<{ codes: Note['code'][]; deviation?: number; status: KpiStatus }>([
  { codes: [], status: 'PASS' },
  { codes: ['below_target'], status: 'below target' },
  { codes: ['warning_threshold'], status: 'WARNING' },
  { codes: ['critical_threshold'], status: 'WARNING' },
  { codes: ['critical_threshold'], deviation: 0, status: 'CRITICAL' },
  { codes: ['critical_threshold', 'warning_threshold', 'below_target'], deviation: 0, status: 'CRITICAL' },
  { codes: ['kpi_timeout'], status: 'PASS' },
  { codes: [], deviation: 2.4, status: 'PASS' },
  { codes: [], deviation: 2.5, status: 'WARNING' },
  { codes: [], deviation: 3.5, status: 'CRITICAL' },
  { codes: [], deviation: -9, status: 'PASS' },
  { codes: ['warning_threshold'], deviation: 4.3, status: 'CRITICAL' },
  { codes: ['warning_threshold'], deviation: -4.3, status: 'WARNING' },
])('notes $codes at $deviation σ: $status', ({ codes, deviation, status }) => {
  const line = ledgerLine({
    notes: [
      ...codes.map((code) => ({ code, kpi: 'error_rate', message: '' })),
      { code: 'critical_threshold', kpi: 'another', message: '' },
    ],
    deviations: deviation === undefined ? {} : { error_rate: deviation },
  })
  expect(kpiStatus(line, 'error_rate')).toBe(status)
})

test.for<{ level: AlertLevel; deviation: number; status: AlertLevel }>([
  { level: 'PASS', deviation: 0, status: 'PASS' },
  { level: 'WARNING', deviation: 0, status: 'WARNING' },
  { level: 'PASS', deviation: 3, status: 'WARNING' },
  { level: 'CRITICAL', deviation: 3.5, status: 'CRITICAL' },
])('level $level and $deviation σ: the session is $status', ({ level, deviation, status }) => {
  expect(sessionStatus(ledgerLine({ alert_level: level, deviations: { error_rate: deviation } }))).toBe(status)
})

test('a session that only misses a target passes', () => {
  const notes: Note[] = [{ code: 'below_target', kpi: 'error_rate', message: '' }]
  expect(sessionStatus(ledgerLine({ notes }))).toBe('PASS')
})

test('regressions are those on the bad side, the furthest first', () => {
  const line = ledgerLine({ deviations: { a: 1, b: 0.9, c: 5, d: -7 } })
  expect(regressedKpis(line).map(({ kpi }) => kpi)).toEqual(['c', 'a'])
})
