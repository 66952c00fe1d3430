import type { Activity, Observation, Outcome, TaskStatus } from '#src/model/activity.ts'
import type { Session, SessionTrigger, TokenSnapshot } from '#src/model/session.ts'
import { KeySet } from '#src/store/key-set.ts'
import type { SessionPhase } from '#src/store/store.ts'
import { addInterval, type Interval } from './intervals.ts'
import { type InvocationMark, pairInvocations } from './invocations.ts'

/** A session takes in at most this many of each repeated thing; what is over is refused and counted. */
const MAX_REPEATS = 10_000

/** Tools beyond this many different names are counted together. */
const MAX_TOOL_NAMES = 1000
const OTHER_TOOLS = '(other)'

/** Spans longer than this are activity in the mission's literal formula. */
const LONG_SPAN_MS = 1000

/** Telemetry goes on for a moment after the end signal: other hooks of the same stop, last flushes. */
const END_SIGNAL_GRACE_MS = 60_000

const STATUS_ORDER: readonly TaskStatus[] = ['pending', 'in_progress', 'completed', 'deleted']

interface ToolTally {
  calls: number
  failures: number
  unknown: number
}

interface CounterReadings {
  model: string | undefined
  snapshots: TokenSnapshot[]
}

/** What a session's aggregate consists of, as it is kept on disk. */
export interface AggregateFields {
  readonly id: string
  phase: SessionPhase
  /** Number of times that the session was closed. */
  revision: number
  trigger: SessionTrigger
  /** The first that was told, by time. */
  agentType: string | undefined
  agentTypeAtMs: number
  agentVersion: string | undefined
  /** Infinity and -Infinity while nothing but evaluations was seen. */
  firstMs: number
  lastMs: number
  sources: Record<string, number>
  activeIntervals: Interval[]
  processStartsMs: number[]
  processEndsMs: number[]
  counters: Record<string, CounterReadings>
  tools: Record<string, ToolTally>
  tasks: { creates: number; updates: number; completedWithoutId: number; statuses: Record<string, TaskStatus> }
  evaluations: Record<string, number[]>
  /** Evaluations may be written long after the session: they do not stretch it. */
  evaluatedMs: number | undefined
  prompts: number
  compactions: number
  spans: { count: number; notOk: number; longMs: number }
  marks: InvocationMark[]
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
    if (observation.agentType !== undefined && startMs < fields.agentTypeAtMs) {
      fields.agentType = observation.agentType
      fields.agentTypeAtMs = startMs
    }
    fields.agentVersion = observation.agentVersion ?? fields.agentVersion
    if (observation.span !== undefined) this.#countSpan(observation.span.ok, endMs - startMs)
    let taken: Taken = 'used'
    for (const activity of activities) {
      if (activity.kind === 'evaluation') fields.evaluatedMs = Math.max(fields.evaluatedMs ?? startMs, startMs)
      else this.#stretch(startMs, Math.max(startMs, endMs), idleGapMs)
      if (!this.#add(activity, startMs, endMs)) taken = 'over_limit'
    }
    return taken
  }

  get startMs(): number {
    return this.fields.firstMs === Infinity ? (this.fields.evaluatedMs ?? 0) : this.fields.firstMs
  }

  get endMs(): number {
    return this.fields.lastMs === -Infinity ? (this.fields.evaluatedMs ?? 0) : this.fields.lastMs
  }

  /** Whether the last thing heard of the session is that it ended. */
  get endSignalled(): boolean {
    const { processStartsMs, processEndsMs, lastMs } = this.fields
    const endMs = processEndsMs.at(-1)
    if (endMs === undefined || endMs < lastMs - END_SIGNAL_GRACE_MS) return false
    return endMs >= (processStartsMs.at(-1) ?? -Infinity)
  }

  /** An unchanging picture of the session as it is now. */
  toSession(agentType: string): Session {
    const { fields } = this
    return {
      id: fields.id,
      revision: fields.revision,
      trigger: fields.trigger,
      agentType,
      agentVersion: fields.agentVersion,
      startedAtMs: this.startMs,
      endedAtMs: this.endMs,
      sources: Object.keys(fields.sources).toSorted(),
      activeIntervals: fields.activeIntervals.map(([startMs, endMs]) => [startMs, endMs]),
      processStartsMs: [...fields.processStartsMs],
      processEndsMs: [...fields.processEndsMs],
      tokenCounters: Object.entries(fields.counters).map(([counter, { model, snapshots }]) => ({
        counter,
        model,
        snapshots: [...snapshots],
      })),
      tools: Object.fromEntries(Object.entries(fields.tools).map(([tool, tally]) => [tool, { ...tally }])),
      tasks: { ...fields.tasks, statuses: { ...fields.tasks.statuses } },
      evaluations: Object.fromEntries(Object.entries(fields.evaluations).map(([name, scores]) => [name, [...scores]])),
      prompts: fields.prompts,
      compactions: fields.compactions,
      spans: { ...fields.spans },
      invocations: pairInvocations(fields.marks, fields.id),
    }
  }

