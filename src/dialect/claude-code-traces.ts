import type { Activity } from '../model/activity.ts'
import type { Attributes, Span, Telemetry } from '../model/telemetry.ts'
import { claudeCodeOwner, invocationOf, modelCallOf, COMMON_NAMES as NAMES } from './claude-code.ts'
import { type Dialect, pickBoolean, pickText, type Reading } from './dialect.ts'
import { PRESENCE } from './readings.ts'
import { spanKey } from './record-key.ts'

const PREFIX = 'claude_code.'

const PRESENCE_SPANS: ReadonlySet<string> = new Set(['subagent.spawn', 'mcp.rpc', 'bash.subprocess', 'hook'])

/** Claude Code's OTLP spans (enhanced telemetry beta). */
export const claudeCodeTraces: Dialect = {
  sources: [
    {
      name: 'claude_code_traces',
      kind: 'traces',
      tells: ['model_calls', 'model_errors', 'tools', 'rejections', 'prompts', 'compactions'],
    },
  ],
  read(item: Telemetry): Reading | undefined {
    if (item.kind !== 'span' || !item.name.startsWith(PREFIX)) return undefined
    const activities = activitiesOf(item.name.slice(PREFIX.length), item)
    if (activities === undefined) return { kind: 'unknown', name: item.name }
    return {
      kind: 'observed',
      observation: {
        source: 'claude_code_traces',
        key: spanKey(item),
        ...claudeCodeOwner(item),
        ...invocationOf(item),
        startMs: item.startMs,
        endMs: item.endMs,
        span: undefined,
        activities,
      },
    }
  },
}

function activitiesOf(name: string, { attributes, status }: Span): readonly Activity[] | undefined {
  switch (name) {
    case 'interaction':
      return [{ kind: 'prompt' }]
    case 'llm_request': {
      const failed = pickBoolean(attributes, ['success']) === false || status === 'error'
      return failed
        ? [{ kind: 'model_error', callId: pickText(attributes, NAMES.requestId) }]
        : [modelCallOf(attributes)]
    }
    case 'tool':
      return toolName(attributes)
    // Only what ran has an execution; the span of the tool itself stays «unset» even when it failed.
    case 'tool.execution': {
      const success = pickBoolean(attributes, ['success'])
      const outcome = success === false || status === 'error' ? 'failed' : success === undefined ? 'unknown' : 'ok'
      return [{ kind: 'tool_call', callId: pickText(attributes, NAMES.toolUseId), tool: undefined, outcome }]
    }
    case 'tool.blocked_on_user':
      return pickText(attributes, ['decision']) === 'reject'
        ? [{ kind: 'tool_rejection', callId: pickText(attributes, NAMES.toolUseId) }]
        : PRESENCE
    case 'compaction':
      return [{ kind: 'compaction' }]
    default:
      return PRESENCE_SPANS.has(name) ? PRESENCE : undefined
  }
}

function toolName(attributes: Attributes): readonly Activity[] {
  const callId = pickText(attributes, NAMES.toolUseId)
  const tool = pickText(attributes, NAMES.toolName)
  return callId === undefined || tool === undefined ? PRESENCE : [{ kind: 'tool_name', callId, tool }]
}
