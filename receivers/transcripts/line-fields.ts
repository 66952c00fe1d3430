import { FieldNames, type LineCursor } from './line-cursor.ts'

/** What the fields of a line itself say, as far as they were read. */
export interface LineFields {
  type: string | undefined
  sessionId: string | undefined
  version: string | undefined
  agentId: string | undefined
  attributionAgent: string | undefined
  uuid: string | undefined
  timestamp: string | undefined
  requestId: string | undefined
  isSidechain: boolean
}

const TEXTS = [
  ...(['type', 'sessionId', 'version', 'agentId', 'attributionAgent', 'uuid', 'timestamp', 'requestId'] as const),
]
type TextName = (typeof TEXTS)[number]

/** Fields whose values matter as a whole, or decide what becomes of a line. */
const STOPS = [...(['message', 'attachment', 'snapshot', 'toolUseResult', 'forkedFrom', 'isApiErrorMessage'] as const)]
export type StopName = (typeof STOPS)[number]

const NAMES = new FieldNames([...TEXTS, ...STOPS, 'isSidechain'])

/** What lines of one file mostly have in common: the same text need not be made anew for each of them. */
export type SeenTexts = Partial<Record<TextName, string>>

/** A line that is being read: what was found in it, and where the cursor stands. */
export interface ScannedLine {
  readonly bytes: Buffer
  readonly end: number
  readonly cursor: LineCursor
  readonly fields: LineFields
  readonly seen: SeenTexts
}

export function noFields(): LineFields {
  return {
    type: undefined,
    sessionId: undefined,
    version: undefined,
    agentId: undefined,
    attributionAgent: undefined,
    uuid: undefined,
    timestamp: undefined,
    requestId: undefined,
    isSidechain: false,
  }
}

/** For the next line, in the same place of memory. */
export function clearFields(fields: LineFields): void {
  fields.type = undefined
  fields.sessionId = undefined
  fields.version = undefined
  fields.agentId = undefined
  fields.attributionAgent = undefined
  fields.uuid = undefined
  fields.timestamp = undefined
  fields.requestId = undefined
  fields.isSidechain = false
}

/**
 * Reads the fields of a line up to its end, or to one that is read in another way, before whose value the cursor stands then.
 *
 * @returns `unexpected` where the line has to be parsed
 */
export function readFields(cursor: LineCursor, fields: LineFields, seen: SeenTexts): StopName | 'end' | 'unexpected' {
  while (cursor.next()) {
    const name = cursor.name(NAMES)
    switch (name) {
      case undefined:
        break
      case 'isSidechain':
        if (cursor.boolean === undefined) return 'unexpected'
        fields.isSidechain = cursor.boolean
        break
      case 'message':
      case 'attachment':
      case 'snapshot':
      case 'toolUseResult':
      case 'forkedFrom':
      case 'isApiErrorMessage':
        return name
      default:
        if (!readText(name, cursor, fields, seen)) return 'unexpected'
        continue
    }
    if (!cursor.skip()) return 'unexpected'
  }
  return 'end'
}

function readText(name: TextName, cursor: LineCursor, fields: LineFields, seen: SeenTexts): boolean {
  const text = cursor.text(seen[name])
  if (text === undefined) {
    fields[name] = undefined
    return cursor.isNull && cursor.skip()
  }
  fields[name] = text
  seen[name] = text
  return true
}
