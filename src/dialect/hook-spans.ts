import type { Activity, Outcome, TaskStatus } from '../model/activity.ts'
import type { Attributes, Span, Telemetry } from '../model/telemetry.ts'
import { type Dialect, pickBoolean, pickNumber, pickText, type Reading } from './dialect.ts'
import { HOOK_SPAN_NAMES as NAMES, PRESENCE_HOOKS } from './hook-span-names.ts'

const PRESENCE: readonly Activity[] = [{ kind: 'presence' }]
const PROMPT: readonly Activity[] = [{ kind: 'prompt' }]
const SESSION_START: readonly Activity[] = [{ kind: 'session_start' }]
const SESSION_END: readonly Activity[] = [{ kind: 'session_end' }]
const TASK_STATUSES: ReadonlySet<string> = new Set(['pending', 'in_progress', 'completed', 'deleted'])

/** Model name of placeholder messages that no model wrote. */
const SYNTHETIC_MODEL = '<synthetic>'

/** The mission's hook spans (`traces-*.jsonl`) of every era. */
export const hookSpans: Dialect = {
  name: 'hook_spans',
  read(item: Telemetry): Reading | undefined {
    if (item.kind !== 'span') return undefined
    const hook = hookOf(item)
    if (hook === undefined) return undefined
    const activities = activitiesOf(hook, item)
    if (activities === undefined) return { kind: 'unknown', name: item.name }
    return {
      kind: 'observed',
      observation: {
        source: 'hook_spans',
        // A trace belongs to one hook call, and span ids are random.
        key: item.spanId === '' ? `${item.traceId}:${item.name}:${item.startMs}` : item.traceId + item.spanId,
        sessionId: pickText(item.attributes, NAMES.sessionId),
        startMs: item.startMs,
        endMs: item.endMs,
        agentType: pickText(item.attributes, NAMES.agentType) ?? pickText(item.resource.attributes, NAMES.agentType),
        agentVersion: undefined,
        span: { ok: item.status === 'ok' },
        activities,
      },
    }
  },
}

function hookOf(span: Span): string | undefined {
  if (span.name.startsWith('hook:')) return span.name.slice(5)
  return span.name.startsWith('invoke_agent') && span.resource.attributes['service.name'] === 'claude-code-hooks'
    ? 'invoke_agent'
    : undefined
}

function activitiesOf(hook: string, span: Span): readonly Activity[] | undefined {
  switch (hook) {
    case 'builtin-post-tool':
      return builtinToolCall(span)
    case 'mcp-post-tool':
      return mcpToolCall(span)
    case 'skill-activation-prompt':
      return PROMPT
    case 'session-start':
      return SESSION_START
    case 'session-end':
      return SESSION_END
    case 'token-metrics-extraction':
      return tokenSnapshot(span.attributes)
    case 'agent-pre-tool':
    case 'agent.operation.prepare':
      return invocationStart(span.attributes)
    case 'agent-post-tool':
    case 'agent.operation.finalize':
    case 'subagent-stop':
      return invocationEnd(hook, span)
    // Written beside prepare and finalize: the same invocation once more.
    case 'invoke_agent':
      return PRESENCE
    default:
      return PRESENCE_HOOKS.has(hook) ? PRESENCE : undefined
  }
}

function builtinToolCall(span: Span): readonly Activity[] {
  const { attributes } = span
  const tool = pickText(attributes, NAMES.tool) ?? '(unnamed)'
  const outcome = outcomeOf(
    span,
    pickBoolean(attributes, NAMES.toolSuccess),
    pickBoolean(attributes, NAMES.toolHasError),
  )
  const call: Activity = { kind: 'tool_call', callId: undefined, tool, outcome }
  // A refused update («Task not found») changed nothing.
  if ((tool !== 'TaskCreate' && tool !== 'TaskUpdate') || outcome === 'failed') return [call]
  const status = pickText(attributes, NAMES.taskStatus)
  return [
    call,
    {
      kind: 'task_change',
      change: tool === 'TaskCreate' ? 'created' : 'updated',
      taskId: pickText(attributes, NAMES.taskId),
      status: isTaskStatus(status) ? status : undefined,
    },
  ]
}

function mcpToolCall(span: Span): readonly Activity[] {
  const { attributes } = span
  const server = pickText(attributes, NAMES.mcpServer) ?? '(unnamed)'
  const tool = pickText(attributes, NAMES.mcpTool) ?? '(unnamed)'
  const outcome = outcomeOf(span, pickBoolean(attributes, NAMES.mcpSuccess), pickBoolean(attributes, NAMES.mcpHasError))
  return [{ kind: 'tool_call', callId: undefined, tool: `mcp__${server}__${tool}`, outcome }]
}

// Flags decide, never text: «Error rate: 12 %» in a tool's output is not a failure. A status of 0 or 1 is that of the
// hook, which succeeds whatever the tool did.
function outcomeOf(span: Span, success: boolean | undefined, hasError: boolean | undefined): Outcome {
  if (success === false || hasError === true || span.status === 'error') return 'failed'
  return success === undefined && hasError === undefined ? 'unknown' : 'ok'
}

function tokenSnapshot(attributes: Attributes): readonly Activity[] {
  const model = pickText(attributes, NAMES.tokensModel)
  const tokens = {
    freshInput: pickNumber(attributes, NAMES.tokensFreshInput) ?? 0,
    cacheRead: pickNumber(attributes, NAMES.tokensCacheRead) ?? 0,
    cacheCreation: pickNumber(attributes, NAMES.tokensCacheCreation) ?? 0,
    output: pickNumber(attributes, NAMES.tokensOutput) ?? 0,
    reasoning: 0,
  }
  const empty = tokens.freshInput + tokens.cacheRead + tokens.cacheCreation + tokens.output <= 0
  if (empty || model === SYNTHETIC_MODEL) return PRESENCE
  return [
    {
      kind: 'token_snapshot',
      counter: pickText(attributes, NAMES.transcript) ?? model ?? '',
      messages: pickNumber(attributes, NAMES.tokensMessages) ?? 0,
      model,
      tokens,
    },
  ]
}

function invocationStart(attributes: Attributes): readonly Activity[] {
  return [
    {
      kind: 'invocation_start',
      invocationId: undefined,
      agentType: pickText(attributes, NAMES.subagentType) ?? 'unknown',
      background: pickBoolean(attributes, NAMES.subagentInBackground) ?? false,
    },
  ]
}

function invocationEnd(hook: string, span: Span): readonly Activity[] {
  const hasError = pickBoolean(span.attributes, NAMES.subagentHasError)
  const failed = hasError === true || span.status === 'error'
  return [
    {
      kind: 'invocation_end',
      invocationId: undefined,
      agentType: pickText(span.attributes, NAMES.subagentType) ?? 'unknown',
      status: failed ? 'failure' : hasError === undefined ? 'unknown' : 'success',
      // The tool call of a background agent returns at once; `subagent-stop` is its true end.
      final: hook === 'subagent-stop',
    },
  ]
}

function isTaskStatus(text: string | undefined): text is TaskStatus {
  return text !== undefined && TASK_STATUSES.has(text)
}
