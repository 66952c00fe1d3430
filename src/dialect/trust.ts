/** Kinds of facts that several sources may tell of the same session. */
export type Fact = 'model_calls' | 'model_errors' | 'tools' | 'rejections' | 'prompts' | 'compactions' | 'tasks'

/**
 * Sources that can tell a fact, the most trusted first. Facts with an id are merged by it, whatever their sources; of
 * facts without one only those of the most trusted source count that the session has.
 */
export const TRUST: Readonly<Record<Fact, readonly string[]>> = {
  model_calls: ['claude_code_logs', 'claude_code_traces', 'claude_transcript', 'codex_rollout'],
  model_errors: ['claude_code_logs', 'claude_code_traces', 'claude_transcript'],
  // Codex' own file knows how a command ended; its telemetry calls it a success when it ran at all.
  tools: ['claude_code_logs', 'claude_code_traces', 'claude_transcript', 'codex_rollout', 'hook_spans'],
  rejections: ['claude_code_logs', 'claude_code_traces', 'claude_transcript'],
  prompts: ['claude_code_logs', 'claude_code_traces', 'claude_transcript', 'codex_rollout', 'hook_spans'],
  compactions: ['claude_code_logs', 'claude_code_traces', 'claude_transcript', 'codex_rollout'],
  // Claude Code's logs tell what became of a task only when they are asked for details.
  tasks: ['hook_spans', 'claude_transcript', 'claude_code_logs'],
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
