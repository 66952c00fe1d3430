import { distrust, sourcesOf, trustedSource } from '#src/dialect/trust.ts'
import type { Fact } from '#src/dialect/trust-order.ts'
import type { Activity, Outcome, TaskStatus, TokenCounts } from '#src/model/activity.ts'
import type { ModelUse, TaskRecord, ToolUse } from '#src/model/session.ts'
import { entryOf } from './map-entry.ts'
import { addUsage, type Meter } from './meters.ts'

/** A session takes in at most this many of each repeated thing; what is over is refused and counted. */
export const MAX_REPEATS = 10_000

/** Tools beyond this many different names are counted together. */
const MAX_TOOL_NAMES = 1000
const OTHER_TOOLS = '(other)'
const UNNAMED_TOOL = '(unnamed)'

const STATUS_ORDER: readonly TaskStatus[] = ['pending', 'in_progress', 'completed', 'deleted']

interface ToolTally {
  calls: number
  failures: number
  unknown: number
}

interface TaskTally {
  creates: number
  /** Of the tasks among `creates` that have an id: events of one task repeat. */
  createdIds: Set<string>
  updates: number
  completedWithoutId: number
  /** The furthest status of each task id. */
  statuses: Map<string, TaskStatus>
}

/** What one source told. */
export interface SourceTally {
  /** Calls without an id. */
  tools: Map<string, ToolTally>
  hasToolIds: boolean
  tasks: TaskTally
  promptIds: Set<string>
  /** Without an id. */
  prompts: number
  compactions: number
  modelErrors: number
  rejections: number
}

/** A model call; `source` is set where it has no id and counts only if that source is the trusted one. */
export interface CallFact {
  distrust: number
  readonly source: string | undefined
  model: string | undefined
  tokens: TokenCounts
  /** Whether nobody knew what the output came to. */
  provisional: boolean
  costUsd: number | undefined
  /** Whose call it was; absent for the main agent's. */
  invocationId: string | undefined
}

export interface ToolFact {
  distrust: number
  tool: string | undefined
  outcome: Outcome
  /** Whether it is known to have run; a name alone does not tell. */
  ran: boolean
  /** Whose call it was; absent for the main agent's. */
  invocationId: string | undefined
}

/**
 * What several sources may tell of the same thing. Facts with an id are merged by it; of the others only the most trusted
 * source's count.
 */
export interface Facts {
  readonly bySource: Map<string, SourceTally>
  readonly calls: Map<string, CallFact>
  readonly toolCalls: Map<string, ToolFact>
  /** Invocation by id of the request or tool call; null for the main agent. */
  readonly modelErrors: Map<string, string | null>
  readonly rejections: Map<string, string | null>
  readonly meters: Map<string, Meter>
}

type FactActivity = Extract<
  Activity,
  {
    kind:
      | 'prompt'
      | 'compaction'
      | 'model_call'
      | 'model_error'
      | 'tool_call'
      | 'tool_name'
      | 'tool_rejection'
      | 'task_change'
      | 'usage'
  }
>

export function noFacts(): Facts {
  return {
    bySource: new Map(),
    calls: new Map(),
    toolCalls: new Map(),
    modelErrors: new Map(),
    rejections: new Map(),
    meters: new Map(),
  }
}

/** Who told of a fact: source and key of the observation, and whose work it was. */
export interface Telling {
  readonly source: string
  /** Stands in for the id of a fact that has none. */
  readonly key: string
  readonly invocationId: string | undefined
}

/** @returns whether there was room for it */
export function addFact(facts: Facts, activity: FactActivity, telling: Telling): boolean {
  const { source, invocationId } = telling
  const tally = entryOf(facts.bySource, source, noTally)
  switch (activity.kind) {
    case 'prompt':
      if (activity.promptId !== undefined) return addToSet(tally.promptIds, activity.promptId)
      tally.prompts++
      return true
    case 'compaction':
      tally.compactions++
      return true
    case 'model_call':
      return addCall(facts, activity, telling)
    case 'model_error':
      if (activity.callId !== undefined) return addId(facts.modelErrors, activity.callId, invocationId)
      tally.modelErrors++
      return true
    case 'tool_call':
      if (activity.callId === undefined) countTool(tally.tools, activity.tool ?? UNNAMED_TOOL, activity.outcome)
      else {
        tally.hasToolIds = true
        return addToolCall(facts.toolCalls, { ...activity, callId: activity.callId }, telling)
      }
      return true
    case 'tool_name':
      return addToolCall(facts.toolCalls, { ...activity, outcome: undefined }, telling)
    case 'tool_rejection':
      if (activity.callId !== undefined) return addId(facts.rejections, activity.callId, invocationId)
      tally.rejections++
      return true
    case 'task_change':
      return changeTask(tally.tasks, activity)
    case 'usage': {
      if (!facts.meters.has(activity.series) && facts.meters.size >= MAX_REPEATS) return false
      addUsage(facts.meters, activity, source)
      return true
    }
  }
}

type Sources = Readonly<Record<string, unknown>>

