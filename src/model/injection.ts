/** Version of {@link InjectionLine}. */
export const INJECTION_SCHEMA = 1

/** What a hook's answer put into an agent's context: a line of `history/injections.jsonl`. Token counts are estimates. */
export interface InjectionLine {
  readonly schema: number
  /** ISO 8601 in UTC. */
  readonly at: string
  readonly session_id: string
  /** The subagent that it was told to; absent for the main agent. */
  readonly agent_id?: string
  readonly agent_type: string
  readonly hook: 'SessionStart' | 'SubagentStart' | 'UserPromptSubmit'
  /** Suggestions that were among it. */
  readonly suggestion_ids: readonly string[]
  /** Of all that was told; the next three are its parts. */
  readonly tokens: number
  /** What was alarming. */
  readonly warning_tokens: number
  readonly suggestion_tokens: number
  /** What is usual for the agent type. */
  readonly baseline_tokens: number
  readonly characters: number
}
