import { EnvironmentError } from '#src/errors.ts'
import { kpiDefinition } from '#src/kpi/table.ts'
import type { KpiHistory, LedgerLine } from '#src/model/assessment.ts'
import { historyEntry } from './history-entry.ts'
import type { HistoryResets } from './history-resets.ts'
import { KpiRanks } from './kpi-ranks.ts'
import { LineIndex } from './line-index.ts'
import { type AgentHistory, HISTORY_WINDOW, type History, type HistoryEntry } from './store.ts'

/** Windows of so many agent types are kept in memory; those of others are read from the ledger when asked for. */
const MAX_WINDOWS = 64
const RECENT_VALUES = 10

/** Where lines are read from again. */
export interface LineSource {
  readonly path: string
  lineAt(offset: number): LedgerLine | undefined
}

export interface HistoryOptions {
  readonly source: LineSource
  readonly resets: HistoryResets
  /** Sessions are analysed anew: none counts as known. */
  readonly knowsNone: boolean
}

/**
 * The ledger's projection: a fold over its lines. What it holds does not depend on how it came to a line: from the
 * first one, from a snapshot, or by going back.
 */
export class LedgerHistory implements History {
  readonly #options: HistoryOptions
  readonly #index: LineIndex
  readonly #ranks: KpiRanks
  readonly #sessionCounts: Map<string, number>
  /** Sessions before the place that a reset gives, by agent type; counted when first asked for. */
  readonly #uncounted = new Map<string, { readonly firstPlace: number; readonly count: number }>()
  /** By agent type, the least recently used first. The arrays are replaced, never changed. */
  readonly #windows = new Map<string, readonly HistoryEntry[]>()

  constructor(options: HistoryOptions, index = new LineIndex(), ranks = new KpiRanks()) {
    this.#options = options
    this.#index = index
    this.#ranks = ranks
    this.#sessionCounts = index.sessionCounts()
  }

  get index(): LineIndex {
    return this.#index
  }

  get ranks(): KpiRanks {
    return this.#ranks
  }

  /** Takes in the ledger's next line. */
  apply(line: LedgerLine, offset: number): void {
    const { session_id, revision, agent_type, kpis } = line
    const { place, previousLine } = this.#index.append(session_id, revision, agent_type, offset)
    if (previousLine === undefined) {
      this.#count(agent_type, 1)
      this.#append(agent_type, historyEntry(line, place))
    } else {
      this.#revise(line, place, previousLine)
    }
    this.#ranks.add(kpis)
  }

