import type { Aliases } from './dialect.ts'

/**
 * The one table of what hook spans call their facts, current name first.
 *
 * The names changed in eras (2026): A `builtin.*`, `tokens.*`, `agent.*`; B (July) writes `integritystudio.*` beside
 * them; D (September) moves tools to `gen_ai.tool.name` and `integritystudio.tool.*`; E the rest to `integritystudio.*`.
 */
export const HOOK_SPAN_NAMES = {
  sessionId: ['session.id'],
  agentType: ['agentperf.agent_type'],
  tool: ['gen_ai.tool.name', 'builtin.tool'],
  toolSuccess: ['integritystudio.tool.success', 'builtin.success'],
  toolHasError: ['integritystudio.tool.has_error', 'builtin.has_error'],
  taskId: ['integritystudio.task.id', 'builtin.task_id'],
  taskStatus: ['integritystudio.task.status', 'builtin.task_status'],
  mcpServer: ['integritystudio.mcp.server', 'mcp.server'],
  mcpTool: ['integritystudio.mcp.tool', 'mcp.tool'],
  mcpSuccess: ['integritystudio.mcp.success', 'mcp.success'],
  mcpHasError: ['integritystudio.mcp.has_error', 'mcp.has_error'],
  tokensFreshInput: ['integritystudio.tokens.input', 'tokens.input'],
  tokensOutput: ['integritystudio.tokens.output', 'tokens.output'],
  tokensCacheRead: ['integritystudio.tokens.cache_read', 'tokens.cache_read'],
  tokensCacheCreation: ['integritystudio.tokens.cache_creation', 'tokens.cache_creation'],
  tokensMessages: ['integritystudio.tokens.messages', 'tokens.messages'],
  tokensModel: ['integritystudio.tokens.model', 'tokens.model'],
  transcript: ['integritystudio.transcript.path', 'transcript.path'],
  hookName: ['integritystudio.hook.name', 'hook.name'],
  subagentType: ['integritystudio.agent.type', 'agent.type', 'gen_ai.agent.name'],
  subagentHasError: ['integritystudio.agent.has_error', 'agent.has_error'],
  subagentInBackground: ['integritystudio.agent.is_background', 'agent.is_background'],
} as const satisfies Record<string, Aliases>

/** Spans that say only that the agent was at work; the others have a meaning of their own in `hook-spans.ts`. */
export const PRESENCE_HOOKS: readonly string[] = [
  'builtin-pre-tool',
  'mcp-pre-tool',
  'plugin-pre-tool',
  'plugin-post-tool',
  'subagent-start',
  'notification',
  'error-handling-reminder',
  'tsc-check',
  'stop-tsc-check',
  'stop-py-check',
  'code-structure',
  'post-commit-review',
  'telemetry-alert-evaluation',
]
