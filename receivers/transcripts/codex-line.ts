import type { AttributeValue } from '#src/model/telemetry.ts'
import type { Json } from '#src/store/store.ts'
import type { ContentIds } from './content-ids.ts'
import { type JsonObject, numberOf, objectOf, textOf } from './json.ts'
import { type TranscriptLine, timeOf } from './transcript-line.ts'

/** What the lines before, in the same rollout, told. */
export interface CodexFile {
  /** The thread whose rollout it is: what Codex' telemetry calls the conversation. */
  threadId: string | undefined
  version: string | undefined
  model: string | undefined
  /** The turn that the lines are of. */
  turnId: string | undefined
  /** The thread that the lines were written for first: in a fork's copies another than its own. */
  origin: { readonly threadId: string; readonly startedAtMs: number | undefined } | undefined
  readonly contentIds: ContentIds
}

const THREAD_ID = /rollout-.*?([0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12})\.jsonl(?:\.gz)?$/
const UUID_V7 = /^([0-9a-f]{8})-([0-9a-f]{4})-7/

/** Kinds of lines that say nothing that KPIs need. */
const UNUSED: ReadonlySet<string> = new Set(['world_state', 'ghost_snapshot', 'session_state'])

type Details = readonly [
  event: string,
  attributes: Record<string, AttributeValue | undefined>,
  /** Names the record within its turn. */
  id?: string | undefined,
  /** What tells a record without an id from others of its kind. */
  content?: Json | undefined,
]

const PRESENCE: Details = ['presence', {}]

const TOKEN_FIELDS = [
  'input_tokens',
  'cached_input_tokens',
  'cache_write_input_tokens',
  'output_tokens',
  'reasoning_output_tokens',
]

/** @returns the id of the thread whose rollout has this path */
export function threadOf(path: string): string | undefined {
  return THREAD_ID.exec(path)?.[1]
}

/** Whether a line is one of a rollout. */
export function isCodexLine(line: JsonObject): boolean {
  return typeof line.payload === 'object' && line.sessionId === undefined
}

/** Reads one line of a Codex rollout; of what was said in it nothing is kept. */
export function readCodexLine(line: JsonObject, file: CodexFile, nowMs: number): TranscriptLine {
  const payload = objectOf(line.payload)
  if (line.type === 'session_meta') {
    // A fork's rollout goes on with a copy of the one that it came from.
    file.threadId ??= textOf(payload.id)
    file.version ??= textOf(payload.cli_version)
    file.origin = originOf(payload)
    if (file.origin?.threadId === file.threadId) file.contentIds.clear()
  }
  const turnId = textOf(payload.turn_id) ?? textOf(objectOf(payload.internal_chat_message_metadata_passthrough).turn_id)
  // Reading was resumed in the middle of the file: whether this turn has begun before, nothing tells.
  if (turnId !== undefined && file.turnId === undefined && file.origin === undefined)
    file.contentIds.beginWithin(turnId)
  file.turnId = turnId ?? file.turnId
  if (line.type === 'turn_context') file.model = textOf(payload.model) ?? file.model
  const details = detailsOf(line, payload, file)
  if (details === undefined) {
    const type = typeof line.type === 'string' && UNUSED.has(line.type) ? undefined : String(line.type)
    return type === undefined ? { kind: 'ignored' } : { kind: 'unknown', type }
  }
  const timeMs = timeOf(line.timestamp, nowMs)
  if (typeof timeMs === 'string') return { kind: 'fault', reason: timeMs }
  const sessionId = file.threadId ?? textOf(payload.thread_id) ?? textOf(payload.session_id)
  if (sessionId === undefined) return { kind: 'fault', reason: 'missing_session' }
  const [event, attributes, id, content] = details
  return {
    kind: 'event',
    event: `codex_rollout.${event}`,
    timeMs,
    attributes: { 'session.id': sessionId, 'record.id': id, ...attributes },
    version: file.version,
    agentType: undefined,
    ...keyOf({ event, id, content }, turnId ?? file.turnId, file, timeMs),
  }
}

interface Named {
  readonly event: string
  readonly id: string | undefined
  readonly content: Json | undefined
}

/** A fork's copies are stamped with the time of copying, but keep the turn's id, and the start of the thread that they are of. */
function keyOf(
  { event, id, content }: Named,
  turnId: string | undefined,
  { origin, contentIds }: CodexFile,
  timeMs: number,
): { readonly key: string | undefined; readonly keyTimeMs: number } {
  const within = turnId ?? origin?.threadId
  const startedAtMs = turnId === undefined ? origin?.startedAtMs : startOfTurn(turnId)
  const name = id ?? (content === undefined ? undefined : contentIds.next(event, within, JSON.stringify(content)))
  return {
    key: name === undefined || within === undefined ? undefined : `${event}:${within}:${name}`,
    keyTimeMs: startedAtMs ?? origin?.startedAtMs ?? timeMs,
  }
}

