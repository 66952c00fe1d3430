/** Kinds of facts that several sources may tell of the same session. */
export type Fact =
  | 'model_calls'
  | 'model_errors'
  | 'tools'
  | 'rejections'
  | 'prompts'
  | 'compactions'
  | 'tasks'
  | 'agent_types'

/**
 * Sources that can tell a fact, the most trusted first. Facts with an id are merged by it, whatever their sources; of
 * facts without one only those of the most trusted source count that the session has.
 */
export const TRUST: Readonly<Record<Fact, readonly string[]>> = {
  model_calls: ['claude_code_logs', 'claude_code_traces'],
  model_errors: ['claude_code_logs', 'claude_code_traces', 'claude_hooks'],
  // Hooks have the whole names of tools of MCP servers, and always ids.
  tools: ['claude_hooks', 'claude_code_logs', 'claude_code_traces', 'hook_spans'],
  // Hooks tell those that were denied automatically, but not the user's: none is not none.
  rejections: ['claude_code_logs', 'claude_code_traces'],
  prompts: ['claude_code_logs', 'claude_hooks', 'claude_code_traces', 'hook_spans'],
  compactions: ['claude_code_logs', 'claude_code_traces', 'claude_hooks'],
  // Claude Code's logs tell what became of a task only when they are asked for details.
  tasks: ['claude_hooks', 'hook_spans', 'claude_code_logs'],
  // Only hooks know the main agent's type; elsewhere it is what somebody set.
  agent_types: ['claude_hooks'],
}

/** The source whose facts without an id count, of those that a session has. */
export function trustedSource(fact: Fact, sources: Readonly<Record<string, unknown>>): string | undefined {
  return TRUST[fact].find((source) => Object.hasOwn(sources, source))
}

/** How much a source is trusted on a fact: 0 most; unknown sources least. */
export function distrust(fact: Fact, source: string): number {
  const rank = TRUST[fact].indexOf(source)
  return rank === -1 ? TRUST[fact].length : rank
}