  #countSpan(ok: boolean, lengthMs: number): void {
    const { spans } = this.fields
    spans.count++
    if (!ok) spans.notOk++
    if (lengthMs > LONG_SPAN_MS) spans.longMs += lengthMs
  }

  #stretch(startMs: number, endMs: number, idleGapMs: number): void {
    const { fields } = this
    if (startMs < fields.firstMs) fields.firstMs = startMs
    if (endMs > fields.lastMs) fields.lastMs = endMs
    addInterval(fields.activeIntervals, startMs, endMs, idleGapMs)
  }

  /** @returns whether there was room for it */
  #add(activity: Activity, startMs: number, endMs: number): boolean {
    const { fields } = this
    switch (activity.kind) {
      case 'presence':
        return true
      case 'prompt':
        fields.prompts++
        return true
      case 'compaction':
        fields.compactions++
        return true
      case 'session_start':
        return insertOrdered(fields.processStartsMs, startMs, identity)
      case 'session_end':
        return insertOrdered(fields.processEndsMs, endMs, identity)
      case 'tool_call':
        return this.#callTool(activity.tool, activity.outcome)
      case 'task_change':
        return this.#changeTask(activity.change, activity.taskId, activity.status)
      case 'evaluation':
        return insertOrdered(entry(fields.evaluations, activity.name, emptyList), activity.score, identity)
      case 'token_snapshot': {
        const counter = entry(fields.counters, activity.counter, () => ({ model: activity.model, snapshots: [] }))
        counter.model = activity.model ?? counter.model
        const { messages, tokens } = activity
        return insertOrdered(counter.snapshots, { timeMs: endMs, messages, tokens }, timeOf)
      }
      case 'invocation_start':
        return this.#mark({
          kind: 'start',
          timeMs: startMs,
          agentType: activity.agentType,
          invocationId: activity.invocationId,
          status: 'running',
          final: !activity.background,
        })
      case 'invocation_end':
        return this.#mark({
          kind: 'end',
          timeMs: endMs,
          agentType: activity.agentType,
          invocationId: activity.invocationId,
          status: activity.status,
          final: activity.final,
        })
    }
  }

  #mark(mark: InvocationMark): boolean {
    if (this.fields.marks.length >= MAX_REPEATS) return false
    this.fields.marks.push(mark)
    return true
  }

  #callTool(tool: string, outcome: Outcome): boolean {
    const { tools } = this.fields
    const known = Object.hasOwn(tools, tool) || Object.keys(tools).length < MAX_TOOL_NAMES
    const tally = entry(tools, known ? tool : OTHER_TOOLS, emptyTally)
    tally.calls++
    if (outcome === 'failed') tally.failures++
    else if (outcome === 'unknown') tally.unknown++
    return true
  }

  #changeTask(change: 'created' | 'updated', taskId: string | undefined, status: TaskStatus | undefined): boolean {
    const { tasks } = this.fields
    if (change === 'created') tasks.creates++
    else tasks.updates++
    if (status === undefined) return true
    if (taskId === undefined) {
      if (status === 'completed') tasks.completedWithoutId++
      return true
    }
    const known = tasks.statuses[taskId]
    if (known === undefined && Object.keys(tasks.statuses).length >= MAX_REPEATS) return false
    if (known === undefined || STATUS_ORDER.indexOf(status) > STATUS_ORDER.indexOf(known))
      tasks.statuses[taskId] = status
    return true
  }
}

function emptyFields(id: string, revision: number): AggregateFields {
  return {
    id,
    phase: 'open',
    revision,
    trigger: 'live',
    agentType: undefined,
    agentTypeAtMs: Infinity,
    agentVersion: undefined,
    firstMs: Infinity,
    lastMs: -Infinity,
    sources: {},
    activeIntervals: [],
    processStartsMs: [],
    processEndsMs: [],
    counters: {},
    tools: {},
    tasks: { creates: 0, updates: 0, completedWithoutId: 0, statuses: {} },
    evaluations: {},
    evaluatedMs: undefined,
    prompts: 0,
    compactions: 0,
    spans: { count: 0, notOk: 0, longMs: 0 },
    marks: [],
  }
}

const identity = (value: number): number => value
const timeOf = (snapshot: TokenSnapshot): number => snapshot.timeMs
const emptyList = (): number[] => []
const emptyTally = (): ToolTally => ({ calls: 0, failures: 0, unknown: 0 })

// Names come from telemetry: `__proto__` or `toString` must be names like any other.
function entry<V>(record: Record<string, V>, name: string, make: () => V): V {
  const known = Object.hasOwn(record, name) ? record[name] : undefined
  if (known !== undefined) return known
  const made = make()
  Object.defineProperty(record, name, { value: made, writable: true, enumerable: true, configurable: true })
  return made
}

function insertOrdered<T>(list: T[], item: T, orderOf: (item: T) => number): boolean {
  if (list.length >= MAX_REPEATS) return false
  const order = orderOf(item)
  const before = list.findLastIndex((other) => orderOf(other) <= order)
  list.splice(before + 1, 0, item)
  return true
}
