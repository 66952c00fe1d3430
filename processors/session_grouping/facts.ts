import { distrust, trustedSource } from '#src/dialect/trust.ts'
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
  updates: number
  completedWithoutId: number
  /** The furthest status of each task id. */
  statuses: Map<string, TaskStatus>
}

/** What one source told without ids. */
export interface SourceTally {
  tools: Map<string, ToolTally>
  tasks: TaskTally
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
      else return addToolCall(facts.toolCalls, activity.callId, activity.tool, activity.outcome, source)
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

export function resolveTools(facts: Facts, sources: Sources): Readonly<Record<string, ToolUse>> {
  const tools = new Map<string, ToolTally>()
  const trusted = trustedSource('tools', sources)
  const told = tallyOf(facts, trusted)
  for (const [tool, tally] of told?.tools ?? []) tools.set(tool, { ...tally })
  // Where the trusted source has no ids, others tell of the same calls once more.
  const leastTrust = tools.size > 0 && trusted !== undefined ? distrust('tools', trusted) : Infinity
  for (const { ran, tool, outcome, distrust: rank } of facts.toolCalls.values()) {
    if (ran && rank <= leastTrust) countTool(tools, tool ?? UNNAMED_TOOL, outcome)
  }
  return Object.fromEntries(tools)
}

export function resolveModelUse(facts: Facts, sources: Sources): ModelUse | undefined {
  const trusted = trustedSource('model_calls', sources)
  if (trusted === undefined) return undefined
  const tokens = new Map<string, TokenCounts>()
  let calls = 0
  let provisionalCalls = 0
  let costUsd: number | undefined
  const calledWithoutId = facts.calls.values().some(({ source }) => source === trusted)
  const leastTrust = calledWithoutId ? distrust('model_calls', trusted) : Infinity
  for (const call of facts.calls.values()) {
    if (call.source !== undefined ? call.source !== trusted : call.distrust > leastTrust) continue
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

export function resolvePrompts(facts: Facts, sources: Sources): number {
  return tallyOf(facts, trustedSource('prompts', sources))?.prompts ?? 0
}

export function resolveCompactions(facts: Facts, sources: Sources): number {
  return tallyOf(facts, trustedSource('compactions', sources))?.compactions ?? 0
}

export function resolveTasks(facts: Facts, sources: Sources): TaskRecord {
  const tasks = tallyOf(facts, trustedSource('tasks', sources))?.tasks ?? noTasks()
  return { ...tasks, statuses: Object.fromEntries(tasks.statuses) }
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

function tallyOf({ bySource }: Facts, source: string | undefined): SourceTally | undefined {
  return source === undefined ? undefined : bySource.get(source)
}

function addCall(facts: Facts, call: Extract<Activity, { kind: 'model_call' }>, source: string, key: string): boolean {
  const { callId, localId, model, tokens, provisional = false, costUsd } = call
  const rank = distrust('model_calls', source)
  const id = callId ?? `~${source}~${localId ?? key}`
  const known = facts.calls.get(id)
  if (known === undefined) {
    if (facts.calls.size >= MAX_REPEATS) return false
    const onlyFrom = callId === undefined ? source : undefined
    facts.calls.set(id, { distrust: rank, source: onlyFrom, model, tokens, provisional, costUsd })
    return true
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
  if (change.change === 'created') tasks.creates++
  else tasks.updates++
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
const noTasks = (): TaskTally => ({ creates: 0, updates: 0, completedWithoutId: 0, statuses: new Map() })
const noTally = (): SourceTally => ({
  tools: new Map(),
  tasks: noTasks(),
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
