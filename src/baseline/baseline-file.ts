import { KPI_NAMES, kpiDefinition } from '../kpi/table.ts'
import {
  type BaselineSettings,
  type BaselineStatus,
  BOOTSTRAP_DEFAULTS,
  type PastSessions,
  spreadOf,
  valuesByKpi,
} from './baseline.ts'
import { type Percentiles, percentilesOf } from './percentiles.ts'

/** Version of the file's layout, as the mission has it. */
const VERSION = '1.0.0'

/** One KPI in a baseline file. Numbers are not rounded. */
export interface BaselineEntry extends Percentiles {
  readonly mean: number
  readonly std_dev: number
  readonly status: BaselineStatus
  /** Sessions that it rests on; 0 for an expectation before anything was measured. */
  readonly n: number
  /** The values scatter by more than half of the mean. */
  readonly confidence_low: boolean
}

/** `baselines/{agent-type}.json`: the mission's layout, with `n`, `status` and `confidence_low` for each KPI. */
export interface BaselineDocument {
  readonly agent_type: string
  readonly version: string
  /** End of the latest session; `null` without one. */
  readonly last_updated: string | null
  readonly session_count: number
  readonly bootstrap_threshold: number
  readonly baselines: Readonly<Record<string, BaselineEntry>>
}

/**
 * What is normal for an agent type, from its history alone. While it has fewer sessions than `bootstrapSessions`, KPIs
 * without a value are listed with what is expected of a new agent; later they are left out.
 */
export function baselineDocument(history: PastSessions, settings: BaselineSettings): BaselineDocument {
  const values = valuesByKpi(history)
  const isNew = history.sessionCount < settings.bootstrapSessions
  const baselines: Record<string, BaselineEntry> = {}
  for (const name of inOrder(values.keys())) {
    const entry = entryOf(name, values.get(name) ?? [], settings) ?? (isNew ? expectation(name) : undefined)
    if (entry !== undefined) baselines[name] = entry
  }
  return {
    agent_type: history.agentType,
    version: VERSION,
    last_updated: latestEnd(history),
    session_count: history.sessionCount,
    bootstrap_threshold: settings.bootstrapSessions,
    baselines,
  }
}

/** The file's text: the same history gives the same bytes. */
export function baselineFile(history: PastSessions, settings: BaselineSettings): string {
  return `${JSON.stringify(baselineDocument(history, settings), undefined, 2)}\n`
}

/** The table's KPIs in its order, then those that the configuration defines, by name. */
function inOrder(measured: Iterable<string>): readonly string[] {
  const custom = [...measured].filter((name) => kpiDefinition(name) === undefined)
  return [...KPI_NAMES, ...custom.sort()]
}

function entryOf(name: string, values: readonly number[], settings: BaselineSettings): BaselineEntry | undefined {
  const spread = spreadOf(name, values, settings)
  if (spread === undefined) return undefined
  return {
    mean: spread.mean,
    std_dev: spread.stdDev,
    ...percentilesOf(name, values),
    status: spread.status,
    n: spread.n,
    confidence_low: spread.isUncertain,
  }
}

function expectation(name: string): BaselineEntry | undefined {
  const expected = Object.entries(BOOTSTRAP_DEFAULTS).find(([known]) => known === name)?.[1]
  if (expected === undefined) return undefined
  return { mean: expected.mean, std_dev: expected.stdDev, status: 'bootstrap', n: 0, confidence_low: true }
}

function latestEnd({ window }: PastSessions): string | null {
  let latest: string | null = null
  for (const { endedAt } of window) if (latest === null || endedAt > latest) latest = endedAt
  return latest
}
