import type { InvocationStatus, TaskStatus, TokenCounts } from './activity.ts'

/** Why a session was closed. `live` marks a snapshot of one that is still open. */
export type SessionTrigger = 'end_signal' | 'idle' | 'limit' | 'end_of_input' | 'live'

export interface ToolUse {
  readonly calls: number
  readonly failures: number
  /** Calls whose outcome nothing told. */
  readonly unknown: number
}

/** A cumulative reading of one token counter. */
export interface TokenSnapshot {
  readonly timeMs: number
  readonly messages: number
  readonly tokens: TokenCounts
  /** What the counter stood at before the request that it was read after, where that is told. */
  readonly before?: TokenCounts
}

export interface TokenCounter {
  readonly counter: string
  readonly model: string | undefined
  /** In order of time. */
  readonly snapshots: readonly TokenSnapshot[]
}

/** What the model calls of a session used, each call once. */
export interface ModelUse {
  readonly calls: number
  readonly errors: number
  /** Calls whose output may be a placeholder: no source knew what it came to. */
  readonly provisionalCalls: number
  /** Tokens by model; `''` where none was named. */
  readonly tokens: Readonly<Record<string, TokenCounts>>
  /** Absent when no source knows costs. */
  readonly costUsd: number | undefined
}

/** What usage metrics of a session add up to. */
export interface MeteredUse {
  /** By model; absent when no token metric came. */
  readonly tokens: Readonly<Record<string, TokenCounts>> | undefined
  readonly costUsd: number | undefined
  readonly activeSeconds: number | undefined
}

/** What is known of the session's tasks. `statuses` has the furthest status seen for each task id. */
export interface TaskRecord {
  readonly creates: number
  readonly updates: number
  readonly statuses: Readonly<Record<string, TaskStatus>>
  /** Completions that carried no task id. */
  readonly completedWithoutId: number
}

/** One subagent's run within a session. What it did is part of the session's sums too. */
export interface Invocation {
  readonly invocationId: string
  readonly parentId: string | undefined
  readonly agentType: string
  readonly startedAtMs: number | undefined
  readonly endedAtMs: number | undefined
  readonly status: InvocationStatus
  /** What hooks added to its context at its start, as its client says. */
  readonly contextCharacters?: number | undefined
  /** As a session has them; empty or absent where no source tells whose work it was. */
  readonly work: InvocationWork
}

export interface InvocationWork {
  readonly activeIntervals: Session['activeIntervals']
  readonly modelUse: ModelUse | undefined
  readonly tools: Readonly<Record<string, ToolUse>>
  readonly rejections: number | undefined
}

/** Everything under one session id, aggregated. Times are epoch milliseconds. */
export interface Session {
  readonly id: string
  readonly revision: number
  readonly trigger: SessionTrigger
  readonly agentType: string
  readonly agentVersion: string | undefined
  readonly startedAtMs: number
  readonly endedAtMs: number
  /** Dialects that contributed, sorted. */
  readonly sources: readonly string[]
  /** Disjoint, in order: activities with gaps of at most `idle_gap` between them. */
  readonly activeIntervals: readonly (readonly [startMs: number, endMs: number])[]
  /** Times of processes starting and ending, in order. */
  readonly processStartsMs: readonly number[]
  readonly processEndsMs: readonly number[]
  /** Absent when no source tells of single calls. */
  readonly modelUse: ModelUse | undefined
  readonly tokenCounters: readonly TokenCounter[]
  readonly meteredUse: MeteredUse
  /** Tools that were not allowed to run; absent when no source would tell. */
  readonly rejections: number | undefined
  readonly tools: Readonly<Record<string, ToolUse>>
  readonly tasks: TaskRecord
  /** Scores by evaluation name, ascending. */
  readonly evaluations: Readonly<Record<string, readonly number[]>>
  readonly prompts: number
  readonly compactions: number
  /** Characters that hooks added to the context at the start; absent when the client does not say. */
  readonly contextCharacters?: number
  /** Spans counted as the mission's literal formulas want them. */
  readonly spans: { readonly count: number; readonly notOk: number; readonly longMs: number }
  readonly invocations: readonly Invocation[]
}
