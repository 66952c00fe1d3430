import { type TranscriptLine, timeOf } from './transcript-line.ts'

/**
 * Most of a transcript's bytes are outputs of tools and notes of the client, of which nothing is needed but a few fields at
 * the edges. They are found here without parsing the line; a line that is not exactly as expected is left to the parser.
 *
 * What makes this safe: inside of a JSON string every quote has a backslash before it. A name with both its quotes, before a
 * colon, is therefore always a key, whatever was written or read in the session.
 */

const HEAD_BYTES = 768
const TAIL_BYTES = 1536
/** Kinds of lines that are all notes; they are known by their first object. */
const NOTES: ReadonlySet<string> = new Set(['attachment', 'snapshot'])
/** Kinds of lines that are known by their type, which comes first. */
const UNUSED_TYPE =
  /^\{"type":"(?:file-history-snapshot|queue-operation|last-prompt|tools-used|api-request|api-request-shape|api-request-blob|atis-latch)"/
/** First keys of what tools give back, of which nothing is needed. */
const PLAIN_RESULT =
  /^,"toolUseResult":(?:\{"(?:stdout|filePath|file|mode|filenames|interrupted)"|\{"type":"(?:text|create|update|image)"|"(?!User rejected tool use")|\[)/

const FIELD = /"(\w+)":(?:"([^"\\]*)"|(true|false|null|-?\d+(?:\.\d+)?)),/y
const RESULT_START =
  /"message":\{"role":"user","content":\[\{(?:"tool_use_id":"([ !#-[\]-~]+)","type":"tool_result"|"type":"tool_result"(?:,"tool_use_id":"([ !#-[\]-~]+)")?),"content":(?:"|\[)/y
const RESULT_END = /["\]](?:,"is_error":(true|false))?(?:,"tool_use_id":"([ !#-[\]-~]+)")?\}$/
const AFTER_RESULT = /^,"uuid":"([ !#-[\]-~]+)","timestamp":"([ !#-[\]-~]+)"/
const AFTER_MESSAGE = Buffer.from(']},"uuid":"')
const TOOL_USE_ID = Buffer.from('"tool_use_id":"')
/** Other characters take several bytes, and are left to the parser. */
const ASCII = /^[ !#-[\]-~]*$/

const IGNORED: TranscriptLine = { kind: 'ignored' }

/** What the fields at the start of a line say, up to the first one that is no single value. */
interface Head {
  type: string | undefined
  sessionId: string | undefined
  version: string | undefined
  agentId: string | undefined
  isSidechain: string | undefined
}

/** @returns `undefined` when the line has to be parsed */
export function scanLine(
  bytes: Buffer,
  start: number,
  end: number,
  agentType: string | undefined,
  nowMs: number,
): TranscriptLine | undefined {
  const headText = bytes.latin1Slice(start, Math.min(end, start + HEAD_BYTES))
  if (UNUSED_TYPE.test(headText)) return isClosed(bytes, end) ? IGNORED : undefined
  if (!headText.startsWith('{"parentUuid":')) return undefined
  const head: Head = {
    type: undefined,
    sessionId: undefined,
    version: undefined,
    agentId: undefined,
    isSidechain: undefined,
  }
  const at = readFields(headText, head)
  const next = /^"(\w+)":\{/.exec(headText.slice(at, at + 32))?.[1]
  if (next !== undefined && NOTES.has(next) && head.type === undefined)
    return isClosed(bytes, end) ? IGNORED : undefined
  if (next !== 'message' || head.type !== 'user') return undefined
  return scanResult({ line: bytes.subarray(start, end), headText, head, at }, agentType, nowMs)
}

// A line that is cut off is no line, however well it begins.
function isClosed(bytes: Buffer, end: number): boolean {
  return bytes[end - 1] === 0x7d
}

function readFields(text: string, head: Head): number {
  let at = 1
  for (;;) {
    FIELD.lastIndex = at
    const field = FIELD.exec(text)
    if (field === null) return at
    const name = field[1] ?? ''
    if (isNeeded(name)) head[name] = field[2] ?? field[3]
    at = FIELD.lastIndex
  }
}

function isNeeded(name: string): name is keyof Head {
  switch (name) {
    case 'type':
    case 'sessionId':
    case 'version':
    case 'agentId':
    case 'isSidechain':
      return true
    default:
      return false
  }
}

/** One line: what it begins with, and where the first field is that is no single value. */
interface Opened {
  readonly line: Buffer
  readonly headText: string
  readonly head: Head
  readonly at: number
}

function scanResult(opened: Opened, agentType: string | undefined, nowMs: number): TranscriptLine | undefined {
  const { line, head } = opened
  const result = findResult(opened)
  if (result === undefined || !isClosed(line, line.length)) return undefined
  const after = line.latin1Slice(result.end + 2, Math.min(line.length, result.end + 200))
  const named = AFTER_RESULT.exec(after)
  if (named === null) return undefined
  const rest = after.slice(named[0].length)
  if (rest.startsWith(',"toolUseResult":') && !PLAIN_RESULT.test(rest)) return undefined
  const tail = line.latin1Slice(Math.max(result.end, line.length - TAIL_BYTES), line.length)
  const owner = ownerOf(head, tail)
  if (owner === undefined || tail.includes('"forkedFrom":') || tail.includes('"decision":"reject"')) return undefined
  const timeMs = timeOf(named[2], nowMs)
  if (typeof timeMs === 'string') return { kind: 'fault', reason: timeMs }
  return {
    kind: 'event',
    event: 'claude_transcript.tool_result',
    timeMs,
    attributes: {
      'session.id': owner.sessionId,
      'record.id': named[1],
      agent_id: owner.agentId,
      tool_results: [{ tool_use_id: result.toolUseId, is_error: result.isError }],
    },
    version: owner.version,
    agentType: head.isSidechain === 'true' ? undefined : agentType,
    key: named[1],
    keyTimeMs: timeMs,
  }
}

interface FoundResult {
  readonly toolUseId: string
  readonly isError: boolean
  /** Where the list ends that it stands in. */
  readonly end: number
}

/** The only result of a message; its id stands before or behind what the tool gave back. */
function findResult({ line, headText, at }: Opened): FoundResult | undefined {
  RESULT_START.lastIndex = at
  const opening = RESULT_START.exec(headText)
  if (opening === null) return undefined
  const contentAt = RESULT_START.lastIndex
  const end = line.indexOf(AFTER_MESSAGE, contentAt)
  if (end === -1) return undefined
  const closing = RESULT_END.exec(line.latin1Slice(Math.max(contentAt - 1, end - 200), end))
  if (closing === null) return undefined
  const [, isError, idBehind] = closing
  const toolUseId = opening[1] ?? opening[2] ?? idBehind
  const idAt = line.indexOf(TOOL_USE_ID, contentAt)
  const expectedAt = idBehind === undefined ? -1 : end - idBehind.length - TOOL_USE_ID.length - 2
  const isOnly = idAt === -1 || idAt > end || idAt === expectedAt
  if (toolUseId === undefined || !isOnly) return undefined
  return { toolUseId: detached(toolUseId), isError: isError === 'true', end }
}

interface Owner {
  readonly sessionId: string
  readonly version: string
  readonly agentId: string | undefined
}

/** Whose line it is: old clients write that first, newer ones last. */
function ownerOf(head: Head, tail: string): Owner | undefined {
  const sessionId = head.sessionId ?? (tail.includes('"userType":"') ? lastField(tail, '"sessionId":"') : undefined)
  const version = head.version ?? lastField(tail, '"version":"')
  const { agentId } = head
  if (sessionId === undefined || version === undefined) return undefined
  const isPlain = ASCII.test(sessionId) && ASCII.test(version) && ASCII.test(agentId ?? '')
  return isPlain ? { sessionId, version, agentId } : undefined
}

function lastField(text: string, name: string): string | undefined {
  const at = text.lastIndexOf(name)
  return at === -1 ? undefined : text.slice(at + name.length, text.indexOf('"', at + name.length))
}

/** A copy: V8 would keep the whole text in memory that a part was cut from, as long as a session keeps the part. */
function detached(part: string): string {
  return Buffer.from(part, 'latin1').latin1Slice(0, part.length)
}
