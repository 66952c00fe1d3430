import type { BaselineDocument } from '#src/baseline/baseline-file.ts'
import { kpiLabel, kpiText } from '#src/report/kpi-label.ts'
import { visibleText } from '#src/report/visible-text.ts'
import type { Io } from './io.ts'
import { type Column, renderTable, tableStyle } from './table.ts'

const COLUMNS: readonly Column[] = [
  { header: 'KPI', minWidth: 22 },
  { header: 'mean', align: 'right' },
  { header: 'σ', align: 'right' },
  { header: 'p50', align: 'right', priority: 1 },
  { header: 'p95', align: 'right', priority: 2 },
  { header: 'n', align: 'right' },
  { header: 'status' },
]

const LEGEND = `σ: standard deviation; n: sessions with a value; bootstrap: not settled yet;
~: the values scatter by more than half of their mean
`

/**
 * A table for each agent type that fits the terminal, and what its columns mean.
 *
 * @param stale those of `documents` that have had no session for long
 */
export function baselinesText(
  documents: readonly BaselineDocument[],
  stale: ReadonlySet<BaselineDocument>,
  io: Pick<Io, 'stdout' | 'env'>,
): string {
  const style = tableStyle(io.stdout, io.env)
  const tables = documents.map(
    (document) => `${titleOf(document, stale.has(document))}\n${renderTable(COLUMNS, rowsOf(document), style)}\n`,
  )
  return tables.join('') + LEGEND
}

function titleOf({ agent_type, session_count: count, last_updated: last }: BaselineDocument, isStale: boolean): string {
  const sessions = `${count} ${count === 1 ? 'session' : 'sessions'}`
  const until = last === null ? '' : `, the last on ${last.slice(0, 10)}${isStale ? ', over a week ago' : ''}`
  return `${visibleText(agent_type)}: ${sessions}${until}`
}

function rowsOf({ baselines }: BaselineDocument): readonly string[][] {
  return Object.entries(baselines).map(([kpi, { mean, std_dev, p50, p95, n, status, confidence_low: scatters }]) => [
    kpiLabel({}, kpi),
    kpiText(kpi, mean),
    kpiText(kpi, std_dev),
    p50 === undefined ? '-' : kpiText(kpi, p50),
    p95 === undefined ? '-' : kpiText(kpi, p95),
    String(n),
    scatters ? `${status} ~` : status,
  ])
}
