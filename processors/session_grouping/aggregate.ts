import type { Activity, InvocationRef, Observation, TokenCounts } from '#src/model/activity.ts'
import type { Session, SessionTrigger, TokenSnapshot } from '#src/model/session.ts'
import { KeySet } from '#src/store/key-set.ts'
import { agentTypeRank } from './agent-types.ts'
import { addFact, type Facts, MAX_REPEATS, noFacts } from './facts.ts'
import { addInterval, type Interval } from './intervals.ts'
import { addContext, type InvocationMark, type InvocationRun, resolveInvocations, stretchRun } from './invocations.ts'
import { entryOf, firstOf } from './map-entry.ts'
import { resolveMeters } from './meters.ts'
import {
  resolveCompactions,
  resolveModelUse,
  resolvePrompts,
  resolveRejections,
  resolveTasks,
  resolveTools,
} from './resolve-facts.ts'

/** One for each model or transcript of a session. */
const MAX_COUNTERS = 1000

/** Spans longer than this are activity in the mission's literal formula. */
const LONG_SPAN_MS = 1000

/** Telemetry goes on for a moment after the end signal: other hooks of the same stop, last flushes. */
const END_SIGNAL_GRACE_MS = 60_000

/** What was written about the session, not what was done in it. */
const ASIDE: ReadonlySet<Activity['kind']> = new Set(['evaluation', 'usage', 'context_added'])

interface CounterReadings {
  /** The last that was told, by time. */
  model: string | undefined
  modelAtMs?: number
  snapshots: TokenSnapshot[]
}

/** What a session's aggregate consists of, as it is kept on disk. */
export interface AggregateFields {
  readonly id: string
  phase: 'open' | 'closed'
  /** Number of times that the session was closed. */
  revision: number
  /** The first that was told, by time, of those told in the most trusted way. */
  agentType: string | undefined
  agentTypeRank: number
  agentTypeAtMs: number
  /** The last that was told, by time. */
  agentVersion: string | undefined
  agentVersionAtMs: number
  /** Infinity and -Infinity while no activity was seen. */
  firstMs: number
  lastMs: number
  sources: Record<string, number>
  activeIntervals: Interval[]
  processStartsMs: number[]
  processEndsMs: number[]
  counters: Map<string, CounterReadings>
  facts: Facts
  evaluations: Map<string, number[]>
  /** When evaluations, metrics and what is told of hooks were written: they may come long after the session, and do not stretch it. */
  asideFirstMs: number
  asideLastMs: number
  spans: { count: number; notOk: number; longMs: number }
  /** The most that hooks added to the context at a start. */
  contextCharacters?: number
  marks: InvocationMark[]
  /** By invocation id: what is known of it from its own work. */
  runs: Map<string, InvocationRun>
}

/** What became of an observation. */
export type Taken = 'used' | 'duplicate' | 'over_limit'

/** One session's observations, added up. The result does not depend on the order in which they come. */
export class Aggregate {
  readonly fields: AggregateFields
  readonly keys: KeySet

  constructor(fields: AggregateFields, keys: KeySet) {
    this.fields = fields
    this.keys = keys
  }

  /** @param revision how often the session was closed before */
  static begin(id: string, revision: number): Aggregate {
    return new Aggregate(emptyFields(id, revision), new KeySet())
  }

