import { kpiDefinition } from '../kpi/table.ts'
import type { KpiHistory, LedgerLine, Note, Totals } from '../model/assessment.ts'
import { formatCount, formatDuration, formatTime } from './format.ts'
import { invocationTable } from './invocation-table.ts'
import { kpiLabel } from './kpi-label.ts'
import { kpiTable, regressionList, trendCharts } from './kpi-sections.ts'
import { sessionStatus, shownAlerts } from './kpi-status.ts'
import { escapeMarkdown } from './markdown.ts'
import { left, right, table } from './report-table.ts'

const TRIGGERS = {
  end_signal: 'the session said that it ended',
  idle: 'nothing happened for the idle time',
  limit: 'too many sessions were open',
  end_of_input: 'all input was read',
  live: 'still open',
} as const satisfies Record<LedgerLine['trigger'], string>

const TOTALS = {
  fresh_input_tokens: 'Fresh input tokens',
  cache_read_tokens: 'Cache read tokens',
  cache_creation_tokens: 'Cache creation tokens',
  output_tokens: 'Output tokens',
  reasoning_tokens: 'Reasoning tokens (part of output)',
  cost_usd: 'Cost (USD)',
  model_calls: 'Model calls',
  model_errors: 'Model errors',
  tool_calls: 'Tool calls',
  tool_failures: 'Tool failures',
  tool_rejections: 'Tool rejections',
  tasks_created: 'Tasks created',
  tasks_completed: 'Tasks completed',
  prompts: 'Prompts',
  compactions: 'Compactions',
} as const satisfies Record<keyof Totals, string>

const NOTES = {
  below_target: 'Below target',
  warning_threshold: 'Warning threshold',
  critical_threshold: 'Critical threshold',
  kpi_failed: 'KPI failed',
  kpi_timeout: 'KPI was slow',
  input_drift: 'Input drift',
  placeholder_output: 'Placeholder output',
  ratio_capped: 'Ratio capped',
  uncovered_tools: 'Uncovered tools',
  suggestion_suppressed: 'Suggestion suppressed',
} as const satisfies Record<Note['code'], string>

/**
 * The delta report of one session as Markdown: its KPIs against the baseline from before it, alerts, regressions, notes,
 * suggestions, trends, and what the numbers rest on. A section without content is left out.
 *
 * @param history where the KPI values stand among all committed ones; without it no percentiles and no trends
 */
export function sessionReport(line: LedgerLine, history: Readonly<Record<string, KpiHistory>> = {}): string {
  const sections = [
    section('KPI Summary', Object.keys(line.kpis).length === 0 ? 'No KPI could be measured.' : kpiTable(line, history)),
    section('Alerts', alertList(line)),
    section('Regressions Detected', regressionList(line)),
    section('Notes', noteList(line)),
    section('Optimization Suggestions', suggestionList(line)),
    section('Not Measured', absentList(line)),
    section('Trends', trendCharts(line, history)),
    section('Totals', totalsTable(line.totals)),
    section('Tools', toolTable(line)),
    section('Invocations', invocationTable(line)),
    section('Evidence', evidenceTable(line)),
  ]
  return `${['# Session Performance Report', header(line), ...sections.filter((text) => text !== '')].join('\n\n')}\n`
}

function section(title: string, body: string): string {
  return body === '' ? '' : `## ${title}\n\n${body}`
}

/** Whether a session without the KPI is less complete. */
function isExpected(kpi: string): boolean {
  return kpiDefinition(kpi)?.occasional !== true
}

function header(line: LedgerLine): string {
  const measured = Object.keys(line.kpis).filter(isExpected).length
  const configured = measured + Object.keys(line.absent).filter(isExpected).length
  const version = line.agent_version === null ? '' : ` ${escapeMarkdown(line.agent_version)}`
  const fields: readonly (readonly [name: string, value: string])[] = [
    ['Session ID', escapeMarkdown(line.session_id) + (line.revision > 1 ? ` (revision ${line.revision})` : '')],
    ['Agent Type', escapeMarkdown(line.agent_type) + version],
    ['Date', formatTime(line.started_at)],
    ['Model', line.model === null ? 'unknown' : escapeMarkdown(line.model)],
    ['Status', sessionStatus(line)],
    ['Duration', formatDuration(line.duration_seconds)],
    ['Trigger', `${line.trigger} (${TRIGGERS[line.trigger]})`],
    ['Completeness', `${Math.round(line.completeness * 100)} % (${measured} of ${configured} KPIs)`],
  ]
  return fields.map(([name, value]) => `- **${name}**: ${value}`).join('\n')
}

