import type { Note } from '../model/assessment.ts'
import type { Session, ToolUse } from '../model/session.ts'
import { countToolCalls } from './tool-calls.ts'

/** Fewer calls than this say nothing about the telemetry. */
const MIN_CALLS = 20

const EDITS = ['Edit', 'MultiEdit']
const SUBAGENT_TOOLS = ['Task', 'Agent']

/**
 * What is odd about a session's telemetry itself, so that nobody mistakes renamed attributes or hooks that do not cover
 * a tool for a change in the agent.
 */
export function inputFindings(session: Session): readonly Note[] {
  return [lostOutcomes(session), lostInvocations(session), uncoveredReads(session)].filter((note) => note !== undefined)
}

/** Whether so many tool calls lack an outcome that an error rate would be about the telemetry, not the agent. */
export function outcomesAreLost(session: Session): boolean {
  const { calls, known } = countToolCalls(session)
  return calls >= MIN_CALLS && known < calls / 2
}

function lostOutcomes(session: Session): Note | undefined {
  if (!outcomesAreLost(session)) return undefined
  const { calls, known } = countToolCalls(session)
  const message = `${calls - known} of ${calls} tool calls carry no success flag: the telemetry's names may have changed`
  return { code: 'input_drift', kpi: 'error_rate', message }
}

function lostInvocations({ tools, invocations }: Session): Note | undefined {
  const calls = usesOf(tools, SUBAGENT_TOOLS).reduce((sum, use) => sum + use.calls, 0)
  if (calls === 0 || invocations.length > 0) return undefined
  const message = `${calls} calls of subagents, but no span of one: the telemetry's names may have changed`
  return { code: 'input_drift', message }
}

// Claude Code refuses to edit a file that it has not read: edits that succeeded without any read mean that the hooks do
// not cover Read.
function uncoveredReads({ tools }: Session): Note | undefined {
  const edited = usesOf(tools, EDITS).some(({ calls, failures, unknown }) => calls > failures + unknown)
  if (!edited || tools.Read !== undefined) return undefined
  const message = 'files were edited but none was read: the hooks do not cover Read, so ratios of tool calls are off'
  return { code: 'uncovered_tools', kpi: 'tool_overhead_ratio', message }
}

function usesOf(tools: Session['tools'], names: readonly string[]): readonly ToolUse[] {
  return names.map((name) => tools[name]).filter((use) => use !== undefined)
}
