import type { ClaudeFile } from './claude-line.ts'
import { FieldNames, type LineCursor } from './line-cursor.ts'
import { readFields, type ScannedLine } from './line-fields.ts'
import { type TranscriptLine, timeOf } from './transcript-line.ts'

/** What stands in a message before its content. */
export interface MessageHead {
  readonly id: string | undefined
  readonly model: string | undefined
}

const SYNTHETIC_MODEL = '<synthetic>'
const BLOCK = Buffer.from('{"type":"')
/** What the model wrote ends where this begins; inside of a string it could not stand. */
const BEHIND = Buffer.from('],"stop_reason":')

const BLOCK_NAMES = new FieldNames(['type', 'text', 'thinking', 'id', 'name', 'input'])
const MESSAGE_NAMES = new FieldNames(['stop_reason', 'usage', 'id', 'model', 'role', 'content'])
const USAGE_NAMES = new FieldNames([
  'input_tokens',
  'output_tokens',
  'cache_read_input_tokens',
  'cache_creation_input_tokens',
  'output_tokens_details',
])
const DETAIL_NAMES = new FieldNames(['thinking_tokens'])

/** Tools whose input says what kind of subagent was asked for. */
const STARTS_SUBAGENT: ReadonlySet<string> = new Set(['Agent', 'Task'])

/** Where the one block of a message's content is, as far as it matters. */
interface Block {
  readonly toolUse: { readonly tool_use_id: string; readonly tool_name: string } | undefined
  readonly at: number
}

/** Everything that a message's line tells, behind its content. */
interface Told {
  stopReason: string | undefined
  inputTokens: number | undefined
  outputTokens: number | undefined
  cacheReadTokens: number | undefined
  cacheCreationTokens: number | undefined
  reasoningTokens: number | undefined
}

/** The line of a message with one block, whose content the cursor stands before. @returns `undefined` when it has to be parsed */
export function scanMessage(
  { bytes, end, cursor, fields, seen }: ScannedLine,
  { id, model }: MessageHead,
  file: ClaudeFile,
  nowMs: number,
): TranscriptLine | undefined {
  if (model === SYNTHETIC_MODEL) return undefined
  const block = readBlock(bytes, cursor)
  if (block === undefined) return undefined
  const content = bytes.subarray(block.at, end)
  const contentEnd = content.indexOf(BEHIND)
  if (contentEnd === -1) return undefined
  const another = content.indexOf(BLOCK)
  if (another !== -1 && another < contentEnd) return undefined
  cursor.resume(block.at + contentEnd + 1)
  const told = readBehind(cursor)
  if (told === undefined || readFields(cursor, fields, seen) !== 'end' || !cursor.leave() || cursor.at !== end)
    return undefined
  const { uuid, sessionId, agentId, version, isSidechain } = fields
  if (fields.type !== 'assistant' || sessionId === undefined) return undefined
  const timeMs = timeOf(fields.timestamp, nowMs)
  if (typeof timeMs === 'string') return { kind: 'fault', reason: timeMs }
  return {
    kind: 'event',
    event: 'claude_transcript.message',
    timeMs,
    attributes: {
      'session.id': sessionId,
      'record.id': uuid,
      agent_id: agentId,
      'message.id': id,
      request_id: fields.requestId,
      model,
      input_tokens: told.inputTokens,
      output_tokens: told.outputTokens,
      cache_read_tokens: told.cacheReadTokens,
      cache_creation_tokens: told.cacheCreationTokens,
      reasoning_tokens: told.reasoningTokens,
      stop_reason: told.stopReason,
      tool_uses: block.toolUse === undefined ? undefined : [block.toolUse],
      agent_type: isSidechain ? (fields.attributionAgent ?? file.subagentType()) : undefined,
    },
    version,
    agentType: isSidechain ? undefined : file.agentType,
    key: uuid,
    keyTimeMs: timeMs,
  }
}

/** Reads the one block's start. */
function readBlock(bytes: Buffer, cursor: LineCursor): Block | undefined {
  const start = cursor.at + 1
  if (bytes.compare(BLOCK, 0, BLOCK.length, start, start + BLOCK.length) !== 0) return undefined
  cursor.enter(start)
  let type: string | undefined
  let id: string | undefined
  let tool: string | undefined
  while (cursor.next()) {
    switch (cursor.name(BLOCK_NAMES)) {
      case 'type':
        type = cursor.text('tool_use')
        break
      case 'text':
      case 'thinking':
        return cursor.isText ? { toolUse: undefined, at: cursor.at } : undefined
      case 'id':
        id = cursor.text()
        if (id === undefined) return undefined
        break
      case 'name':
        tool = cursor.text()
        if (tool === undefined) return undefined
        break
      case 'input':
        if (type !== 'tool_use' || id === undefined || tool === undefined || STARTS_SUBAGENT.has(tool)) return undefined
        return { toolUse: { tool_use_id: id, tool_name: tool }, at: cursor.at }
      default:
        return undefined
    }
  }
  return undefined
}

/** Reads the rest of a message behind its content. */
function readBehind(cursor: LineCursor): Told | undefined {
  const told: Told = {
    stopReason: undefined,
    inputTokens: undefined,
    outputTokens: undefined,
    cacheReadTokens: undefined,
    cacheCreationTokens: undefined,
    reasoningTokens: undefined,
  }
  while (cursor.next()) {
    switch (cursor.name(MESSAGE_NAMES)) {
      case undefined:
        if (!cursor.skip()) return undefined
        break
      case 'stop_reason':
        told.stopReason = cursor.text()
        if (told.stopReason === undefined && !(cursor.isNull && cursor.skip())) return undefined
        break
      case 'usage':
        if (!cursor.isObject || !readUsage(cursor, told)) return undefined
        break
      // Such fields stand before the content.
      default:
        return undefined
    }
  }
  return cursor.leave() ? told : undefined
}

function readUsage(cursor: LineCursor, told: Told): boolean {
  cursor.enter()
  while (cursor.next()) {
    const name = cursor.name(USAGE_NAMES)
    if (name === undefined) {
      if (!cursor.skip()) return false
      continue
    }
    if (name === 'output_tokens_details') {
      if (!readDetails(cursor, told)) return false
      continue
    }
    const count = cursor.count()
    if (count === undefined) return false
    if (name === 'input_tokens') told.inputTokens = count
    else if (name === 'output_tokens') told.outputTokens = count
    else if (name === 'cache_read_input_tokens') told.cacheReadTokens = count
    else told.cacheCreationTokens = count
  }
  return cursor.leave()
}

function readDetails(cursor: LineCursor, told: Told): boolean {
  if (!cursor.isObject) return false
  cursor.enter()
  while (cursor.next()) {
    if (cursor.name(DETAIL_NAMES) === undefined) {
      if (!cursor.skip()) return false
      continue
    }
    told.reasoningTokens = cursor.count()
    if (told.reasoningTokens === undefined) return false
  }
  return cursor.leave()
}