export function resolveTools(facts: Facts): Readonly<Record<string, ToolUse>> {
  const tools = new Map<string, ToolTally>()
  const teller = tellerOf('tools', facts, (tally) => tally.hasToolIds || tally.tools.size > 0)
  const anonymous = tallyOf(facts, teller)?.tools ?? new Map<string, ToolTally>()
  for (const [tool, tally] of anonymous) tools.set(tool, { ...tally })
  // What the trusted source told without ids, a less trusted one may have told with them.
  const leastTrusted = teller === undefined || anonymous.size === 0 ? Infinity : distrust('tools', teller)
  for (const call of facts.toolCalls.values()) {
    if (call.ran && call.distrust <= leastTrusted) countTool(tools, call.tool ?? UNNAMED_TOOL, call.outcome)
  }
  return Object.fromEntries(tools)
}

export function resolveModelUse(facts: Facts, sources: Sources): ModelUse | undefined {
  const trusted = trustedSource('model_calls', sources)
  if (trusted === undefined) return undefined
  const tokens = new Map<string, TokenCounts>()
  const all = [...facts.calls.values()]
  const most = worstRank(
    'model_calls',
    trusted,
    all.some(({ source }) => source === trusted),
  )
  let calls = 0
  let provisionalCalls = 0
  let costUsd: number | undefined
  for (const call of all) {
    if (call.source === undefined ? call.distrust > most : call.source !== trusted) continue
    calls++
    if (call.provisional) provisionalCalls++
    addTokens(tokens, call.model ?? '', call.tokens)
    if (call.costUsd !== undefined) costUsd = (costUsd ?? 0) + call.costUsd
  }
  const anonymous = tallyOf(facts, trustedSource('model_errors', sources))?.modelErrors ?? 0
  const errors = facts.modelErrors.size + anonymous
  return { calls, errors, provisionalCalls, tokens: Object.fromEntries(tokens), costUsd }
}

/** @returns `undefined` when no source of the session would tell of rejections */
export function resolveRejections(facts: Facts, sources: Sources): number | undefined {
  const trusted = trustedSource('rejections', sources)
  if (trusted === undefined) return undefined
  // Who has no ids tells of the same ones as who has.
  return Math.max(facts.rejections.size, tallyOf(facts, trusted)?.rejections ?? 0)
}

/** A source may know the ids of only some prompts, and another that has none may have seen more of them. */
export function resolvePrompts(facts: Facts): number {
  const count = ({ prompts, promptIds }: SourceTally): number => prompts + promptIds.size
  const teller = tallyOf(
    facts,
    tellerOf('prompts', facts, (tally) => count(tally) > 0),
  )
  const ids = new Set([...facts.bySource.values()].flatMap(({ promptIds }) => [...promptIds]))
  return Math.max(ids.size, teller === undefined ? 0 : count(teller))
}

export function resolveCompactions(facts: Facts): number {
  return (
    tallyOf(
      facts,
      tellerOf('compactions', facts, ({ compactions }) => compactions > 0),
    )?.compactions ?? 0
  )
}

/** Of the most trusted source that knows what became of tasks, else of the one that knows of any. */
export function resolveTasks(facts: Facts): TaskRecord {
  const teller =
    tellerOf('tasks', facts, ({ tasks }) => tasks.statuses.size + tasks.completedWithoutId > 0) ??
    tellerOf('tasks', facts, ({ tasks }) => tasks.creates + tasks.updates > 0)
  const { creates, updates, completedWithoutId, statuses } = tallyOf(facts, teller)?.tasks ?? noTasks()
  return { creates, updates, completedWithoutId, statuses: Object.fromEntries(statuses) }
}

/**
 * How much distrust a fact with an id may carry to count. Where the trusted source tells things without ids, nothing
 * shows which of them another source tells too: then only its own count.
 */
function worstRank(fact: Fact, trusted: string | undefined, anonymous: boolean): number {
  return trusted !== undefined && anonymous ? distrust(fact, trusted) : Number.POSITIVE_INFINITY
}

/** The most trusted source that told something of a fact. */
function tellerOf(fact: Fact, { bySource }: Facts, told: (tally: SourceTally) => boolean): string | undefined {
  return sourcesOf(fact).find((source) => {
    const tally = bySource.get(source)
    return tally !== undefined && told(tally)
  })
}

function tallyOf({ bySource }: Facts, source: string | undefined): SourceTally | undefined {
  return source === undefined ? undefined : bySource.get(source)
}

function addCall(
  facts: Facts,
  call: Extract<Activity, { kind: 'model_call' }>,
  { source, key, invocationId }: Telling,
): boolean {
  const { callId, localId, model, tokens, provisional = false, costUsd } = call
  const rank = distrust('model_calls', source)
  const id = callId ?? `~${source}~${localId ?? key}`
  const known = facts.calls.get(id)
  if (known === undefined) {
    if (facts.calls.size >= MAX_REPEATS) return false
    const anonymousSource = callId === undefined ? source : undefined
    facts.calls.set(id, { distrust: rank, source: anonymousSource, model, tokens, provisional, costUsd, invocationId })
    return true
  }
  known.invocationId ??= invocationId
  if (rank === known.distrust) {
    // A source that tells of a call in pieces counts up to its last one, in whatever order they come.
    known.tokens = largerOf(known.tokens, tokens)
    known.provisional &&= provisional
  }
  if (rank < known.distrust) {
    known.distrust = rank
    known.tokens = tokens
    known.provisional = provisional
    known.model = model ?? known.model
    known.costUsd = costUsd ?? known.costUsd
  } else {
    known.model ??= model
    known.costUsd ??= costUsd
  }
  return true
}

