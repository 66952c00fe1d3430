import type { AttributeValue } from '#src/model/telemetry.ts'
import { resultAttributes } from './claude-results.ts'
import { booleanOf, type JsonObject, numberOf, objectOf, objectsOf, textOf } from './json.ts'
import { type TranscriptLine, timeOf } from './transcript-line.ts'

/** What the lines before, in the same file, and its neighbours told. */
export interface ClaudeFile {
  /** Type of the main agent, where one was chosen. */
  agentType: string | undefined
  /** Of a subagent's file: its type, as the file beside it says. */
  readonly subagentType: () => string | undefined
  /** Types of the subagents that were asked for, by the id of the call. */
  readonly askedFor: Map<string, string>
}

/** Kinds of lines that say nothing that KPIs need. */
const UNUSED: ReadonlySet<string> = new Set([
  ...[
    'attachment',
    'progress',
    'queue-operation',
    'last-prompt',
    'summary',
    'custom-title',
    'ai-title',
    'task-summary',
  ],
  ...['file-history-snapshot', 'file-history-delta', 'tools-used', 'cost-state', 'atis-latch', 'tag', 'mode'],
  ...[
    'api-request',
    'api-request-shape',
    'api-request-blob',
    'agent-name',
    'agent-color',
    'pr-link',
    'permission-mode',
  ],
  ...['worktree-state', 'bridge-session', 'history-suppression', 'continued-in', 'relocated', 'frame-link'],
  ...['content-replacement', 'marble-origami-commit', 'marble-origami-snapshot', 'speculation-accept'],
])

/** Starts of user lines that the client wrote itself: commands, their output, interruptions. */
const CLIENT_TEXT =
  /^(?:<(?:command-name|command-message|command-args|local-command-|bash-input|bash-stdout|bash-stderr)|\[Request interrupted|Caveat: The messages below)/

const SYNTHETIC_MODEL = '<synthetic>'
const MAX_ASKED_FOR = 100

/** Reads one line of a Claude Code transcript; of what was said in it nothing is kept. */
export function readClaudeLine(line: JsonObject, file: ClaudeFile, nowMs: number): TranscriptLine {
  switch (line.type) {
    case 'assistant':
      return event(line, file, nowMs, assistant(line, file))
    case 'user':
      return event(line, file, nowMs, user(line, file))
    case 'system':
      return event(line, file, nowMs, [line.subtype === 'compact_boundary' ? 'compaction' : 'presence', {}])
    case 'agent-setting':
      file.agentType = textOf(line.agentSetting) ?? file.agentType
      return { kind: 'ignored' }
    default:
      return typeof line.type === 'string' && UNUSED.has(line.type)
        ? { kind: 'ignored' }
        : { kind: 'unknown', type: String(line.type) }
  }
}

type Details = readonly [event: string, attributes: Record<string, AttributeValue | undefined>]

function event(line: JsonObject, file: ClaudeFile, nowMs: number, [name, details]: Details): TranscriptLine {
  const timeMs = timeOf(line.timestamp, nowMs)
  if (typeof timeMs === 'string') return { kind: 'fault', reason: timeMs }
  // A branch's copies say whose they are.
  const sessionId = textOf(objectOf(line.forkedFrom).sessionId) ?? textOf(line.sessionId)
  if (sessionId === undefined) return { kind: 'fault', reason: 'missing_session' }
  const uuid = textOf(line.uuid)
  return {
    kind: 'event',
    event: `claude_transcript.${name}`,
    timeMs,
    attributes: { 'session.id': sessionId, 'record.id': uuid, agent_id: textOf(line.agentId), ...details },
    version: textOf(line.version),
    agentType: line.isSidechain === true ? undefined : file.agentType,
    key: uuid,
    keyTimeMs: timeMs,
  }
}

function assistant(line: JsonObject, file: ClaudeFile): Details {
  const message = objectOf(line.message)
  const requestId = textOf(line.requestId)
  if (message.model === SYNTHETIC_MODEL) {
    return line.isApiErrorMessage === true ? ['api_error', { request_id: requestId }] : ['presence', {}]
  }
  const usage = objectOf(message.usage)
  const toolUses = objectsOf(message.content).filter(({ type }) => type === 'tool_use' || type === 'server_tool_use')
  for (const { id, input } of toolUses) noteSubagent(file, textOf(id), textOf(objectOf(input).subagent_type))
  const stopReason = textOf(message.stop_reason)
  return [
    'message',
    {
      'message.id': textOf(message.id),
      request_id: requestId,
      model: textOf(message.model),
      input_tokens: numberOf(usage.input_tokens),
      output_tokens: numberOf(usage.output_tokens),
      cache_read_tokens: numberOf(usage.cache_read_input_tokens),
      cache_creation_tokens: numberOf(usage.cache_creation_input_tokens),
      reasoning_tokens: numberOf(objectOf(usage.output_tokens_details).thinking_tokens),
      stop_reason: stopReason,
      ...(toolUses.length === 0 ? undefined : { tool_uses: toolUses.map(toolUse) }),
      ...(line.isSidechain === true ? { agent_type: textOf(line.attributionAgent) ?? file.subagentType() } : undefined),
    },
  ]
}

function toolUse({ id, name }: JsonObject): { readonly [key: string]: AttributeValue } {
  return { tool_use_id: textOf(id) ?? null, tool_name: textOf(name) ?? null }
}

function noteSubagent(file: ClaudeFile, callId: string | undefined, subagentType: string | undefined): void {
  if (callId === undefined || subagentType === undefined) return
  const [oldest] = file.askedFor.keys()
  if (file.askedFor.size >= MAX_ASKED_FOR && oldest !== undefined) file.askedFor.delete(oldest)
  file.askedFor.set(callId, subagentType)
}

function user(line: JsonObject, file: ClaudeFile): Details {
  const { content } = objectOf(line.message)
  const results = objectsOf(content).filter(({ type }) => type === 'tool_result')
  if (results.length > 0) return ['tool_result', resultAttributes(line, results, file)]
  if (line.isSidechain === true) {
    const starts = line.parentUuid === null && textOf(line.agentId) !== undefined
    return starts ? ['subagent_start', { agent_type: file.subagentType() }] : ['presence', {}]
  }
  const ownText = booleanOf(line.isMeta) === true || booleanOf(line.isCompactSummary) === true
  if (ownText || CLIENT_TEXT.test(firstTextOf(content))) return ['presence', {}]
  return ['prompt', { 'prompt.id': textOf(line.promptId) }]
}

function firstTextOf(content: JsonObject[string] | undefined): string {
  if (typeof content === 'string') return content
  return textOf(objectsOf(content).find(({ type }) => type === 'text')?.text) ?? ''
}
