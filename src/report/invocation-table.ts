import type { LedgerInvocation, LedgerLine, Totals } from '../model/assessment.ts'
import { formatCount, formatDuration, formatNumber } from './format.ts'
import { kpiLabel, kpiText } from './kpi-label.ts'
import { escapeMarkdown, type MarkdownColumn } from './markdown.ts'
import { left, right, table } from './report-table.ts'

/** Deeper ones are shown at this depth. */
const MAX_DEPTH = 8

interface Nested {
  readonly invocation: LedgerInvocation
  readonly depth: number
}

interface Column {
  readonly column: MarkdownColumn
  /** @returns `undefined` where it is not known */
  readonly cell: (nested: Nested) => string | undefined
}

/** The subagents of a session, each below the one that started it; columns of which nothing is known are left out. */
export function invocationTable(line: LedgerLine): string {
  const nested = nestedOf(line.invocations)
  const columns = columnsOf(line).filter(({ cell }) => nested.some((each) => cell(each) !== undefined))
  const rows = nested.map((each) => columns.map(({ cell }) => cell(each) ?? 'unknown'))
  return table(
    columns.map(({ column }) => column),
    rows,
  )
}

function columnsOf(line: LedgerLine): readonly Column[] {
  return [
    { column: left('Agent Type'), cell: ({ invocation, depth }) => indented(invocation.agent_type, depth) },
    { column: left('Status'), cell: ({ invocation }) => invocation.status },
    { column: right('Duration'), cell: ({ invocation }) => durationOf(invocation) },
    { column: right('Input Tokens'), cell: ({ invocation }) => inputOf(invocation.totals) },
    { column: right('Output Tokens'), cell: ({ invocation }) => counted(invocation.totals.output_tokens) },
    { column: right('Cost (USD)'), cell: ({ invocation }) => costOf(invocation.totals) },
    { column: right('Tool Calls'), cell: ({ invocation }) => toolsOf(invocation.totals) },
    { column: left('KPIs'), cell: ({ invocation }) => kpisOf(line, invocation) },
  ]
}

/** In the order of the ledger line, those that another one started right after it. */
function nestedOf(invocations: readonly LedgerInvocation[]): readonly Nested[] {
  const ids = new Set(invocations.map(({ invocation_id: id }) => id))
  const parentOf = ({ parent_id: parent }: LedgerInvocation) => (parent !== null && ids.has(parent) ? parent : null)
  const children = Map.groupBy(invocations, parentOf)
  const nested: Nested[] = []
  const seen = new Set<LedgerInvocation>()
  const add = (invocation: LedgerInvocation, depth: number): void => {
    if (seen.has(invocation)) return
    seen.add(invocation)
    nested.push({ invocation, depth })
    for (const child of children.get(invocation.invocation_id) ?? []) add(child, Math.min(depth + 1, MAX_DEPTH))
  }
  for (const root of children.get(null) ?? []) add(root, 0)
  // Telemetry may say that two started each other.
  for (const invocation of invocations) add(invocation, 0)
  return nested
}

function indented(agentType: string, depth: number): string {
  return depth === 0 ? escapeMarkdown(agentType) : `${'· '.repeat(depth)}${escapeMarkdown(agentType)}`
}

function durationOf({ duration_seconds: seconds }: LedgerInvocation): string | undefined {
  return seconds === undefined ? undefined : formatDuration(seconds)
}

function inputOf({ fresh_input_tokens: fresh, cache_read_tokens: read, cache_creation_tokens: creation }: Totals) {
  return fresh === undefined ? undefined : counted(fresh + (read ?? 0) + (creation ?? 0))
}

function costOf({ cost_usd: cost }: Totals): string | undefined {
  return cost === undefined ? undefined : formatNumber(cost)
}

function toolsOf({ tool_calls: calls, tool_failures: failures = 0 }: Totals): string | undefined {
  if (calls === undefined) return undefined
  return failures === 0 ? formatCount(calls) : `${formatCount(calls)} (${formatCount(failures)} failed)`
}

function kpisOf(line: LedgerLine, { kpis }: LedgerInvocation): string | undefined {
  const texts = Object.entries(kpis).map(
    ([kpi, value]) => `${escapeMarkdown(kpiLabel(line, kpi))} ${kpiText(kpi, value)}`,
  )
  return texts.length === 0 ? undefined : texts.join(', ')
}

function counted(count: number | undefined): string | undefined {
  return count === undefined ? undefined : formatCount(count)
}