  agentTypes(): readonly string[] {
    return [...this.#sessionCounts.keys()].sort()
  }

  of(agentType: string): AgentHistory | undefined {
    const all = this.#sessionCounts.get(agentType)
    if (all === undefined) return undefined
    return { agentType, sessionCount: all - this.#uncountedOf(agentType), window: this.#windowOf(agentType) }
  }

  before(agentType: string, sessionId: string): AgentHistory | undefined {
    const now = this.of(agentType)
    const place = this.#index.placeOf(sessionId)
    if (now === undefined) return undefined
    if (place === undefined) return now.sessionCount === 0 ? undefined : now
    return this.#beforePlace(now, place)
  }

  upTo(agentType: string, sessionCount: number): AgentHistory | undefined {
    const now = this.of(agentType)
    return now === undefined ? undefined : this.#beforePlace(now, sessionCount)
  }

  #beforePlace(now: AgentHistory, place: number): AgentHistory | undefined {
    const { agentType } = now
    const first = this.#options.resets.firstPlace(agentType, place)
    const sessionCount = this.#countBefore(now, first, place)
    if (sessionCount === 0) return undefined
    const earlier = now.window.filter((entry) => entry.place < place)
    const missing = Math.min(HISTORY_WINDOW, sessionCount) - earlier.length
    const older = this.#read(agentType, first, earlier[0]?.place ?? place, missing)
    return { agentType, sessionCount, window: [...older, ...earlier] }
  }

  /** Sessions of an agent type so far count for its baseline no longer. @param at ISO 8601 */
  reset(agentType: string, at: string): void {
    this.#options.resets.add(agentType, this.#index.sessionCount, at)
  }

  revisionOf(sessionId: string): number {
    const place = this.#index.placeOf(sessionId)
    return place === undefined ? 0 : this.#index.revisionOf(this.#index.lastLineOf(place))
  }

  lineOf(sessionId: string, revision: number): LedgerLine | undefined {
    const line = this.#index.lineOf(sessionId, revision)
    return line === undefined ? undefined : this.#lineAt(line)
  }

  knows(sessionId: string): boolean {
    return !this.#options.knowsNone && this.#index.placeOf(sessionId) !== undefined
  }

  standing(line: LedgerLine): Readonly<Record<string, KpiHistory>> {
    const earlier = this.#recentBefore(line)
    return Object.fromEntries(
      Object.entries(line.kpis).map(([kpi, value]) => {
        const recent = lastValues(earlier, kpi, RECENT_VALUES - 1)
        recent.push(value)
        return [kpi, this.#rank(line, kpi, value, recent)]
      }),
    )
  }

  /** The history as it was when the ledger ended at an offset. */
  rewound(toOffset: number): LedgerHistory {
    const lineCount = this.#index.linesBefore(toOffset)
    if (lineCount === 0) return new LedgerHistory(this.#options)
    const ranks = KpiRanks.fromBuckets(this.#ranks.buckets())
    const index = this.#index.rewound(lineCount, (lineNow, lineThen) => {
      ranks.remove(this.#lineAt(lineNow).kpis)
      if (lineThen !== undefined) ranks.add(this.#lineAt(lineThen).kpis)
    })
    return new LedgerHistory(this.#options, index, ranks)
  }

  #revise(line: LedgerLine, place: number, previousLine: number): void {
    const agentTypeBefore = this.#index.agentTypeOf(previousLine)
    this.#ranks.remove(this.#lineAt(previousLine).kpis)
    if (agentTypeBefore === line.agent_type) return this.#replace(line.agent_type, historyEntry(line, place))
    this.#count(agentTypeBefore, -1)
    this.#count(line.agent_type, 1)
    // Both windows change somewhere in the middle; they are read anew when next asked for.
    for (const agentType of [agentTypeBefore, line.agent_type]) {
      this.#windows.delete(agentType)
      this.#uncounted.delete(agentType)
    }
  }

  #firstPlaceNow(agentType: string): number {
    return this.#options.resets.firstPlace(agentType, this.#index.sessionCount)
  }

  #uncountedOf(agentType: string): number {
    const firstPlace = this.#firstPlaceNow(agentType)
    const known = this.#uncounted.get(agentType)
    if (known?.firstPlace === firstPlace) return known.count
    const count = this.#index.countBetween(agentType, 0, firstPlace)
    this.#uncounted.set(agentType, { firstPlace, count })
    return count
  }

  /** Counts from the end where that is the same: most sessions that are looked up are recent ones. */
  #countBefore({ agentType, sessionCount }: AgentHistory, first: number, place: number): number {
    if (first !== this.#firstPlaceNow(agentType)) return this.#index.countBetween(agentType, first, place)
    return sessionCount - this.#index.countBetween(agentType, place, this.#index.sessionCount)
  }

  #count(agentType: string, change: number): void {
    const count = (this.#sessionCounts.get(agentType) ?? 0) + change
    if (count === 0) this.#sessionCounts.delete(agentType)
    else this.#sessionCounts.set(agentType, count)
  }

  #append(agentType: string, entry: HistoryEntry): void {
    const window = this.#sessionCounts.get(agentType) === 1 ? [] : this.#windows.get(agentType)
    if (window !== undefined) this.#keep(agentType, [...window, entry].slice(-HISTORY_WINDOW))
  }

  #replace(agentType: string, entry: HistoryEntry): void {
    const window = this.#windows.get(agentType)
    if (window !== undefined)
      this.#keep(
        agentType,
        window.map((old) => (old.place === entry.place ? entry : old)),
      )
  }

  #windowOf(agentType: string): readonly HistoryEntry[] {
    const firstPlace = this.#firstPlaceNow(agentType)
    const window =
      this.#windows.get(agentType) ?? this.#read(agentType, firstPlace, this.#index.sessionCount, HISTORY_WINDOW)
    this.#keep(agentType, window)
    return (window[0]?.place ?? firstPlace) < firstPlace ? window.filter(({ place }) => place >= firstPlace) : window
  }

  #keep(agentType: string, window: readonly HistoryEntry[]): void {
    this.#windows.delete(agentType)
    this.#windows.set(agentType, window)
    const [oldest] = this.#windows.keys()
    if (this.#windows.size > MAX_WINDOWS && oldest !== undefined) this.#windows.delete(oldest)
  }

  /** The last entries of an agent type from `from` up to, not including, `to`, from the ledger. */
  #read(agentType: string, from: number, to: number, limit: number): HistoryEntry[] {
    if (limit <= 0) return []
    return this.#index
      .placesBetween(agentType, from, to, limit)
      .map((place) => historyEntry(this.#lineAt(this.#index.lastLineOf(place)), place))
  }

  #lineAt(number: number): LedgerLine {
    const { source } = this.#options
    const offset = this.#index.offsetOf(number)
    const line = source.lineAt(offset)
    if (line !== undefined) return line
    throw new EnvironmentError(
      `${source.path}, byte ${offset}: expected a ledger line that stood there before, found none: the file was changed. ` +
        'Restore it, or run `agentperf rebuild`.',
    )
  }

  /** Entries before a line, enough for its recent values: the window holds them unless the session is an old one. */
  #recentBefore({ agent_type, session_id }: LedgerLine): readonly HistoryEntry[] {
    const window = this.of(agent_type)?.window ?? []
    const last = window.at(-1)
    if (last?.sessionId === session_id) return window.slice(0, -1)
    return this.before(agent_type, session_id)?.window.slice(1 - HISTORY_WINDOW) ?? []
  }

  /** Mid-rank: half of the equal values count as not better. */
  #rank({ custom_kpis }: LedgerLine, kpi: string, value: number, recent: readonly number[]): KpiHistory {
    const { below, equal, count } = this.#ranks.rank(kpi, value)
    if (count === 0) return { rank: 0.5, count: 0, recent }
    const direction = custom_kpis?.[kpi]?.direction ?? kpiDefinition(kpi)?.direction
    const worse = direction === 'lower' ? count - below - equal : below
    return { rank: (worse + equal / 2) / count, count, recent }
  }
}

function lastValues(entries: readonly HistoryEntry[], kpi: string, limit: number): number[] {
  const values: number[] = []
  for (let index = entries.length - 1; index >= 0 && values.length < limit; index -= 1) {
    const value = entries[index]?.kpis[kpi]
    if (value !== undefined) values.push(value)
  }
  return values.reverse()
}
