import { FieldNames, type LineCursor } from './line-cursor.ts'
import { readFields, type ScannedLine } from './line-fields.ts'
import { Needle } from './needle.ts'
import { type TranscriptLine, timeOf } from './transcript-line.ts'

const TAIL_BYTES = 1536
/** First keys of what tools give back, of which nothing is needed. */
const PLAIN_RESULT =
  /^(?:\{"(?:stdout|filePath|file|mode|filenames|interrupted)"|\{"type":"(?:text|create|update|image)"|"(?!User rejected tool use")|\[)/

const RESULT_NAMES = new FieldNames(['tool_use_id', 'type', 'content'])
const RESULT_END = /["\]](?:,"is_error":(true|false))?(?:,"tool_use_id":"([ !#-[\]-~]+)")?\}$/
const AFTER_MESSAGE = Buffer.from(']},"uuid":"')
const TOOL_USE_ID = new Needle('"tool_use_id":"', '_')
const FORKED_FROM = new Needle('"forkedFrom":', 'k')
const REJECTED = new Needle('"decision":"reject"', 'j')
/** Where the fields begin that say whose line it is: new clients write them last. */
const OWNER = Buffer.from(',"userType":"')

/** The line of what one tool gave back, whose content the cursor stands before. @returns `undefined` when it has to be parsed */
export function scanResult(
  line: ScannedLine,
  agentType: string | undefined,
  nowMs: number,
): TranscriptLine | undefined {
  const { bytes, end, cursor, fields, seen } = line
  const result = findResult(line)
  if (result === undefined) return undefined
  cursor.resume(result.end + 2)
  const stop = readFields(cursor, fields, seen)
  const tailStart = Math.max(result.end, end - TAIL_BYTES)
  if (stop === 'toolUseResult') {
    if (!PLAIN_RESULT.test(bytes.latin1Slice(cursor.at, Math.min(end, cursor.at + 40)))) return undefined
    if (fields.sessionId === undefined && !readOwner(line, tailStart)) return undefined
  } else if (stop !== 'end' || !cursor.leave() || cursor.at !== end) return undefined
  const { uuid, sessionId, version, isSidechain } = fields
  if (fields.type !== 'user' || uuid === undefined || sessionId === undefined || version === undefined) return undefined
  const tail = bytes.subarray(tailStart, end)
  if (FORKED_FROM.indexIn(tail) !== -1 || REJECTED.indexIn(tail) !== -1) return undefined
  const timeMs = timeOf(fields.timestamp, nowMs)
  if (typeof timeMs === 'string') return { kind: 'fault', reason: timeMs }
  return {
    kind: 'event',
    event: 'claude_transcript.tool_result',
    timeMs,
    attributes: {
      'session.id': sessionId,
      'record.id': uuid,
      agent_id: fields.agentId,
      tool_results: [{ tool_use_id: result.toolUseId, is_error: result.isError }],
    },
    version,
    agentType: isSidechain ? undefined : agentType,
    key: uuid,
    keyTimeMs: timeMs,
  }
}

/** Reads the last fields of a line, which end with it. */
function readOwner({ bytes, end, cursor, fields, seen }: ScannedLine, tailStart: number): boolean {
  const at = bytes.subarray(tailStart, end).lastIndexOf(OWNER)
  if (at === -1) return false
  cursor.resume(tailStart + at)
  return readFields(cursor, fields, seen) === 'end' && cursor.leave() && cursor.at === end
}

interface FoundResult {
  readonly toolUseId: string
  readonly isError: boolean
  /** Where the list ends that it stands in. */
  readonly end: number
}

/** The only result of a message; its id stands before or behind what the tool gave back. */
function findResult({ bytes, end: lineEnd, cursor }: ScannedLine): FoundResult | undefined {
  const start = readStart(bytes, cursor)
  if (start === undefined) return undefined
  const { contentAt } = start
  const rest = bytes.subarray(contentAt, lineEnd)
  const length = rest.indexOf(AFTER_MESSAGE)
  if (length === -1) return undefined
  const closing = RESULT_END.exec(rest.latin1Slice(Math.max(0, length - 200), length))
  if (closing === null) return undefined
  const [, isError, idBehind] = closing
  // With both there are two results.
  if (start.id !== undefined && idBehind !== undefined) return undefined
  const toolUseId = start.id ?? idBehind
  const idAt = TOOL_USE_ID.indexIn(rest.subarray(0, length))
  const isOnly = idAt === (idBehind === undefined ? -1 : length - idBehind.length - TOOL_USE_ID.length - 2)
  if (toolUseId === undefined || !isOnly) return undefined
  return {
    toolUseId: start.id ?? detached(toolUseId),
    isError: isError === 'true',
    end: contentAt + length,
  }
}

function readStart(
  bytes: Buffer,
  cursor: LineCursor,
): { readonly id: string | undefined; readonly contentAt: number } | undefined {
  const start = cursor.at + 1
  if (!cursor.isList || bytes[start] !== OBJECT) return undefined
  cursor.enter(start)
  let id: string | undefined
  let isResult = false
  while (cursor.next()) {
    switch (cursor.name(RESULT_NAMES)) {
      case 'tool_use_id':
        id = cursor.text()
        if (id === undefined) return undefined
        break
      case 'type':
        isResult = cursor.text('tool_result') === 'tool_result'
        if (!isResult) return undefined
        break
      case 'content':
        return isResult && (cursor.isText || cursor.isList) ? { id, contentAt: cursor.at } : undefined
      default:
        return undefined
    }
  }
  return undefined
}

const OBJECT = 0x7b

/** A copy: V8 would keep the whole text in memory that a part was cut from, as long as a session keeps the part. */
function detached(part: string): string {
  return Buffer.from(part, 'latin1').latin1Slice(0, part.length)
}
