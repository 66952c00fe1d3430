import { type AgentStatus, agentStatus } from '#src/alert/agent-status.ts'
import { visibleText } from '#src/report/visible-text.ts'
import { openStore } from '#src/store/open-store.ts'
import type { SuggestionLife } from '#src/suggestion/suggestion-life.ts'
import { MAX_INCOMPLETE_SHARE } from '../report/weekly-facts.ts'
import { dueForReview } from '../report/weekly-summary.ts'
import { lastLines } from './agent-types.ts'
import { loadConfiguration } from './configuration.ts'
import { EXIT, type Io } from './io.ts'
import type { StatusOptions } from './options.ts'
import {
  ackMetrics,
  injectionMetrics,
  lastSessions,
  latencyMetrics,
  type OwnMetrics,
  suggestionMetrics,
} from './own-metrics.ts'
import { ownName } from './own-name.ts'
import { type Column, renderTable, tableStyle } from './table.ts'

/** What is normal for an agent type is not renewed by then. */
const STALE_AFTER_MS = 7 * 86_400_000

const COLUMNS: readonly Column[] = [
  { header: 'agent type', minWidth: 14 },
  { header: 'status' },
  { header: 'sessions', align: 'right', priority: 2 },
  { header: 'suggestions', priority: 1 },
  { header: 'last ended', priority: 3 },
  { header: 'notes', priority: 2 },
  { header: 'because of', minWidth: 16, priority: 4 },
]
const STYLES = { PASS: 'green', WARNING: 'yellow', CRITICAL: 'red' } as const

interface AgentRow extends AgentStatus {
  readonly sessions: number
  /** How many are in each state. */
  readonly suggestions: Readonly<Record<string, number>>
  /** Somebody has seen what is alarming about the last session. */
  readonly acknowledged: boolean
  /** There was no session for a week. */
  readonly stale: boolean
  /** Of its last sessions, those that lack KPIs which they should have: worth a look from a fifth on. */
  readonly incomplete_share: number
}

/** A promoted suggestion that nobody has looked at for a quarter of a year. */
interface Review {
  readonly id: string
  readonly agent_type: string
  readonly title: string
  readonly promoted_at: string
}

/** How the agents do, by their last sessions, and how agentperf does. */
export async function run(options: StatusOptions, io: Io): Promise<number> {
  const { service } = await loadConfiguration(options, io)
  const { directory } = service.storage
  const store = await openStore({ directory, mode: 'ephemeral', nowMs: io.nowMs })
  try {
    const { history, suggestions, acks } = store
    const lives = suggestions.all()
    const { metrics: ofSessions, incomplete } = lastSessions(directory)
    const agents = lastLines(directory)
      .map(agentStatus)
      .map((one) => ({
        ...one,
        sessions: history.of(one.agent_type)?.sessionCount ?? 0,
        suggestions: countStates(lives.filter(({ agentType }) => agentType === one.agent_type)),
        acknowledged: acks.of(one.agent_type, one.session_id) !== undefined,
        stale: Date.parse(one.ended_at) < io.nowMs() - STALE_AFTER_MS,
        incomplete_share: incomplete.get(one.agent_type) ?? 0,
      }))
    const latency = await latencyMetrics(directory)
    const metrics = {
      ...ofSessions,
      ...latency,
      ...injectionMetrics(directory),
      ...ackMetrics(store),
      ...suggestionMetrics(lives),
    }
    const reviews = dueForReview(lives, io.nowMs()).map(reviewOf)
    if (options.json) io.stdout.write(`${JSON.stringify({ agents, metrics, reviews }, null, 2)}\n`)
    else if (agents.length > 0) io.stdout.write(textOf(agents, metrics, reviews, io))
    else io.stderr.write(`There are no sessions in ${directory} yet. \`${ownName(io)} run\` fills it.\n`)
    return EXIT.fine
  } finally {
    await store.close()
  }
}

function reviewOf({ id, agentType, title, since }: SuggestionLife): Review {
  return { id, agent_type: agentType, title, promoted_at: since }
}

function countStates(lives: readonly SuggestionLife[]): Readonly<Record<string, number>> {
  const counts: Record<string, number> = {}
  for (const { state } of lives) counts[state] = (counts[state] ?? 0) + 1
  return counts
}

function textOf(agents: readonly AgentRow[], metrics: OwnMetrics, reviews: readonly Review[], io: Io): string {
  const rows = agents.map((agent) => [
    agent.agent_type,
    { text: agent.acknowledged ? `${agent.status} (seen)` : agent.status, style: STYLES[agent.status] },
    String(agent.sessions),
    Object.entries(agent.suggestions)
      .map(([state, count]) => `${count} ${state}`)
      .join(', '),
    agent.ended_at.slice(0, 16).replace('T', ' '),
    notesOf(agent).join(', '),
    agent.because.join('; '),
  ])
  const own = [...ownText(metrics), ...reviews.map(reviewText)]
  return `${renderTable(COLUMNS, rows, tableStyle(io.stdout, io.env))}\n${own.map((text) => `${text}\n`).join('')}`
}

/** How agentperf itself does; what cannot be said yet says why. */
function ownText(metrics: OwnMetrics): readonly string[] {
  const {
    coverage,
    analysis_latency_p99_seconds: latency,
    sessions_with_injection: injected,
    injected_tokens,
  } = metrics
  return [
    coverage === undefined
      ? 'KPIs measured: no session was assessed yet'
      : `KPIs measured: ${percent(coverage)} of those that the last sessions should have`,
    latency === undefined
      ? 'assessment: no session has said yet that it ended, while agentperf ran'
      : `assessment: at most ${latency.toFixed(1)} s after the end, in 99 of 100 sessions that said that they ended`,
    `suggestions: ${percent(injected, 'none')} of the last sessions were told one`,
    injected_tokens === undefined
      ? 'cost of what is told: nothing was told yet'
      : `cost of what is told: about ${injected_tokens.toFixed(0)} tokens each time`,
    metrics.false_alarms === undefined
      ? 'false alarms: none was acknowledged yet'
      : `false alarms: ${percent(metrics.false_alarms)} of those that were acknowledged`,
    ...trialsText(metrics),
  ]
}

function trialsText({ proven, promoted, mean_proved_change: change }: OwnMetrics): readonly string[] {
  if (proven === undefined) return ['trials: none is over yet']
  const effect = change === undefined ? '' : `; mean proved change of the KPI ${percent(change)}`
  return [
    `trials: ${percent(proven)} of those that are over proved that it helps, ${percent(promoted)} were promoted${effect}`,
  ]
}

function reviewText({ id, agent_type, title, promoted_at }: Review): string {
  return `to be looked at again: ${id} of ${visibleText(agent_type)}, promoted ${promoted_at.slice(0, 10)}: ${visibleText(title)}`
}

function notesOf({ stale, incomplete_share }: AgentRow): readonly string[] {
  return [
    ...(stale ? ['stale'] : []),
    ...(incomplete_share > MAX_INCOMPLETE_SHARE ? [`${percent(incomplete_share)} incomplete`] : []),
  ]
}

function percent(share: number | undefined, none = '-'): string {
  return share === undefined ? none : `${(share * 100).toFixed(0)}%`
}
