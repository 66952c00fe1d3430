import { distrust, type Fact, TRUST, trustedSource } from '#src/dialect/trust.ts'
import type { Activity, Outcome, TaskStatus, TokenCounts, UsageMeasure } from '#src/model/activity.ts'
import type { MeteredUse, ModelUse, TaskRecord, ToolUse } from '#src/model/session.ts'
import { entryOf } from './map-entry.ts'

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
  costUsd: number | undefined
}

export interface ToolFact {
  distrust: number
  tool: string | undefined
  outcome: Outcome
  /** Whether it is known to have run; a name alone does not tell. */
  ran: boolean
}

/** The sum of one metric series. */
export interface Meter {
  readonly measure: UsageMeasure
  readonly model: string | undefined
  value: number
}

/**
 * What several sources may tell of the same thing. Facts with an id are merged by it; of the others only the most trusted
 * source's count.
 */
export interface Facts {
  readonly bySource: Map<string, SourceTally>
  readonly calls: Map<string, CallFact>
  readonly toolCalls: Map<string, ToolFact>
  readonly modelErrors: Set<string>
  readonly rejections: Set<string>
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
    modelErrors: new Set(),
    rejections: new Set(),
    meters: new Map(),
  }
}

/**
 * @param key the observation's own, for facts without an id
 * @returns whether there was room for it
 */
export function addFact(facts: Facts, activity: FactActivity, source: string, key: string): boolean {
  const tally = entryOf(facts.bySource, source, noTally)
  switch (activity.kind) {
    case 'prompt':
      if (activity.promptId !== undefined) return addId(tally.promptIds, activity.promptId)
      tally.prompts++
      return true
    case 'compaction':
      tally.compactions++
      return true
    case 'model_call':
      return addCall(facts, activity, source, key)
    case 'model_error':
      if (activity.callId !== undefined) return addId(facts.modelErrors, activity.callId)
      tally.modelErrors++
      return true
    case 'tool_call':
      if (activity.callId === undefined) countTool(tally.tools, activity.tool ?? UNNAMED_TOOL, activity.outcome)
      else {
        tally.hasToolIds = true
        return addToolCall(facts.toolCalls, activity.callId, activity.tool, activity.outcome, source)
      }
      return true
    case 'tool_name':
      return addToolCall(facts.toolCalls, activity.callId, activity.tool, undefined, source)
    case 'tool_rejection':
      if (activity.callId !== undefined) return addId(facts.rejections, activity.callId)
      tally.rejections++
      return true
    case 'task_change':
      return changeTask(tally.tasks, activity)
    case 'usage':
      return addUsage(facts.meters, activity)
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
  let calls = 0
  let costUsd: number | undefined
  for (const call of facts.calls.values()) {
    if (call.source !== undefined && call.source !== trusted) continue
    calls++
    addTokens(tokens, call.model ?? '', call.tokens)
    if (call.costUsd !== undefined) costUsd = (costUsd ?? 0) + call.costUsd
  }
  const anonymous = tallyOf(facts, trustedSource('model_errors', sources))?.modelErrors ?? 0
  return { calls, errors: facts.modelErrors.size + anonymous, tokens: Object.fromEntries(tokens), costUsd }
}

/** @returns `undefined` when no source of the session would tell of rejections */
export function resolveRejections(facts: Facts, sources: Sources): number | undefined {
  const trusted = trustedSource('rejections', sources)
  if (trusted === undefined) return undefined
  return facts.rejections.size + (tallyOf(facts, trusted)?.rejections ?? 0)
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

export function resolveMeters({ meters }: Facts): MeteredUse {
  const tokens = new Map<string, TokenCounts>()
  let costUsd: number | undefined
  let activeSeconds: number | undefined
  for (const { measure, model, value } of meters.values()) {
    if (measure === 'costUsd') costUsd = (costUsd ?? 0) + value
    else if (measure === 'activeSeconds') activeSeconds = (activeSeconds ?? 0) + value
    else addTokens(tokens, model ?? '', { ...NO_TOKENS, [measure]: value })
  }
  return { tokens: tokens.size === 0 ? undefined : Object.fromEntries(tokens), costUsd, activeSeconds }
}

/** The most trusted source that told something of a fact. */
function tellerOf(fact: Fact, { bySource }: Facts, told: (tally: SourceTally) => boolean): string | undefined {
  return TRUST[fact].find((source) => {
    const tally = bySource.get(source)
    return tally !== undefined && told(tally)
  })
}

function tallyOf({ bySource }: Facts, source: string | undefined): SourceTally | undefined {
  return source === undefined ? undefined : bySource.get(source)
}

function addCall(facts: Facts, call: Extract<Activity, { kind: 'model_call' }>, source: string, key: string): boolean {
  const { callId, model, tokens, costUsd } = call
  const rank = distrust('model_calls', source)
  const id = callId ?? `~${source}~${key}`
  const known = facts.calls.get(id)
  if (known === undefined) {
    if (facts.calls.size >= MAX_REPEATS) return false
    facts.calls.set(id, { distrust: rank, source: callId === undefined ? source : undefined, model, tokens, costUsd })
    return true
  }
  if (rank < known.distrust) {
    known.distrust = rank
    known.tokens = tokens
    known.model = model ?? known.model
    known.costUsd = costUsd ?? known.costUsd
  } else {
    known.model ??= model
    known.costUsd ??= costUsd
  }
  return true
}

function addToolCall(
  toolCalls: Facts['toolCalls'],
  id: string,
  tool: string | undefined,
  outcome: Outcome | undefined,
  source: string,
): boolean {
  if (!toolCalls.has(id) && toolCalls.size >= MAX_REPEATS) return false
  const fact = entryOf(toolCalls, id, unseenTool)
  const rank = distrust('tools', source)
  fact.tool = rank <= fact.distrust ? (tool ?? fact.tool) : (fact.tool ?? tool)
  if (outcome !== undefined) {
    fact.ran = true
    if (fact.outcome === 'unknown' || (outcome !== 'unknown' && rank < fact.distrust)) fact.outcome = outcome
    fact.distrust = Math.min(fact.distrust, rank)
  }
  return true
}

function addId(ids: Set<string>, id: string): boolean {
  if (!ids.has(id) && ids.size >= MAX_REPEATS) return false
  ids.add(id)
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
    if (!addId(tasks.createdIds, taskId)) return false
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

function addUsage(meters: Facts['meters'], usage: Extract<Activity, { kind: 'usage' }>): boolean {
  const { series, measure, model, cumulative, value } = usage
  if (!meters.has(series) && meters.size >= MAX_REPEATS) return false
  const meter = entryOf(meters, series, () => ({ measure, model, value: 0 }))
  meter.value = cumulative ? Math.max(meter.value, value) : meter.value + value
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
})
