import { distrust, sourcesOf, trustedSource } from '#src/dialect/trust.ts'
import type { Fact } from '#src/dialect/trust-order.ts'
import type { TokenCounts } from '#src/model/activity.ts'
import type { ModelUse, TaskRecord, ToolUse } from '#src/model/session.ts'
import {
  type CallFact,
  countTool,
  type Facts,
  noTasks,
  type SourceTally,
  type ToolTally,
  UNNAMED_TOOL,
} from './facts.ts'

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
  const all = [...facts.calls.values()]
  const trusted = callTeller(all) ?? trustedSource('model_calls', sources)
  if (trusted === undefined) return undefined
  const tokens = new Map<string, TokenCounts>()
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
  return {
    calls,
    errors: resolveModelErrors(facts, sources),
    provisionalCalls,
    tokens: Object.fromEntries(tokens),
    costUsd,
  }
}

/** Of what the trusted source tells without an id, another may know the id. */
function resolveModelErrors(facts: Facts, sources: Sources): number {
  const trusted = tallyOf(facts, trustedSource('model_errors', sources))
  return Math.max(facts.modelErrors.size, trusted === undefined ? 0 : trusted.modelErrors + trusted.modelErrorIds.size)
}

/** The most trusted source that told of a model call. */
function callTeller(calls: readonly CallFact[]): string | undefined {
  return sourcesOf('model_calls').find((source) => {
    const rank = distrust('model_calls', source)
    return calls.some((call) => (call.source === undefined ? call.distrust === rank : call.source === source))
  })
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