function noteList(line: LedgerLine): string {
  return bullets(
    line.notes.map(({ code, kpi, message }) => {
      const label = kpi === undefined ? '' : kpiLabel(line, kpi)
      const subject = message.startsWith(label) ? '' : ` (${escapeMarkdown(label)})`
      return `**${NOTES[code]}**${subject}: ${escapeMarkdown(message)}`
    }),
  )
}

function suggestionList({ suggestions, optimizations_active: active, arm }: LedgerLine): string {
  const ranked = suggestions.map(({ id, rule, priority, title, evidence, implementation }, index) =>
    [
      `${index + 1}. [${priority}] ${escapeMarkdown(title)}`,
      ...(evidence === '' ? [] : [`   - Evidence: ${escapeMarkdown(evidence)}`]),
      `   - What to do: ${escapeMarkdown(implementation)}`,
      `   - Suggestion ${escapeMarkdown(id)} of the rule ${escapeMarkdown(rule)}`,
    ].join('\n'),
  )
  const applied = active.length === 0 ? [] : [`Active in this session: ${active.map(escapeMarkdown).join(', ')}`]
  const trial = arm === null ? [] : [`Trial arm: ${escapeMarkdown(arm)}`]
  return [ranked.join('\n'), ...applied, ...trial].filter((text) => text !== '').join('\n\n')
}

/** Each KPI that is alarming, the worst first, with the other rules that fired on it and what to look at. */
function alertList(line: LedgerLine): string {
  return shownAlerts(line)
    .map(({ severity, message, recommendation, also = [] }, index) => {
      const others = also.filter((rule) => rule.severity !== 'INFO').map((rule) => rule.message)
      return [
        `${index + 1}. ${severity}: ${escapeMarkdown(message)}`,
        ...others.map((other) => `   - ${escapeMarkdown(other)}`),
        `   - ${escapeMarkdown(recommendation)}`,
      ].join('\n')
    })
    .join('\n')
}

function absentList(line: LedgerLine): string {
  return bullets(
    Object.entries(line.absent).map(
      ([kpi, reason]) => `**${escapeMarkdown(kpiLabel(line, kpi))}**: ${escapeMarkdown(reason)}`,
    ),
  )
}

function totalsTable(totals: Totals): string {
  const values: Readonly<Record<string, number | undefined>> = { ...totals }
  const rows = Object.entries(TOTALS).flatMap(([name, label]) => {
    const value = values[name]
    return value === undefined ? [] : [[label, formatCount(value)]]
  })
  return table([left('Total'), right('Value')], rows)
}

function toolTable({ tools }: LedgerLine): string {
  const rows = Object.entries(tools)
    .sort(([nameA, a], [nameB, b]) => b.calls - a.calls || (nameA < nameB ? -1 : 1))
    .map(([name, { calls, failures }]) => [escapeMarkdown(name), formatCount(calls), formatCount(failures)])
  return table([left('Tool'), right('Calls'), right('Failures')], rows)
}

function evidenceTable(line: LedgerLine): string {
  const names = new Map(line.sources.map((source) => [source, escapeMarkdown(source)]))
  const listed = (sources: readonly string[]): string =>
    sources.map((source) => names.get(source) ?? escapeMarkdown(source)).join(', ')
  const rows = Object.entries(line.evidence).map(([kpi, { n, sources: from, estimated }]) => [
    escapeMarkdown(kpiLabel(line, kpi)),
    formatCount(n),
    estimated ? 'estimated' : 'measured',
    listed(from),
  ])
  const all = line.sources.length === 0 ? [] : [`Sources of the session: ${listed(line.sources)}`]
  const measured = table([left('Metric'), right('Inputs'), left('How'), left('Sources')], rows)
  return [measured, ...all].filter((text) => text !== '').join('\n\n')
}

function bullets(lines: readonly string[]): string {
  return lines.map((line) => `- ${line}`).join('\n')
}
