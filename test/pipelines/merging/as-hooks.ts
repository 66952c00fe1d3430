import { eventNameOf, toLogRecord } from '#receivers/claude_hooks/hook-record.ts'
import type { Telemetry } from '#src/model/telemetry.ts'
import type { Happening, SessionScript, Subagent, ToolCall } from './script.ts'

type Event = Readonly<Record<string, unknown>>

/** The hook events of a session, as the receiver of hooks hands them on. */
export function asHooks({ id, processes }: SessionScript): Telemetry[] {
  let promptId: string | undefined
  return processes.flatMap(({ happenings }) =>
    happenings.flatMap((happening) => {
      if (happening.kind === 'prompt') promptId = happening.promptId
      return eventsOf(happening).map((event) => {
        const whole = { session_id: id, prompt_id: promptId, cwd: '/work', ...event }
        return toLogRecord(whole, eventNameOf(whole) ?? '', happening.atMs)
      })
    }),
  )
}

function eventsOf(happening: Happening): readonly Event[] {
  switch (happening.kind) {
    case 'process_start':
      return [{ hook_event_name: 'SessionStart', source: happening.source }]
    case 'process_end':
      return [{ hook_event_name: 'SessionEnd', reason: happening.reason }]
    case 'prompt':
      return [{ hook_event_name: 'UserPromptSubmit', prompt: 'do it' }]
    case 'turn_end':
      return [{ hook_event_name: 'Stop', stop_hook_active: false }]
    case 'compaction':
      return [
        { hook_event_name: 'PreCompact', trigger: 'auto' },
        { hook_event_name: 'PostCompact', trigger: 'auto', compact_summary: happening.summary },
        { hook_event_name: 'SessionStart', source: 'compact' },
      ]
    case 'tool_call':
      return toolEvents(happening)
    case 'subagent_start':
      return [{ hook_event_name: 'SubagentStart', ...inside(happening.subagent) }]
    case 'subagent_end':
      return [{ hook_event_name: 'SubagentStop', ...inside(happening.subagent) }]
    default:
      return []
  }
}

function toolEvents({ toolUseId, tool, outcome, durationMs, agent, task, starts }: ToolCall): readonly Event[] {
  const common = { tool_name: tool, tool_use_id: toolUseId, ...inside(agent) }
  const before = { hook_event_name: 'PreToolUse', ...common }
  if (outcome === 'rejected') return [before]
  if (outcome === 'failed') {
    return [before, { hook_event_name: 'PostToolUseFailure', ...common, error: 'exit 1', duration_ms: durationMs }]
  }
  const after = { hook_event_name: 'PostToolUse', ...common, duration_ms: durationMs }
  if (starts !== undefined) {
    const status = starts.background ? 'async_launched' : 'completed'
    const agentType = starts.background ? undefined : starts.type
    return [before, { ...after, tool_response: { status, agentId: starts.id, agentType } }]
  }
  if (task === undefined) return [before, after]
  if (task.to === 'created') {
    const response = { ...after, tool_response: { task: { id: task.id, subject: 'x' } } }
    return [before, { hook_event_name: 'TaskCreated', task_id: task.id }, response]
  }
  const response = { success: true, taskId: task.id, statusChange: { from: 'pending', to: task.to } }
  const completed = task.to === 'completed' ? [{ hook_event_name: 'TaskCompleted', task_id: task.id }] : []
  return [before, ...completed, { ...after, tool_response: response }]
}

function inside(agent: Subagent | undefined): Event {
  return agent === undefined ? {} : { agent_id: agent.id, agent_type: agent.type }
}