interface ToldToolCall {
  readonly callId: string
  readonly tool: string | undefined
  /** Absent when only the name was told. */
  readonly outcome: Outcome | undefined
}

function addToolCall(
  toolCalls: Facts['toolCalls'],
  { callId, tool, outcome }: ToldToolCall,
  { source, invocationId }: Telling,
): boolean {
  if (!toolCalls.has(callId) && toolCalls.size >= MAX_REPEATS) return false
  const fact = entryOf(toolCalls, callId, unseenTool)
  fact.invocationId ??= invocationId
  const rank = distrust('tools', source)
  fact.tool = rank <= fact.distrust ? (tool ?? fact.tool) : (fact.tool ?? tool)
  if (outcome !== undefined) {
    fact.ran = true
    if (fact.outcome === 'unknown' || (outcome !== 'unknown' && rank < fact.distrust)) fact.outcome = outcome
    fact.distrust = Math.min(fact.distrust, rank)
  }
  return true
}

/** @returns whether there was room for it */
function addToSet(ids: Set<string>, id: string): boolean {
  if (!ids.has(id) && ids.size >= MAX_REPEATS) return false
  ids.add(id)
  return true
}

function addId(ids: Map<string, string | null>, id: string, invocationId: string | undefined): boolean {
  if (!ids.has(id) && ids.size >= MAX_REPEATS) return false
  ids.set(id, ids.get(id) ?? invocationId ?? null)
  return true
}

function countTool(tools: Map<string, ToolTally>, tool: string, outcome: Outcome): void {
  const known = tools.has(tool) || tools.size < MAX_TOOL_NAMES
  const tally = entryOf(tools, known ? tool : OTHER_TOOLS, noCalls)
  tally.calls++
  if (outcome === 'failed') tally.failures++
  else if (outcome === 'unknown') tally.unknown++
}

function changeTask(tasks: TaskTally, change: Extract<Activity, { kind: 'task_change' }>): boolean {
  const { taskId, status } = change
  if (change.change === 'updated') tasks.updates++
  else if (taskId === undefined) tasks.creates++
  else if (!tasks.createdIds.has(taskId)) {
    if (!addToSet(tasks.createdIds, taskId)) return false
    tasks.creates++
  }
  if (status === undefined) return true
  if (taskId === undefined) {
    if (status === 'completed') tasks.completedWithoutId++
    return true
  }
  const known = tasks.statuses.get(taskId)
  if (known === undefined && tasks.statuses.size >= MAX_REPEATS) return false
  const isFurther = known === undefined || STATUS_ORDER.indexOf(status) > STATUS_ORDER.indexOf(known)
  if (isFurther) tasks.statuses.set(taskId, status)
  return true
}

const NO_TOKENS: TokenCounts = { freshInput: 0, cacheRead: 0, cacheCreation: 0, output: 0, reasoning: 0 }

function addTokens(byModel: Map<string, TokenCounts>, model: string, tokens: TokenCounts): void {
  const sum = byModel.get(model) ?? NO_TOKENS
  byModel.set(model, {
    freshInput: sum.freshInput + tokens.freshInput,
    cacheRead: sum.cacheRead + tokens.cacheRead,
    cacheCreation: sum.cacheCreation + tokens.cacheCreation,
    output: sum.output + tokens.output,
    reasoning: sum.reasoning + tokens.reasoning,
  })
}

function largerOf(a: TokenCounts, b: TokenCounts): TokenCounts {
  return {
    freshInput: Math.max(a.freshInput, b.freshInput),
    cacheRead: Math.max(a.cacheRead, b.cacheRead),
    cacheCreation: Math.max(a.cacheCreation, b.cacheCreation),
    output: Math.max(a.output, b.output),
    reasoning: Math.max(a.reasoning, b.reasoning),
  }
}

const noCalls = (): ToolTally => ({ calls: 0, failures: 0, unknown: 0 })
const noTasks = (): TaskTally => ({
  creates: 0,
  createdIds: new Set(),
  updates: 0,
  completedWithoutId: 0,
  statuses: new Map(),
})
const noTally = (): SourceTally => ({
  tools: new Map(),
  hasToolIds: false,
  tasks: noTasks(),
  promptIds: new Set(),
  prompts: 0,
  compactions: 0,
  modelErrors: 0,
  rejections: 0,
})
const unseenTool = (): ToolFact => ({
  distrust: Number.MAX_SAFE_INTEGER,
  tool: undefined,
  outcome: 'unknown',
  ran: false,
  invocationId: undefined,
})