  /** @param idleGapMs activities with at most this much time between them are one stretch of work */
  take(observation: Observation, idleGapMs: number): Taken {
    if (!this.keys.add(observation.key)) return 'duplicate'
    const { fields } = this
    const { source, startMs, endMs, activities } = observation
    fields.sources[source] = (fields.sources[source] ?? 0) + 1
    if (observation.agentType !== undefined) this.#hearAgentType(observation.agentType, observation)
    if (observation.agentVersion !== undefined && startMs >= fields.agentVersionAtMs) {
      const { agentVersion, agentVersionAtMs } = fields
      fields.agentVersion =
        startMs > agentVersionAtMs ? observation.agentVersion : firstOf(agentVersion, observation.agentVersion)
      fields.agentVersionAtMs = startMs
    }
    if (observation.span !== undefined) this.#countSpan(observation.span.ok, endMs - startMs)
    let taken: Taken = 'used'
    for (const activity of activities) {
      if (ASIDE.has(activity.kind)) this.#setAside(startMs, endMs)
      else this.#stretch(startMs, Math.max(startMs, endMs), idleGapMs, observation.invocation)
      if (!this.#add(activity, observation)) taken = 'over_limit'
    }
    return taken
  }

  get startMs(): number {
    const { firstMs, asideFirstMs } = this.fields
    return firstMs === Infinity ? asideFirstMs : firstMs
  }

  get endMs(): number {
    const { lastMs, asideLastMs } = this.fields
    return lastMs === -Infinity ? asideLastMs : lastMs
  }

  /** Whether the last thing heard of the session is that it ended. */
  get endSignalled(): boolean {
    const { processStartsMs, processEndsMs, lastMs } = this.fields
    const endMs = processEndsMs.at(-1)
    if (endMs === undefined || endMs < lastMs - END_SIGNAL_GRACE_MS) return false
    return endMs >= (processStartsMs.at(-1) ?? -Infinity)
  }

  /**
   * An unchanging picture of the session as it is now, with the revision that it gets when it is closed.
   *
   * @param trigger why it is closed, unless an end signal tells
   */
  toSession(agentType: string, trigger: SessionTrigger, revision = this.fields.revision + 1): Session {
    const { fields } = this
    const { facts, sources } = fields
    return {
      id: fields.id,
      revision,
      trigger: this.endSignalled ? 'end_signal' : trigger,
      agentType,
      agentVersion: fields.agentVersion,
      startedAtMs: this.startMs,
      endedAtMs: this.endMs,
      sources: Object.keys(sources).toSorted(),
      activeIntervals: fields.activeIntervals.map(([startMs, endMs]) => [startMs, endMs]),
      processStartsMs: [...fields.processStartsMs],
      processEndsMs: [...fields.processEndsMs],
      tokenCounters: [...fields.counters]
        .toSorted(([a], [b]) => (a < b ? -1 : 1))
        .map(([counter, { model, snapshots }]) => ({
          counter,
          model,
          snapshots: [...snapshots],
        })),
      modelUse: resolveModelUse(facts, sources),
      meteredUse: resolveMeters(facts.meters),
      rejections: resolveRejections(facts, sources),
      tools: resolveTools(facts),
      tasks: resolveTasks(facts),
      evaluations: Object.fromEntries([...fields.evaluations].map(([name, scores]) => [name, [...scores]])),
      prompts: resolvePrompts(facts),
      compactions: resolveCompactions(facts),
      ...(fields.contextCharacters !== undefined && { contextCharacters: fields.contextCharacters }),
      spans: { ...fields.spans },
      invocations: resolveInvocations(fields),
    }
  }

  #hearAgentType(agentType: string, { agentTypeOrigin, startMs }: Observation): void {
    const { fields } = this
    const rank = agentTypeRank(agentTypeOrigin)
    const order =
      rank - fields.agentTypeRank || startMs - fields.agentTypeAtMs || (agentType < (fields.agentType ?? '') ? -1 : 1)
    if (order >= 0) return
    fields.agentType = agentType
    fields.agentTypeRank = rank
    fields.agentTypeAtMs = startMs
  }

