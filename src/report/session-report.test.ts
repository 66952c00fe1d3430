import fc from 'fast-check'
import { expect, test } from 'vitest'
import type { KpiHistory } from '../model/assessment.ts'
import { alert, EDGAR_NADYNE_HISTORY, edgarNadyneLine, ledgerLine } from './ledger-line.fixture.ts'
import { sessionReport } from './session-report.ts'

const SEED = 20_260_212

test('the reference session is told as the mission wants it', async () => {
  const report = sessionReport(edgarNadyneLine(), EDGAR_NADYNE_HISTORY)
  await expect(report).toMatchFileSnapshot('./edgar-nadyne.golden.md')
})

test('a session without history, baseline and KPIs is a short report', async () => {
  const line = ledgerLine({
    kpis: {},
    evidence: {},
    absent: { error_rate: 'no tool calls' },
    completeness: 0,
    model: null,
    totals: {},
    tools: {},
    sources: [],
  })
  await expect(sessionReport(line)).toMatchFileSnapshot('./nothing-measured.golden.md')
})

test('a revision, suggestions, a trial arm and a custom KPI are named', async () => {
  const line = ledgerLine({
    revision: 3,
    kpis: { writes_per_read: 2.5 },
    custom_kpis: { writes_per_read: { label: 'Writes / Read', direction: 'lower', unit: '1' } },
    evidence: {},
    baselines: { writes_per_read: 1.5 },
    std_devs: { writes_per_read: 0.4 },
    deviations: { writes_per_read: 2.5 },
    suggestions: [
      {
        id: 'opt-00c0ffee',
        rule: 'preload',
        priority: 'HIGH',
        title: 'Pre-load all *source* documents',
        evidence: '',
        implementation: 'Read them first.',
      },
    ],
    alert_level: 'WARNING',
    alerts: [
      alert({
        metric: 'writes_per_read',
        message: 'Writes / Read 2.50, usually 1.50: worse than usual for several sessions now',
        trend: 'degrading',
        also: [{ ...alert(), severity: 'WARNING', reason: 'drifting' }],
      }),
    ],
    optimizations_active: ['batch-tasks'],
    arm: 'treatment',
  })
  const history = { writes_per_read: { rank: 0.125, count: 4, recent: [1.4, 1.5, 1.6, 2.5] } }
  await expect(sessionReport(line, history)).toMatchFileSnapshot('./custom-kpi.golden.md')
})

test('names from telemetry cannot break tables, add markup or move a cursor', () => {
  const hostile = '| a | b |\n# title\n<script>x</script> `code` [x](y) \u001b[2J \u202Eabc'
  const report = sessionReport(
    ledgerLine({
      agent_type: hostile,
      model: hostile,
      session_id: hostile,
      tools: { [hostile]: { calls: 1, failures: 0 } },
      sources: [hostile],
      kpis: { [hostile]: 1 },
      absent: { [`x${hostile}`]: hostile },
      notes: [{ code: 'kpi_failed', kpi: hostile, message: hostile }],
      alert_level: 'CRITICAL',
      alerts: [alert({ severity: 'CRITICAL', metric: hostile, message: hostile, recommendation: hostile })],
      suggestions: [
        {
          id: 'opt-1',
          rule: 'own',
          priority: 'LOW',
          title: hostile,
          evidence: hostile,
          implementation: hostile,
        },
      ],
    }),
    { [hostile]: { rank: 0.5, count: 2, recent: [1, 2] } },
  )
  expect(withoutCode(report)).not.toMatch(/<script|^# title|(?!\n)\p{Cc}|\u202E|^\| a/mu)
  expect(report.match(/^#+ /gm)).toEqual(['# ', ...Array<string>(9).fill('## ')])
  expectAlignedTables(report)
})

test('a session with 500 tools lists the most used ones and says how many are left out', () => {
  const tools = Object.fromEntries(Array.from({ length: 500 }, (_, n) => [`tool-${n}`, { calls: n, failures: 0 }]))
  const report = sessionReport(ledgerLine({ tools }))
  expect(report).toContain('| tool-499 ')
  expect(report).not.toContain('| tool-1 ')
  expect(report).toContain('460 more rows are not shown.')
})

test('every finite number gives a report with aligned tables and without NaN', () => {
  const number = fc.double({ noNaN: true, noDefaultInfinity: true })
  const recent = fc.array(number, { maxLength: 10 })
  fc.assert(
    fc.property(number, number, number, fc.option(number), recent, (actual, mean, stdDev, deviation, values) => {
      const history: Record<string, KpiHistory> = { x: { rank: 0.4, count: 9, recent: values } }
      const line = ledgerLine({
        kpis: { x: actual, y: actual },
        baselines: { x: mean },
        std_devs: { x: stdDev },
        deviations: deviation === null ? {} : { x: deviation },
      })
      const report = sessionReport(line, history)
      expectAlignedTables(report)
      expect(report).not.toMatch(/NaN|Infinity|undefined/)
    }),
    { seed: SEED, numRuns: 300 },
  )
})

function withoutCode(report: string): string {
  return report.replace(/^```text\n.*?^```$/gms, '')
}

function expectAlignedTables(report: string): void {
  const blocks = report.split('\n\n').filter((block) => block.startsWith('|'))
  expect(blocks.length).toBeGreaterThan(0)
  for (const block of blocks) {
    const cells = block.split('\n').map((row) => row.split(/(?<!\\)\|/).length)
    expect(new Set(cells).size).toBe(1)
  }
}
