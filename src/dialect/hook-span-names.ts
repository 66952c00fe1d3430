import type { Attributes, AttributeValue } from '../model/telemetry.ts'
import type { Aliases } from './dialect.ts'

type FactReader = (from: Attributes) => AttributeValue | undefined

/**
 * The one table of what hook spans call their facts, current name first.
 *
 * The names changed in eras (2026): A `builtin.*`, `tokens.*`, `agent.*`; B (July) writes `integritystudio.*` beside
 * them; D (September) moves tools to `gen_ai.tool.name` and `integritystudio.tool.*`; E the rest to `integritystudio.*`.
 *
 * Each name stands in code of its own: V8 then remembers where objects have it, or that they have not, and reading a span takes
 * half the time that walking lists of names takes.
 */
export const HOOK_SPAN_FACTS = {
  sessionId: (from) => from['session.id'],
  agentType: (from) => from['agentperf.agent_type'],
  tool: (from) => from['gen_ai.tool.name'] ?? from['builtin.tool'],
  toolSuccess: (from) => from['integritystudio.tool.success'] ?? from['builtin.success'],
  toolHasError: (from) => from['integritystudio.tool.has_error'] ?? from['builtin.has_error'],
  taskId: (from) => from['integritystudio.task.id'] ?? from['builtin.task_id'],
  taskStatus: (from) => from['integritystudio.task.status'] ?? from['builtin.task_status'],
  mcpServer: (from) => from['integritystudio.mcp.server'] ?? from['mcp.server'],
  mcpTool: (from) => from['integritystudio.mcp.tool'] ?? from['mcp.tool'],
  mcpSuccess: (from) => from['integritystudio.mcp.success'] ?? from['mcp.success'],
  mcpHasError: (from) => from['integritystudio.mcp.has_error'] ?? from['mcp.has_error'],
  tokensFreshInput: (from) => from['integritystudio.tokens.input'] ?? from['tokens.input'],
  tokensOutput: (from) => from['integritystudio.tokens.output'] ?? from['tokens.output'],
  tokensCacheRead: (from) => from['integritystudio.tokens.cache_read'] ?? from['tokens.cache_read'],
  tokensCacheCreation: (from) => from['integritystudio.tokens.cache_creation'] ?? from['tokens.cache_creation'],
  tokensMessages: (from) => from['integritystudio.tokens.messages'] ?? from['tokens.messages'],
  tokensModel: (from) => from['integritystudio.tokens.model'] ?? from['tokens.model'],
  transcript: (from) => from['integritystudio.transcript.path'] ?? from['transcript.path'],
  hookName: (from) => from['integritystudio.hook.name'] ?? from['hook.name'],
  subagentType: (from) => from['integritystudio.agent.type'] ?? from['agent.type'] ?? from['gen_ai.agent.name'],
  subagentHasError: (from) => from['integritystudio.agent.has_error'] ?? from['agent.has_error'],
  subagentInBackground: (from) => from['integritystudio.agent.is_background'] ?? from['agent.is_background'],
} as const satisfies Record<string, FactReader>

/** The names of each fact. */
export const HOOK_SPAN_NAMES: Readonly<Record<string, Aliases>> = Object.fromEntries(
  Object.entries(HOOK_SPAN_FACTS).map(([fact, read]) => [fact, namesIn(read)]),
)

/** All names are asked for where nothing is there. */
function namesIn(read: FactReader): Aliases {
  const names: string[] = []
  read(new Proxy<Attributes>({}, { get: (_, name) => void names.push(String(name)) }))
  return names
}

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
