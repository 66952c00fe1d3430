import type { KpiHistory, LedgerLine } from '../model/assessment.ts'
import { asciiChart } from './ascii-chart.ts'
import { formatCount, formatNumber } from './format.ts'
import { kpiDirection, kpiDisplay, kpiLabel, kpiText } from './kpi-label.ts'
import { kpiStatus, regressedKpis } from './kpi-status.ts'
import { escapeMarkdown, type MarkdownColumn, markdownTable } from './markdown.ts'
import { trendOf } from './trend.ts'
import { visibleText } from './visible-text.ts'

type Histories = Readonly<Record<string, KpiHistory>>

const CHART_SIZE = { width: 72, height: 7 } as const
const NONE = '-'

/** Each measured KPI beside its baseline, with its status and its rank among all sessions. */
export function kpiTable(line: LedgerLine, history: Histories): string {
  const ranked = Object.keys(line.kpis).some((kpi) => percentileCell(history[kpi]) !== NONE)
  const columns: MarkdownColumn[] = [
    { header: 'Metric', align: 'left' },
    { header: 'Actual', align: 'right' },
    { header: 'Baseline (mean)', align: 'right' },
    { header: 'Delta', align: 'right' },
    { header: 'Distance', align: 'right' },
    { header: 'Status', align: 'left' },
  ]
  const rows = Object.entries(line.kpis).map(([kpi, actual]) => [
    escapeMarkdown(kpiLabel(line, kpi)),
    kpiText(kpi, actual) + (line.evidence[kpi]?.estimated === true ? ' (est.)' : ''),
    baselineCell(line, kpi),
    deltaCell(kpi, actual, line.baselines[kpi]),
    distanceCell(line.deviations[kpi]),
    kpiStatus(line, kpi),
    ...(ranked ? [percentileCell(history[kpi])] : []),
  ])
  return markdownTable(ranked ? [...columns, { header: 'Percentile', align: 'right' }] : columns, rows)
}

/** KPIs that are worse than usual, the furthest first; empty where there is none. */
export function regressionList(line: LedgerLine): string {
  return regressedKpis(line)
    .map(({ kpi, deviation }, index) => {
      const side = sideOf(line.kpis[kpi], line.baselines[kpi]) ?? 'away from'
      const label = escapeMarkdown(kpiLabel(line, kpi))
      return `${index + 1}. ${label}: ${sigmas(deviation)} ${side} its baseline (${kpiStatus(line, kpi)})`
    })
    .join('\n')
}

/** A chart of each KPI's last values, where there are at least two; empty without history. */
export function trendCharts(line: LedgerLine, history: Histories): string {
  return Object.entries(line.kpis)
    .flatMap(([kpi, actual]) => {
      const recent = history[kpi]?.recent ?? []
      return recent.length < 2 ? [] : [trendChart(line, kpi, actual, recent)]
    })
    .join('\n\n')
}

function trendChart(line: LedgerLine, kpi: string, actual: number, recent: readonly number[]): string {
  const baseline = line.baselines[kpi]
  const [factor, unit] = kpiDisplay(kpi).display === 'percent' ? [100, '%, '] : [1, '']
  const chart = asciiChart({
    values: recent.map((value) => value * factor),
    baseline: baseline === undefined ? undefined : baseline * factor,
    ...CHART_SIZE,
  })
  const side = sideOf(actual, baseline)
  const words = [side && `${side} the baseline`, trendOf(recent, kpiDirection(line, kpi))]
  const told = words.filter((word) => word !== undefined).join(', ')
  const label = visibleText(kpiLabel(line, kpi)).replaceAll('`', "'")
  const mean = baseline === undefined ? '' : `Baseline (mean): ${kpiText(kpi, baseline)} - - -\n`
  const current = `Current: ${kpiText(kpi, actual)}${told === '' ? '' : ` (${told})`}`
  return `\`\`\`text\n${label} Trend (${unit}last ${recent.length} sessions)\n\n${chart}\n\n${mean}${current}\n\`\`\``
}

function baselineCell(line: LedgerLine, kpi: string): string {
  const mean = line.baselines[kpi]
  if (mean === undefined) return NONE
  const stdDev = line.std_devs[kpi]
  return stdDev === undefined ? kpiText(kpi, mean) : `${kpiText(kpi, mean)} ± ${kpiText(kpi, stdDev)}`
}

// The difference of two percentages is in percentage points.
function deltaCell(kpi: string, actual: number, baseline: number | undefined): string {
  if (baseline === undefined) return NONE
  const delta = actual - baseline
  if (!Number.isFinite(delta)) return NONE
  const percent = (delta / Math.abs(baseline)) * 100
  const change = (delta > 0 ? '+' : '') + kpiText(kpi, delta).replace(/ %$/, ' pp')
  if (!Number.isFinite(percent)) return change
  const digits = Math.abs(percent) < 100 ? percent.toFixed(1) : formatNumber(percent)
  return `${change} (${percent > 0 ? '+' : ''}${digits} %)`
}

function distanceCell(deviation: number | undefined): string {
  if (deviation === undefined) return NONE
  if (Math.abs(deviation) < 0.05) return '0.0 σ'
  return `${deviation > 0 ? '+' : ''}${sigmas(deviation)} ${deviation > 0 ? 'worse' : 'better'}`
}

function sigmas(deviation: number): string {
  return `${Math.abs(deviation) < 1000 ? deviation.toFixed(1) : formatNumber(deviation)} σ`
}

function percentileCell(history: KpiHistory | undefined): string {
  if (history === undefined || history.count < 2) return NONE
  return `better than ${Math.round(history.rank * 100)} % of ${formatCount(history.count)}`
}

function sideOf(actual: number | undefined, baseline: number | undefined): string | undefined {
  if (actual === undefined || baseline === undefined) return undefined
  return actual === baseline ? 'at' : actual > baseline ? 'above' : 'below'
}
