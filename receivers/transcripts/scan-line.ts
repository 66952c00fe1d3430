import type { ClaudeFile } from './claude-line.ts'
import { FieldNames, LineCursor } from './line-cursor.ts'
import { clearFields, noFields, readFields, type ScannedLine, type SeenTexts } from './line-fields.ts'
import { scanMessage } from './scan-message.ts'
import { scanResult } from './scan-result.ts'
import type { TranscriptLine } from './transcript-line.ts'

/** Kinds of lines that are known by their type, which comes first. */
const UNUSED_TYPE =
  /^\{"type":"(?:file-history-snapshot|queue-operation|last-prompt|tools-used|api-request|api-request-shape|api-request-blob|atis-latch)"/
const UNUSED_TYPE_BYTES = 64
const TYPE_FIRST = Buffer.from('{"type":"')
const PARENT_FIRST = Buffer.from('{"parentUuid":')

const MESSAGE_NAMES = new FieldNames(['id', 'role', 'model', 'content'])
const OBJECT_END = 0x7d

const IGNORED: TranscriptLine = { kind: 'ignored' }

/**
 * Reads lines of Claude Code without parsing them: most of their bytes are what was said, outputs of tools and notes of the
 * client, of which nothing is needed but a few fields around them. A line that is not exactly as expected is left to the parser.
 *
 * What makes this safe: inside of a JSON string every quote has a backslash before it. A name with both its quotes, before a
 * colon, is therefore always a key, whatever was written or read in the session. And what ends where its line ends was
 * understood as deeply nested as it is.
 */
export class LineScanner {
  readonly #file: ClaudeFile
  readonly #cursor = new LineCursor()
  readonly #fields = noFields()
  readonly #seen: SeenTexts = {}
  #messageId: string | undefined
  #model: string | undefined

  constructor(file: ClaudeFile) {
    this.#file = file
  }

  /** @returns `undefined` when the line has to be parsed */
  scan(bytes: Buffer, start: number, end: number, nowMs: number): TranscriptLine | undefined {
    // A line that is cut off is no line, however well it begins.
    if (bytes[end - 1] !== OBJECT_END) return undefined
    if (!startsWith(bytes, start, PARENT_FIRST)) {
      const isUnused =
        startsWith(bytes, start, TYPE_FIRST) &&
        UNUSED_TYPE.test(bytes.latin1Slice(start, Math.min(end, start + UNUSED_TYPE_BYTES)))
      return isUnused ? IGNORED : undefined
    }
    const cursor = this.#cursor
    cursor.open(bytes, start, end)
    const fields = this.#fields
    clearFields(fields)
    switch (readFields(cursor, fields, this.#seen)) {
      case 'attachment':
      case 'snapshot':
        return cursor.isObject && fields.type === undefined ? IGNORED : undefined
      case 'message':
        return this.#scanMessage({ bytes, end, cursor, fields, seen: this.#seen }, nowMs)
      default:
        return undefined
    }
  }

  #scanMessage(line: ScannedLine, nowMs: number): TranscriptLine | undefined {
    const { cursor, fields } = line
    if (!cursor.isObject) return undefined
    cursor.enter()
    let role: string | undefined
    let id: string | undefined
    let model: string | undefined
    while (cursor.next()) {
      switch (cursor.name(MESSAGE_NAMES)) {
        case undefined:
          if (!cursor.skip()) return undefined
          break
        case 'id':
          id = cursor.text(this.#messageId)
          if (id === undefined) return undefined
          this.#messageId = id
          break
        case 'model':
          model = cursor.text(this.#model)
          if (model === undefined) return undefined
          this.#model = model
          break
        case 'role':
          role = cursor.text('assistant')
          if (role === undefined) return undefined
          break
        default:
          if (!cursor.isList) return undefined
          if (role === 'assistant') return scanMessage(line, { id, model }, this.#file, nowMs)
          return role === 'user' && fields.type === 'user' ? scanResult(line, this.#file.agentType, nowMs) : undefined
      }
    }
    return undefined
  }
}

function startsWith(bytes: Buffer, start: number, expected: Buffer): boolean {
  for (let n = 0; n < expected.length; n++) if (bytes[start + n] !== expected[n]) return false
  return true
}
