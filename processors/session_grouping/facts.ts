import { distrust } from '#src/dialect/trust.ts'
import type { Activity, Outcome, TaskStatus, TokenCounts } from '#src/model/activity.ts'
import { entryOf, firstOf } from './map-entry.ts'
import { addUsage, type Meter } from './meters.ts'

/** A session takes in at most this many of each repeated thing; what is over is refused and counted. */
export const MAX_REPEATS = 10_000

/** Tools beyond this many different names are counted together. */
const MAX_TOOL_NAMES = 1000
const OTHER_TOOLS = '(other)'
export const UNNAMED_TOOL = '(unnamed)'

/** Under which clients hide the names of an MCP server's tools: every other name tells more. */
const HIDDEN_TOOL = 'mcp_tool'
const UNTOLD = Number.MAX_SAFE_INTEGER
const LEAST_TRUSTED = UNTOLD - 1

const STATUS_ORDER: readonly TaskStatus[] = ['pending', 'in_progress', 'completed', 'deleted']

/** Calls of one tool. */
export interface ToolTally {
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
  modelErrorIds: Set<string>
  /** Without an id. */
  modelErrors: number
  rejections: number
}

/** A model call; `source` is set where it has no id and counts only if that source is the trusted one. */
export interface CallFact {
  distrust: number
  readonly source: string | undefined
  model: string | undefined
  modelDistrust: number
  tokens: TokenCounts
  /** Whether nobody knew what the output came to. */
  provisional: boolean
  costUsd: number | undefined
  costDistrust: number
  /** Whose call it was; absent for the main agent's. */
  invocationId: string | undefined
}

export interface ToolFact {
  /** Of the most trusted source that knows it ran. */
  distrust: number
  tool: string | undefined
  nameDistrust: number
  outcome: Outcome
  outcomeDistrust: number
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
      if (activity.callId !== undefined) {
        if (!addId(facts.modelErrors, activity.callId, invocationId)) return false
        tally.modelErrorIds.add(activity.callId)
      } else tally.modelErrors++
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
    facts.calls.set(id, {
      distrust: rank,
      source: anonymousSource,
      model,
      modelDistrust: model === undefined ? UNTOLD : rank,
      tokens,
      provisional,
      costUsd,
      costDistrust: costUsd === undefined ? UNTOLD : rank,
      invocationId,
    })
    return true
  }
  known.invocationId = firstOf(known.invocationId, invocationId)
  if (model !== undefined && rank <= known.modelDistrust) {
    known.model = rank < known.modelDistrust ? model : firstOf(known.model, model)
    known.modelDistrust = rank
  }
  if (costUsd !== undefined && rank <= known.costDistrust) {
    known.costUsd = rank < known.costDistrust ? costUsd : Math.max(known.costUsd ?? 0, costUsd)
    known.costDistrust = rank
  }
  if (rank === known.distrust) {
    // A source that tells of a call in pieces counts up to its last one, in whatever order they come.
    known.tokens = largerOf(known.tokens, tokens)
    known.provisional &&= provisional
  }
  if (rank < known.distrust) {
    known.distrust = rank
    known.tokens = tokens
    known.provisional = provisional
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
  fact.invocationId = firstOf(fact.invocationId, invocationId)
  const rank = distrust('tools', source)
  const nameRank = tool === HIDDEN_TOOL ? LEAST_TRUSTED : rank
  if (tool !== undefined && nameRank <= fact.nameDistrust) {
    fact.tool = nameRank < fact.nameDistrust ? tool : firstOf(fact.tool, tool)
    fact.nameDistrust = nameRank
  }
  if (outcome === undefined) return true
  fact.ran = true
  fact.distrust = Math.min(fact.distrust, rank)
  // Of a source that tells both, the failure is right.
  const decides = rank < fact.outcomeDistrust || (rank === fact.outcomeDistrust && outcome === 'failed')
  if (outcome !== 'unknown' && decides) {
    fact.outcome = outcome
    fact.outcomeDistrust = rank
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
  ids.set(id, firstOf(ids.get(id) ?? undefined, invocationId) ?? null)
  return true
}

export function countTool(tools: Map<string, ToolTally>, tool: string, outcome: Outcome): void {
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
export const noTasks = (): TaskTally => ({
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
  modelErrorIds: new Set(),
  modelErrors: 0,
  rejections: 0,
})
const unseenTool = (): ToolFact => ({
  distrust: UNTOLD,
  tool: undefined,
  nameDistrust: UNTOLD,
  outcome: 'unknown',
  outcomeDistrust: UNTOLD,
  ran: false,
  invocationId: undefined,
})
