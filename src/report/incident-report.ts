import { alertOn } from '../alert/alarm-streak.ts'
import { changePointOf } from '../alert/change-point.ts'
import { recommendationFor } from '../alert/recommendations.ts'
import type { LedgerLine } from '../model/assessment.ts'
import { formatTime } from './format.ts'
import { kpiLabel, kpiText } from './kpi-label.ts'
import { escapeMarkdown } from './markdown.ts'
import { left, right, table } from './report-table.ts'

export interface Incident {
  readonly agentType: string
  readonly metric: string
  /** The sessions in a row that were alarming, oldest first, at least one; the last ones where they are many. */
  readonly streak: readonly LedgerLine[]
  /** All sessions of it. */
  readonly sessionCount: number
  /** End of the session that made it an incident. */
  readonly openedAt: string
  /** The agent type's sessions up to the end of the streak, oldest first. */
  readonly lines: readonly LedgerLine[]
  /** The session that ended it; absent while it goes on. */
  readonly closedBy?: LedgerLine
  /** What was written into the agent's own file, and when. */
  readonly promotions: readonly { readonly id: string; readonly title: string; readonly at: string }[]
}

/** A worsening that lasts, as Markdown: sessions, when it began, what changed then, what to do. */
export function incidentReport(incident: Incident): string {
  const { agentType, metric, streak, closedBy, sessionCount, openedAt } = incident
  const label = escapeMarkdown(kpiLabel(streak.at(-1) ?? {}, metric))
  const state = closedBy === undefined ? 'open' : `closed ${formatTime(closedBy.ended_at)}`
  const header = [
    ['Agent Type', escapeMarkdown(agentType)],
    ['Metric', label],
    ['Status', state],
    ['Detected', formatTime(openedAt)],
    ['Pattern', `${sessionCount} sessions in a row were alarming`],
  ].map(([name, value]) => `- **${name}**: ${value}`)
  const sections = [
    `# Incident: ${label} of ${escapeMarkdown(agentType)}`,
    header.join('\n'),
    `## Sessions\n\n${sessionTable(incident)}`,
    `## When It Began\n\n${whenItBegan(incident)}`,
    `## What To Do\n\n${actions(incident)}`,
    ...(closedBy === undefined ? [] : [`## How It Ended\n\n${howItEnded(closedBy, metric)}`]),
  ]
  return `${sections.join('\n\n')}\n`
}

function sessionTable({ streak, sessionCount, metric }: Incident): string {
  const rows = streak.map((line) => {
    const alert = alertOn(line, metric)
    const value = line.kpis[metric]
    const baseline = alert?.baseline ?? line.baselines[metric]
    return [
      escapeMarkdown(line.session_id),
      formatTime(line.started_at),
      value === undefined ? '' : kpiText(metric, value),
      baseline === undefined ? '' : kpiText(metric, baseline),
      deltaOf(value, baseline),
      alert === undefined ? '' : `${alert.severity} (${alert.reason})`,
    ]
  })
  const columns = [left('Session'), left('Started'), right('Actual'), right('Baseline'), right('Delta'), left('Alert')]
  const earlier = sessionCount > streak.length ? `\n\nThe first ${sessionCount - streak.length} are not shown.` : ''
  return `${table(columns, rows)}${earlier}`
}

/** As a share of the baseline: there is none of 0. */
function deltaOf(value: number | undefined, baseline: number | undefined): string {
  if (value === undefined || baseline === undefined || baseline === 0) return ''
  const share = (value - baseline) / Math.abs(baseline)
  return `${share < 0 ? '' : '+'}${(share * 100).toFixed(0)} %`
}

function whenItBegan(incident: Incident): string {
  const point = changePointOf(incident.lines, incident.metric)
  if (point === undefined) return 'No session is worse than the baseline before it: the change cannot be dated.'
  const { before, first } = point
  const after = before === undefined ? 'or earlier' : `after ${sessionText(before)}`
  return [
    `With ${sessionText(first)}, ${after}. This is an estimate: the session after the last one at which the CUSUM of ` +
      'the deviations was 0.',
    '',
    ...changesAt(incident, before, first).map((change) => `- ${change}`),
  ].join('\n')
}

function changesAt(
  { promotions, lines }: Incident,
  before: LedgerLine | undefined,
  first: LedgerLine,
): readonly string[] {
  const promoted = promotions
    .filter(({ at }) => (before === undefined || at > before.started_at) && at <= first.ended_at)
    .map(({ id, title, at }) => `Written into the agent file ${formatTime(at)}: ${escapeMarkdown(`${title} (${id})`)}`)
  return [
    changeOf('Model', before?.model, first.model),
    changeOf('Version of the agent program', before?.agent_version, first.agent_version),
    ...promoted,
    agentFileChange(lines.slice(0, lines.indexOf(first)), first),
  ]
}

/** @param before sessions before the worsening, oldest first */
function agentFileChange(before: readonly LedgerLine[], { agent_file_hash: after }: LedgerLine): string {
  const hash = before.findLast(({ agent_file_hash }) => agent_file_hash !== undefined)?.agent_file_hash
  if (hash === undefined || after === undefined)
    return "Agent file: what was in it then is not known; look at the file's history"
  return hash === after ? `Agent file: the same (${after})` : `Agent file: changed (${hash} → ${after})`
}

/** @param before absent when no session before is known, `null` when it did not tell */
function changeOf(name: string, before: string | null | undefined, after: string | null): string {
  const text = (value: string | null): string => (value === null ? 'unknown' : escapeMarkdown(value))
  if (before === undefined) return `${name}: ${text(after)}; what it was before is not known`
  return before === after ? `${name}: the same (${text(after)})` : `${name}: ${text(before)} → ${text(after)}`
}

function actions({ agentType, metric, streak }: Incident): string {
  const reports = streak.map(({ session_id }) => escapeMarkdown(session_id)).slice(-3)
  const name = escapeMarkdown(agentType)
  // What looks like an option is none behind it.
  const end = agentType.startsWith('-') ? ' --' : ''
  return [
    recommendationFor(metric),
    `Read the reports of the sessions (\`agentperf report\`): ${reports.join(', ')}.`,
    'Undo what changed when it began, if something did: model, version, agent file, kind of work.',
    `Say that you have seen it: \`agentperf ack${end}\` ${name}, or \`agentperf ack --false-alarm${end}\` ${name} when nothing is wrong; ` +
      `when this is how it is from now on, \`agentperf baselines reset${end}\` ${name}.`,
  ]
    .map((action, index) => `${index + 1}. ${action}`)
    .join('\n')
}

function howItEnded(closedBy: LedgerLine, metric: string): string {
  const value = closedBy.kpis[metric]
  return `With ${sessionText(closedBy)}, which was not alarming${value === undefined ? '' : ` (${kpiText(metric, value)})`}.`
}

function sessionText({ session_id, started_at }: LedgerLine): string {
  return `session ${escapeMarkdown(session_id)} (${formatTime(started_at)})`
}
