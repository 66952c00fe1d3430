import type { Registry } from '#src/component.ts'
import type { LedgerLine } from '#src/model/assessment.ts'
import { kpiLabel, kpiText } from '#src/report/kpi-label.ts'
import { type KpiStatus, kpiStatus, sessionStatus, shownAlerts } from '#src/report/kpi-status.ts'
import { visibleText } from '#src/report/visible-text.ts'
import { readLedger } from '#src/store/read-ledger.ts'
import { type OpenSession, readOpenSessions } from '#src/store/read-open-sessions.ts'
import { loadConfiguration } from './configuration.ts'
import { EXIT, type Io } from './io.ts'
import type { SessionsOptions } from './options.ts'
import { ownName } from './own-name.ts'
import { shortSessionId } from './session-id.ts'
import { type Cell, type Column, renderTable, tableStyle } from './table.ts'

/** The KPIs that fit, under names that are short enough. */
const KPI_COLUMNS = [
  { kpi: 'token_efficiency', header: 'tokens', priority: 0 },
  { kpi: 'task_completion_rate', header: 'tasks', priority: 4 },
  { kpi: 'active_time_ratio', header: 'active', priority: 6 },
  { kpi: 'tool_overhead_ratio', header: 'tools', priority: 3 },
  { kpi: 'error_rate', header: 'errors', priority: 2 },
] as const

/** Where a session is alarming, the reason says more than KPIs that are as usual. */
const COLUMNS: readonly Column[] = [
  { header: 'start' },
  { header: 'agent type', minWidth: 12 },
  { header: 'session' },
  { header: 'length', align: 'right', priority: 5 },
  ...KPI_COLUMNS.map(({ header, priority }): Column => ({ header, align: 'right', priority })),
  { header: 'status' },
]
/** Only shown where a session has them. */
const EXTRA_COLUMNS: readonly { readonly column: Column; readonly cellOf: (line: LedgerLine) => string }[] = [
  { column: { header: 'because of', minWidth: 15 }, cellOf: reasonOf },
  {
    column: { header: 'sugg.', align: 'right', priority: 1 },
    cellOf: ({ suggestions }) => (suggestions.length === 0 ? '' : String(suggestions.length)),
  },
]

const STYLES = {
  PASS: undefined,
  'below target': undefined,
  WARNING: 'yellow',
  CRITICAL: 'red',
} as const satisfies Record<KpiStatus, string | undefined>
const DEFAULT_LIMIT = 20
const MAX_OPEN = 5

/** Lists the last sessions of the ledger, the newest first. */
export async function run(options: SessionsOptions, io: Io, registry?: Registry): Promise<number> {
  const { service } = await loadConfiguration(options, io, registry)
  const { directory } = service.storage
  const lines = readLedger({
    directory,
    limit: options.limit ?? DEFAULT_LIMIT,
    ...(options.agentType === undefined ? {} : { agentType: options.agentType }),
  })
  if (options.json) {
    io.stdout.write(`${JSON.stringify(lines, null, 2)}\n`)
    return EXIT.fine
  }
  if (lines.length > 0) io.stdout.write(sessionsTable(lines, io))
  else io.stderr.write(nothingFound(options, directory, io))
  if (options.agentType === undefined) io.stdout.write(openSessionsText(await readOpenSessions(directory), io.nowMs()))
  return EXIT.fine
}

/** Sessions as a table: when, who, how long, the main KPIs (`~` marks estimates), the status with its reason, and how many suggestions. */
export function sessionsTable(lines: readonly LedgerLine[], { stdout, env }: Pick<Io, 'stdout' | 'env'>): string {
  const years = new Set(lines.map(yearOf))
  // The year would cost a column for something else.
  const dateOf = (line: LedgerLine): string => line.started_at.slice(years.size > 1 ? 0 : 5, 10)
  const extra = EXTRA_COLUMNS.filter(({ cellOf }) => lines.some((line) => cellOf(line) !== ''))
  const rows = lines.map((line) => [dateOf(line), ...sessionCells(line), ...extra.map(({ cellOf }) => cellOf(line))])
  return renderTable([...COLUMNS, ...extra.map(({ column }) => column)], rows, tableStyle(stdout, env))
}

/** Which sessions have not ended and therefore have no KPIs; an empty text without any. */
function openSessionsText(sessions: readonly OpenSession[], nowMs: number): string {
  if (sessions.length === 0) return ''
  const shown = sessions
    .slice(0, MAX_OPEN)
    .map(({ sessionId, lastMs }) => `  ${shortSessionId(sessionId)}  last heard of ${agoText(nowMs - lastMs)}\n`)
  const more = sessions.length > MAX_OPEN ? `  and ${sessions.length - MAX_OPEN} more\n` : ''
  return `\nOpen; they are listed when they end or are idle for some time:\n${shown.join('')}${more}`
}

/** A clock that is behind is no reason for a time in the future. */
function agoText(ms: number): string {
  return `${shortDuration(Math.max(0, ms) / 1000)} ago`
}

function nothingFound({ agentType }: SessionsOptions, directory: string, io: Io): string {
  return agentType === undefined
    ? `There are no sessions in ${directory} yet. \`${ownName(io)} run\` fills it.\n`
    : `There are no sessions of agent type ${visibleText(agentType)} in ${directory}. Without --agent-type all are listed.\n`
}

function yearOf({ started_at: start }: LedgerLine): string {
  return start.slice(0, 4)
}

function sessionCells(line: LedgerLine): readonly Cell[] {
  const status = sessionStatus(line)
  return [
    line.agent_type,
    shortSessionId(line.session_id),
    shortDuration(line.duration_seconds),
    ...KPI_COLUMNS.map(({ kpi }) => kpiCell(line, kpi)),
    { text: status, style: STYLES[status] ?? 'green' },
  ]
}

function kpiCell(line: LedgerLine, kpi: string): Cell {
  const value = line.kpis[kpi]
  if (value === undefined) return '-'
  const text = (line.evidence[kpi]?.estimated === true ? '~' : '') + kpiText(kpi, value).replace(' %', '%')
  const style = STYLES[kpiStatus(line, kpi)]
  return style === undefined ? text : { text, style }
}

function reasonOf(line: LedgerLine): string {
  const [worst] = shownAlerts(line)
  if (worst === undefined) return ''
  const { metric, deviation, message } = worst
  return deviation === undefined || deviation <= 0 ? message : `${kpiLabel(line, metric)} +${deviation.toFixed(1)} σ`
}

/** `42s`, `31m`, `8h37m`, `2d3h`. */
function shortDuration(seconds: number): string {
  if (seconds < 60) return `${Math.round(seconds)}s`
  const minutes = Math.round(seconds / 60)
  if (minutes < 60) return `${minutes}m`
  return minutes < 1440
    ? `${Math.floor(minutes / 60)}h${minutes % 60}m`
    : `${Math.floor(minutes / 1440)}d${Math.floor((minutes % 1440) / 60)}h`
}
