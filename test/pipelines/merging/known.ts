import type { Fact, SourceKind } from '#src/dialect/trust-order.ts'
import type { Totals } from '#src/model/assessment.ts'
import { mostTrusted } from '../trust-table.ts'
import type { Happening, ModelCall, Process, SessionScript, Subagent, ToolCall } from './script.ts'

/** What Claude Code's sources tell of, whatever they are trusted with. */
export const TELL: Readonly<Record<Fact, readonly SourceKind[]>> = {
  model_calls: ['logs', 'traces', 'transcripts'],
  model_errors: ['logs', 'traces', 'transcripts'],
  tools: ['hooks', 'logs', 'traces', 'transcripts'],
  rejections: ['logs', 'traces', 'transcripts'],
  prompts: ['logs', 'hooks', 'traces', 'transcripts'],
  compactions: ['logs', 'traces', 'hooks', 'transcripts'],
  tasks: ['hooks', 'transcripts', 'logs'],
  metered_use: ['metrics'],
  active_time: ['metrics'],
}

/** Who has whole names of tools of MCP servers, and of agents that the user defined. */
const WHOLE_NAMES: readonly SourceKind[] = ['hooks', 'transcripts']

/** The source that is believed, by the order of trust that the README states. */
export function winner(fact: Fact, sources: readonly SourceKind[]): SourceKind | undefined {
  return mostTrusted(
    fact,
    sources.filter((source) => TELL[fact].includes(source)),
  )
}

type Of<K extends Happening['kind']> = Extract<Happening, { kind: K }>

function all<K extends Happening['kind']>({ processes }: SessionScript, kind: K): Of<K>[] {
  const isOfKind = (happening: Happening): happening is Of<K> => happening.kind === kind
  return processes.flatMap(({ happenings }) => happenings.filter(isOfKind))
}

/** The totals that these sources can know together. */
export function knownTotals(script: SessionScript, sources: readonly SourceKind[]): Totals {
  const calls = winner('model_calls', sources) === undefined ? undefined : all(script, 'model_call')
  const counted = winner('rejections', sources) !== undefined
  const tools = all(script, 'tool_call')
  return {
    ...tokensOf(calls ?? (sources.includes('metrics') ? meteredCalls(script) : undefined)),
    ...costOf(sources.includes('logs') ? calls : sources.includes('metrics') ? meteredCalls(script) : undefined),
    ...(calls === undefined
      ? undefined
      : { model_calls: calls.length, model_errors: all(script, 'model_error').length }),
    ...(winner('tools', sources) === undefined ? undefined : toolTotals(tools, counted)),
    ...taskTotals(tools, winner('tasks', sources)),
    ...(winner('prompts', sources) === undefined ? undefined : { prompts: all(script, 'prompt').length }),
    ...compactionsOf(winner('compactions', sources) === undefined ? 0 : all(script, 'compaction').length),
  }
}

/** Names of the tools that ran, as the sources show them, and how often. */
export function knownTools(script: SessionScript, sources: readonly SourceKind[]): Readonly<Record<string, number>> {
  if (winner('tools', sources) === undefined) return {}
  const whole = WHOLE_NAMES.some((source) => sources.includes(source))
  const ran = all(script, 'tool_call').filter(({ outcome }) => outcome !== 'rejected')
  const names = ran.map(({ tool }) => (whole || !tool.startsWith('mcp__') ? tool : 'mcp_tool'))
  return Object.fromEntries([...Map.groupBy(names, (name) => name)].map(([name, same]) => [name, same.length]))
}

export interface KnownInvocation {
  readonly invocation_id: string
  readonly parent_id: string | null
  readonly agent_type: string
  readonly status: string
  readonly output_tokens: number | undefined
  readonly tool_calls: number | undefined
}

/** What is known of each subagent's part, by id. */
export function knownInvocations(script: SessionScript, sources: readonly SourceKind[]): KnownInvocation[] {
  const named = sources.filter((source) => source !== 'metrics')
  if (named.length === 0) return []
  return all(script, 'subagent_start')
    .map(({ subagent }) => ({
      invocation_id: subagent.id,
      parent_id: parentOf(subagent, named),
      agent_type: typeOf(subagent, named),
      status: statusOf(subagent, named),
      ...workOf(script, subagent, named),
    }))
    .toSorted((a, b) => (a.invocation_id < b.invocation_id ? -1 : 1))
}

// Of OTLP only traces name the parent.
function parentOf({ parent }: Subagent, sources: readonly SourceKind[]): string | null {
  return sources.some((source) => source !== 'logs') ? (parent?.id ?? null) : null
}

function typeOf({ type, builtIn }: Subagent, sources: readonly SourceKind[]): string {
  if (sources.some((source) => WHOLE_NAMES.includes(source))) return type
  if (!sources.includes('logs')) return 'unknown'
  return builtIn ? type : 'custom'
}

