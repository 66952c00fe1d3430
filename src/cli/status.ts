import { type AgentStatus, agentStatus } from '#src/alert/agent-status.ts'
import { openStore } from '#src/store/open-store.ts'
import { latestLines } from '#src/store/read-ledger.ts'
import type { SuggestionLife } from '#src/suggestion/suggestion-life.ts'
import { lastLines } from './agent-types.ts'
import { loadConfiguration } from './configuration.ts'
import { EXIT, type Io } from './io.ts'
import type { StatusOptions } from './options.ts'
import { type Column, renderTable, tableStyle } from './table.ts'

/** Sessions that shares are counted over. */
const LAST_SESSIONS = 1000

const COLUMNS: readonly Column[] = [
  { header: 'agent type', minWidth: 14 },
  { header: 'status' },
  { header: 'sessions', align: 'right', priority: 2 },
  { header: 'suggestions', priority: 1 },
  { header: 'last session', priority: 3 },
  { header: 'because of', minWidth: 16, priority: 4 },
]
const STYLES = { PASS: 'green', WARNING: 'yellow', CRITICAL: 'red' } as const

interface AgentRow extends AgentStatus {
  readonly sessions: number
  /** How many are in each state. */
  readonly suggestions: Readonly<Record<string, number>>
}

/** How well agentperf itself does; a share of nothing is absent. */
interface OwnMetrics {
  /** KPIs that the last sessions have, of those that they should have. */
  readonly coverage?: number
  /** Of the last sessions, those that a suggestion was put into. */
  readonly sessions_with_injection?: number
  /** Of the suggestions whose trial is over, those that were proven. */
  readonly proven?: number
  /** Change of their KPI that is believed of proven ones, by the mean of its amount. */
  readonly mean_proved_change?: number
}

/** How the agents do, by their last sessions, and how agentperf does. */
export async function run(options: StatusOptions, io: Io): Promise<number> {
  const { service } = await loadConfiguration(options, io)
  const { directory } = service.storage
  const { lives, sessionCounts } = await readStore(directory, io)
  const agents = lastLines(directory)
    .map(agentStatus)
    .map((one) => ({
      ...one,
      sessions: sessionCounts.get(one.agent_type) ?? 0,
      suggestions: countStates(lives.filter(({ agentType }) => agentType === one.agent_type)),
    }))
  const metrics = ownMetrics(directory, lives)
  if (options.json) io.stdout.write(`${JSON.stringify({ agents, metrics }, null, 2)}\n`)
  else if (agents.length > 0) io.stdout.write(textOf(agents, metrics, io))
  else io.stderr.write(`There are no sessions in ${directory} yet. \`agentperf run\` fills it.\n`)
  return EXIT.fine
}

async function readStore(directory: string, io: Io) {
  const store = await openStore({ directory, mode: 'ephemeral', nowMs: io.nowMs })
  try {
    const { history, suggestions } = store
    const counts = history.agentTypes().map((type) => [type, history.of(type)?.sessionCount ?? 0] as const)
    return { lives: suggestions.all(), sessionCounts: new Map(counts) }
  } finally {
    await store.close()
  }
}

function countStates(lives: readonly SuggestionLife[]): Readonly<Record<string, number>> {
  const counts: Record<string, number> = {}
  for (const { state } of lives) counts[state] = (counts[state] ?? 0) + 1
  return counts
}

function ownMetrics(directory: string, lives: readonly SuggestionLife[]): OwnMetrics {
  let sessions = 0
  let completeness = 0
  let injected = 0
  for (const line of latestLines(directory)) {
    sessions += 1
    completeness += line.completeness
    if (line.optimizations_active.length > 0) injected += 1
    if (sessions === LAST_SESSIONS) break
  }
  const proven = lives.filter(({ state }) => state === 'proven' || state === 'promoted')
  const over = proven.length + lives.filter(({ state }) => state === 'retired').length
  const changes = proven.flatMap(({ verdict }) => verdict?.evidence.change ?? []).map(Math.abs)
  return {
    ...(sessions > 0 && { coverage: completeness / sessions, sessions_with_injection: injected / sessions }),
    ...(over > 0 && { proven: proven.length / over }),
    ...(changes.length > 0 && { mean_proved_change: changes.reduce((sum, one) => sum + one, 0) / changes.length }),
  }
}

function textOf(agents: readonly AgentRow[], metrics: OwnMetrics, io: Io): string {
  const rows = agents.map(({ agent_type, status, sessions, suggestions, ended_at, because }) => [
    agent_type,
    { text: status, style: STYLES[status] },
    String(sessions),
    Object.entries(suggestions)
      .map(([state, count]) => `${count} ${state}`)
      .join(', '),
    ended_at.slice(0, 16).replace('T', ' '),
    because.join('; '),
  ])
  const percent = (share: number | undefined): string => (share === undefined ? '-' : `${(share * 100).toFixed(0)}%`)
  const own = [
    `KPIs measured ${percent(metrics.coverage)}`,
    `sessions with injection ${percent(metrics.sessions_with_injection)}`,
    `trials that proved something ${percent(metrics.proven)}`,
    `mean proved change ${percent(metrics.mean_proved_change)}`,
  ]
  return `${renderTable(COLUMNS, rows, tableStyle(io.stdout, io.env))}\n${own.map((text) => `${text}\n`).join('')}`
}