function originOf({ id, timestamp }: JsonObject): CodexFile['origin'] {
  const threadId = textOf(id)
  const startedAtMs = Date.parse(textOf(timestamp) ?? '')
  return threadId === undefined
    ? undefined
    : { threadId, startedAtMs: Number.isNaN(startedAtMs) ? undefined : startedAtMs }
}

function detailsOf({ type }: JsonObject, payload: JsonObject, file: CodexFile): Details | undefined {
  switch (type) {
    case 'session_meta':
    case 'turn_context':
      return PRESENCE
    case 'compacted':
      return ['compaction', {}, undefined, payload.message]
    case 'token_usage_record':
      return modelCall(payload, file)
    case 'response_item':
      return responseItem(payload)
    case 'event_msg':
      return eventMessage(payload, file)
    default:
      return undefined
  }
}

function modelCall({ response_id: responseId, usage }: JsonObject, file: CodexFile): Details {
  const id = textOf(responseId)
  return ['model_call', { 'response.id': id, model: file.model, ...tokens(objectOf(usage)) }, id, usage]
}

function responseItem(payload: JsonObject): Details {
  const callId = textOf(payload.call_id)
  switch (payload.type) {
    case 'function_call':
    case 'custom_tool_call':
      return ['tool_call', { call_id: callId, tool_name: textOf(payload.name) }, callId]
    case 'function_call_output':
    case 'custom_tool_call_output':
      return ['tool_output', { call_id: callId, outcome: outcomeOfOutput(payload.output) }, callId]
    default:
      return PRESENCE
  }
}

// The only output that always tells: the model asked for a tool that is not there.
function outcomeOfOutput(output: JsonObject[string] | undefined): string | undefined {
  return textOf(output)?.startsWith('unsupported call: ') === true ? 'failed' : undefined
}

function eventMessage(payload: JsonObject, file: CodexFile): Details {
  switch (payload.type) {
    case 'user_message':
      return ['prompt', {}, undefined, payload.message]
    case 'item_completed':
      return completedItem(objectOf(payload.item))
    case 'exec_command_end':
      return toolEnd(textOf(payload.call_id), payload.exit_code === 0)
    case 'patch_apply_end':
      return toolEnd(textOf(payload.call_id), payload.success === true)
    case 'token_count':
      return tokenCount(objectOf(payload.info), file)
    default:
      // `context_compacted` too: it comes beside the line that has what is left of the context.
      return PRESENCE
  }
}

function completedItem({ type, id, content, status, exit_code: exitCode }: JsonObject): Details {
  if (type === 'UserMessage') return ['prompt', {}, textOf(id), content]
  if (type !== 'CommandExecution' && type !== 'FileChange' && type !== 'McpToolCall') return PRESENCE
  return toolEnd(textOf(id), status === 'completed' && (exitCode === undefined || exitCode === null || exitCode === 0))
}

function toolEnd(callId: string | undefined, ok: boolean): Details {
  return callId === undefined ? PRESENCE : ['tool_end', { call_id: callId, outcome: ok ? 'ok' : 'failed' }, callId]
}

/** A running total, and what was added last: all that older rollouts have. */
function tokenCount(info: JsonObject, file: CodexFile): Details {
  const total = objectOf(info.total_token_usage)
  const totalTokens = numberOf(total.total_tokens)
  if (totalTokens === undefined) return PRESENCE
  const last = objectOf(info.last_token_usage)
  const id = [totalTokens, total.input_tokens, total.output_tokens, last.input_tokens, last.output_tokens].join(':')
  const counts = { ...tokens(total), ...tokens(last, 'last_') }
  return ['token_count', { model: file.model, total_tokens: totalTokens, ...counts }, id]
}

function tokens(usage: JsonObject, prefix = ''): Record<string, AttributeValue | undefined> {
  return Object.fromEntries(TOKEN_FIELDS.map((field) => [prefix + field, numberOf(usage[field])]))
}

function startOfTurn(turnId: string | undefined): number | undefined {
  const [, high, low] = UUID_V7.exec(turnId ?? '') ?? []
  return high === undefined || low === undefined ? undefined : Number.parseInt(high + low, 16)
}