  #countSpan(ok: boolean, lengthMs: number): void {
    const { spans } = this.fields
    spans.count++
    if (!ok) spans.notOk++
    if (lengthMs > LONG_SPAN_MS) spans.longMs += lengthMs
  }

  #stretch(startMs: number, endMs: number, idleGapMs: number, invocation: InvocationRef | undefined): void {
    const { fields } = this
    if (startMs < fields.firstMs) fields.firstMs = startMs
    if (endMs > fields.lastMs) fields.lastMs = endMs
    addInterval(fields.activeIntervals, startMs, endMs, idleGapMs)
    if (invocation !== undefined) stretchRun(fields.runs, invocation, startMs, endMs, idleGapMs)
  }

  #setAside(startMs: number, endMs: number): void {
    const { fields } = this
    if (startMs < fields.asideFirstMs) fields.asideFirstMs = startMs
    if (endMs > fields.asideLastMs) fields.asideLastMs = endMs
  }

  /** @returns whether there was room for it */
  #add(activity: Activity, { source, key, startMs, endMs, invocation }: Observation): boolean {
    const { fields } = this
    switch (activity.kind) {
      case 'presence':
        return true
      case 'context_added':
        if (invocation !== undefined) return addContext(fields.runs, invocation, activity.characters)
        fields.contextCharacters = Math.max(fields.contextCharacters ?? 0, activity.characters)
        return true
      case 'session_start':
        return insertOrdered(fields.processStartsMs, startMs, byNumber)
      case 'session_end':
        return insertOrdered(fields.processEndsMs, endMs, byNumber)
      case 'evaluation':
        return insertOrdered(entryOf(fields.evaluations, activity.name, emptyList), activity.score, byNumber)
      case 'token_snapshot': {
        if (!fields.counters.has(activity.counter) && fields.counters.size >= MAX_COUNTERS) return false
        const counter = entryOf(fields.counters, activity.counter, noReadings)
        hearModel(counter, activity.model, endMs)
        const { messages, tokens, before } = activity
        const snapshot = { timeMs: endMs, messages, tokens, ...(before === undefined ? undefined : { before }) }
        return insertOrdered(counter.snapshots, snapshot, bySnapshot)
      }
      case 'invocation_start':
        return this.#mark({
          kind: 'start',
          timeMs: startMs,
          agentType: activity.agentType,
          invocationId: activity.invocationId,
          parentId: parentOf(activity, invocation),
          status: 'running',
          final: !activity.background,
        })
      case 'invocation_end':
        return this.#mark({
          kind: 'end',
          timeMs: endMs,
          agentType: activity.agentType,
          invocationId: activity.invocationId,
          parentId: parentOf(activity, invocation),
          status: activity.status,
          final: activity.final,
        })
      default:
        return addFact(fields.facts, activity, { source, key, invocationId: invocation?.id })
    }
  }

  #mark(mark: InvocationMark): boolean {
    if (this.fields.marks.length >= MAX_REPEATS) return false
    this.fields.marks.push(mark)
    return true
  }
}

function emptyFields(id: string, revision: number): AggregateFields {
  return {
    id,
    phase: 'open',
    revision,
    agentType: undefined,
    agentTypeRank: Number.MAX_SAFE_INTEGER,
    agentTypeAtMs: Infinity,
    agentVersion: undefined,
    agentVersionAtMs: -Infinity,
    firstMs: Infinity,
    lastMs: -Infinity,
    sources: {},
    activeIntervals: [],
    processStartsMs: [],
    processEndsMs: [],
    counters: new Map(),
    facts: noFacts(),
    evaluations: new Map(),
    asideFirstMs: Infinity,
    asideLastMs: -Infinity,
    spans: { count: 0, notOk: 0, longMs: 0 },
    marks: [],
    runs: new Map(),
  }
}

const byNumber = (a: number, b: number): number => a - b
const noReadings = (): CounterReadings => ({ model: undefined, snapshots: [] })
const emptyList = (): number[] => []

/** What one subagent tells of another is told by the one that started it. */
function parentOf(
  { invocationId }: { readonly invocationId: string | undefined },
  teller: InvocationRef | undefined,
): string | undefined {
  return teller?.id === invocationId ? undefined : teller?.id
}

/** Readings of the same time in the order in which the counter grew. */
function bySnapshot(a: TokenSnapshot, b: TokenSnapshot): number {
  return a.timeMs - b.timeMs || a.messages - b.messages || byTokens(a.tokens, b.tokens)
}

function byTokens(a: TokenCounts, b: TokenCounts): number {
  return (
    a.output - b.output ||
    a.freshInput - b.freshInput ||
    a.cacheRead - b.cacheRead ||
    a.cacheCreation - b.cacheCreation ||
    a.reasoning - b.reasoning
  )
}

function hearModel(counter: CounterReadings, model: string | undefined, timeMs: number): void {
  const { modelAtMs = -Infinity } = counter
  if (model === undefined || timeMs < modelAtMs) return
  counter.model = timeMs > modelAtMs ? model : firstOf(counter.model, model)
  counter.modelAtMs = timeMs
}

function insertOrdered<T>(list: T[], item: T, compare: (a: T, b: T) => number): boolean {
  if (list.length >= MAX_REPEATS) return false
  const before = list.findLastIndex((other) => compare(other, item) <= 0)
  list.splice(before + 1, 0, item)
  return true
}
