/** Facts that several sources may tell of the same session. */
export type Fact =
  /** With their tokens and costs. */
  | 'model_calls'
  | 'model_errors'
  | 'tools'
  | 'rejections'
  | 'prompts'
  | 'compactions'
  | 'tasks'
  /** Tokens and costs as usage metrics add them up; a stand-in where nothing tells of single model calls. */
  | 'metered_use'
  | 'active_time'

/** What sort of telemetry a source is: sources of one kind are trusted alike. */
export type SourceKind = 'hooks' | 'logs' | 'traces' | 'transcripts' | 'hook_spans' | 'metrics'

/** Who is believed on a fact: kinds of sources, the most trusted first. */
export const TRUST_ORDER: Readonly<Record<Fact, readonly SourceKind[]>> = {
  model_calls: ['logs', 'traces', 'transcripts'],
  model_errors: ['logs', 'traces', 'transcripts', 'hooks'],
  // Hooks have whole names also of tools of MCP servers, and always ids.
  tools: ['hooks', 'logs', 'traces', 'transcripts', 'hook_spans'],
  rejections: ['logs', 'traces', 'hooks', 'transcripts'],
  prompts: ['logs', 'hooks', 'traces', 'transcripts', 'hook_spans'],
  compactions: ['logs', 'traces', 'hooks', 'transcripts'],
  // Logs tell what became of a task only when the agent is asked for details.
  tasks: ['hooks', 'transcripts', 'hook_spans', 'logs'],
  metered_use: ['metrics'],
  active_time: ['metrics', 'traces', 'transcripts'],
}
