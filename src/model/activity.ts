/** Tokens of one or more model calls, disjoint: their sum is everything that the model read and wrote. */
export interface TokenCounts {
  readonly freshInput: number
  readonly cacheRead: number
  readonly cacheCreation: number
  readonly output: number
  /** Part of `output`. */
  readonly reasoning: number
}

export type Outcome = 'ok' | 'failed' | 'unknown'
export type TaskStatus = 'pending' | 'in_progress' | 'completed' | 'deleted'
export type InvocationStatus = 'running' | 'success' | 'failure' | 'unknown'

/**
 * What a usage metric measures: tokens by kind, US dollars, seconds at work. `input` is all that the model read, with
 * what the cache gave and took.
 */
export type UsageMeasure = keyof TokenCounts | 'input' | 'costUsd' | 'activeSeconds'

/**
 * How an agent type was told: by a hook, by an attribute for it, as the agent's name, as the service's, or only as that of
 * the agent that usually writes such telemetry.
 */
export type AgentTypeOrigin = 'hook' | 'attribute' | 'agent_name' | 'service' | 'format'

/** One thing an agent did. */
export type Activity =
  | { readonly kind: 'session_start' }
  | { readonly kind: 'session_end' }
  /** With an id it counts once, whatever sources tell of it. */
  | { readonly kind: 'prompt'; readonly promptId?: string }
  | { readonly kind: 'compaction' }
  /** What hooks added to the context at the start of the session, as the client says. */
  | { readonly kind: 'context_added'; readonly characters: number }
  /** Proves only that the agent was at work at that time. */
  | { readonly kind: 'presence' }
  /** A cumulative reading of one token counter; it starts anew when `messages` falls. What the first one stood at `before` is of others. */
  | {
      readonly kind: 'token_snapshot'
      readonly counter: string
      readonly messages: number
      readonly model: string | undefined
      readonly tokens: TokenCounts
      readonly before?: TokenCounts
    }
  /** A request that the model answered. With an id it counts once, whatever sources tell of it. */
  | {
      readonly kind: 'model_call'
      readonly callId: string | undefined
      /** Without an id that other sources know: what one source tells under this name is one call. */
      readonly localId?: string
      readonly model: string | undefined
      readonly tokens: TokenCounts
      /** The output may be a placeholder that was written before the answer was whole. */
      readonly provisional?: boolean
      readonly costUsd: number | undefined
    }
  /** A request that failed for good. */
  | { readonly kind: 'model_error'; readonly callId: string | undefined }
  /** A tool that ran. `tool` may be told apart from it, by `tool_name`. */
  | {
      readonly kind: 'tool_call'
      readonly callId: string | undefined
      readonly tool: string | undefined
      readonly outcome: Outcome
    }
  | { readonly kind: 'tool_name'; readonly callId: string; readonly tool: string }
  /** A tool that was not allowed to run. */
  | { readonly kind: 'tool_rejection'; readonly callId: string | undefined }
  /** A point of a metric: the only source of some facts, and a stand-in for others. */
  | {
      readonly kind: 'usage'
      readonly measure: UsageMeasure
      readonly model: string | undefined
      /** Points of one series add up when they are deltas, and replace each other when they are cumulative. */
      readonly series: string
      readonly cumulative: boolean
      readonly value: number
    }
  | {
      readonly kind: 'task_change'
      readonly change: 'created' | 'updated'
      readonly taskId: string | undefined
      readonly status: TaskStatus | undefined
    }
  | { readonly kind: 'evaluation'; readonly name: string; readonly score: number }
  | {
      readonly kind: 'invocation_start'
      readonly invocationId: string | undefined
      readonly agentType: string
      readonly background: boolean
    }
  | {
      readonly kind: 'invocation_end'
      readonly invocationId: string | undefined
      readonly agentType: string
      readonly status: InvocationStatus
      /** Nothing of the invocation comes later; else it may go on in the background. */
      readonly final: boolean
    }

/** A subagent's run, as an item of its work names it. */
export interface InvocationRef {
  readonly id: string
  readonly agentType: string | undefined
  /** The invocation that started it; absent when the main agent did, or when the item does not tell. */
  readonly parentId: string | undefined
}

/** One telemetry item as a dialect understood it: whose it is, when it was, what the agent did. */
export interface Observation {
  /** The dialect that read it: a source of the session. */
  readonly source: string
  /** The same item received twice has the same key. Unique within its session. */
  readonly key: string
  readonly sessionId: string | undefined
  readonly startMs: number
  readonly endMs: number
  /** Whose work it is, where the item says so: the main agent's type. */
  readonly agentType: string | undefined
  /** How it says so; by an attribute unless given. */
  readonly agentTypeOrigin?: AgentTypeOrigin | undefined
  readonly agentVersion: string | undefined
  /** The subagent whose work it is; absent for the main agent's work, and where the source does not tell. */
  readonly invocation?: InvocationRef
  /** For the mission's literal formulas, which count spans. */
  readonly span: { readonly ok: boolean } | undefined
  readonly activities: readonly Activity[]
}