// Hooks tell of one in the background only that it stopped; traces not even that.
function statusOf({ background }: Subagent, sources: readonly SourceKind[]): string {
  const knows = sources.includes('logs') || sources.includes('transcripts')
  return knows || (sources.includes('hooks') && !background) ? 'success' : 'unknown'
}

function workOf(script: SessionScript, { id }: Subagent, sources: readonly SourceKind[]) {
  const calls = all(script, 'model_call').filter(({ agent }) => agent?.id === id)
  const wanted = all(script, 'tool_call').filter(({ agent }) => agent?.id === id)
  const ran = wanted.filter(({ outcome }) => outcome !== 'rejected')
  // One that only wanted to call tools called none, as far as its rejections are told.
  const counted = wanted.length > 0 && winner('rejections', sources) !== undefined
  return {
    output_tokens: winner('model_calls', sources) === undefined ? undefined : tokensOf(calls)?.output_tokens,
    tool_calls: counted || ran.length > 0 ? ran.length : undefined,
  }
}

function tokensOf(calls: readonly ModelCall[] | undefined): Totals | undefined {
  if (calls === undefined) return undefined
  const sum = (pick: (call: ModelCall) => number) => calls.reduce((total, call) => total + pick(call), 0)
  return {
    fresh_input_tokens: sum(({ tokens }) => tokens.freshInput),
    cache_read_tokens: sum(({ tokens }) => tokens.cacheRead),
    cache_creation_tokens: sum(({ tokens }) => tokens.cacheCreation),
    output_tokens: sum(({ tokens }) => tokens.output),
  }
}

function costOf(calls: readonly ModelCall[] | undefined): Totals | undefined {
  return calls === undefined ? undefined : { cost_usd: calls.reduce((total, { costUsd }) => total + costUsd, 0) }
}

/** When a process ended; one that was killed tells nothing. */
export function endOf(process: Process | undefined): number | undefined {
  const last = process?.happenings.at(-1)
  return last?.kind === 'process_end' ? last.atMs : undefined
}

/** Time at work by metrics, over the time from first to last less the times between processes that ended. */
export function knownActiveRatio({ processes }: SessionScript): number | undefined {
  const times = processes.flatMap(({ happenings }) => happenings.map(({ atMs }) => atMs))
  const pausesMs = processes.map((process, n) => {
    const [endMs, nextStartMs] = [endOf(process), processes[n + 1]?.happenings[0]?.atMs]
    return endMs === undefined || nextStartMs === undefined ? 0 : nextStartMs - endMs
  })
  const turns = processes.flatMap(({ happenings, lostAfterMs }) =>
    happenings.flatMap((each) =>
      each.kind === 'turn_end' && each.atMs <= lostAfterMs ? each.atMs - each.startedMs : [],
    ),
  )
  if (turns.length === 0) return undefined
  const wallMs = Math.max(...times) - Math.min(...times) - sumOf(pausesMs)
  return Math.min(1, sumOf(turns) / wallMs)
}

const sumOf = (values: readonly number[]): number => values.reduce((sum, value) => sum + value, 0)

/** A killed process loses what was not exported. */
function meteredCalls({ processes }: SessionScript): ModelCall[] | undefined {
  const exported = processes.flatMap(({ happenings, lostAfterMs }) => {
    const lastMs =
      happenings.findLast(({ kind, atMs }) => kind === 'turn_end' && atMs <= lostAfterMs)?.atMs ?? -Infinity
    return happenings.filter(({ atMs }) => atMs <= lastMs)
  })
  const calls = exported.filter((happening) => happening.kind === 'model_call')
  return exported.length === 0 ? undefined : calls
}

function toolTotals(tools: readonly ToolCall[], counted: boolean): Totals {
  const ran = tools.filter(({ outcome }) => outcome !== 'rejected')
  const failed = ran.filter(({ outcome }) => outcome === 'failed').length
  return {
    ...(counted || ran.length > 0 ? { tool_calls: ran.length, tool_failures: failed } : undefined),
    ...(counted ? { tool_rejections: tools.length - ran.length } : undefined),
  }
}

function taskTotals(tools: readonly ToolCall[], teller: SourceKind | undefined): Totals | undefined {
  const changes = tools.flatMap(({ task }) => task ?? [])
  if (teller === undefined || changes.length === 0) return undefined
  const created = { tasks_created: changes.filter(({ to }) => to === 'created').length }
  if (teller === 'logs') return created
  return { ...created, tasks_completed: changes.filter(({ to }) => to === 'completed').length }
}

function compactionsOf(compactions: number): Totals | undefined {
  return compactions === 0 ? undefined : { compactions }
}
