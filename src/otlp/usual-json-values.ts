import type { Attributes, AttributeValue } from '#src/model/telemetry.ts'
import type { AttributeHead } from './attribute-heads.ts'
import { NO_ATTRIBUTES, setAttribute, type Table } from './attribute-table.ts'
import { BytePattern } from './byte-pattern.ts'
import { optionalBytes } from './json-fields.ts'
import { JsonNames } from './json-names.ts'
import { readDouble, readInt64 } from './json-numbers.ts'
import { END, type JsonReader } from './json-reader.ts'
import { once, unusual } from './json-unusual.ts'
import { MAX_DEPTH } from './value-limits.ts'

const KEY_VALUE = new JsonNames(['key', 'value'])
const VALUES = new JsonNames(['values'])
const ANY_VALUE = new JsonNames([
  'stringValue',
  'intValue',
  'boolValue',
  'doubleValue',
  'arrayValue',
  'kvlistValue',
  'bytesValue',
])

const USUAL_KEY = new BytePattern(Buffer.from('{"key":'))
const USUAL_VALUE = new BytePattern(Buffer.from(',"value":{'))

/** The list of attributes that comes next. */
export function readAttributes(reader: JsonReader): Attributes {
  if (!reader.openList()) return NO_ATTRIBUTES
  const table: Table = {}
  do readAttribute(reader, table, 1)
  while (reader.item())
  return table
}

/** The value that comes next; `null` when it is empty. */
export function readValue(reader: JsonReader, depth = 1): AttributeValue {
  let value: AttributeValue | undefined
  for (let field = reader.open(ANY_VALUE); field !== END; field = reader.field(ANY_VALUE, field)) {
    if (value !== undefined) throw unusual()
    if (!reader.isNull()) value = readValueOf(reader, field, depth)
  }
  return value ?? null
}

function readValueOf(reader: JsonReader, field: number, depth: number): AttributeValue {
  switch (field) {
    case 0:
      return reader.text()
    case 1:
      return readInt64(reader)
    case 2:
      return reader.flag()
    case 3:
      return readDouble(reader)
    case 4:
      return readList(reader, depth)
    case 5:
      return readMap(reader, depth)
    default:
      return optionalBytes({ value: reader.text() }, 'value') ?? null
  }
}

function readAttribute(reader: JsonReader, table: Table, depth: number): void {
  if (readUsualAttribute(reader, table, depth)) return
  let key = ''
  let value: AttributeValue = null
  let seen = 0
  for (let field = reader.open(KEY_VALUE); field !== END; field = reader.field(KEY_VALUE, field)) {
    seen = once(seen, field)
    if (reader.isNull()) continue
    if (field === 0) key = reader.key()
    else value = readValue(reader, depth)
  }
  setAttribute(table, key, value)
}

/** @returns false, and is where it was, when the attribute is not written as nearly all senders write it */
function readUsualAttribute(reader: JsonReader, table: Table, depth: number): boolean {
  const start = reader.position
  const head = reader.head() ?? readHead(reader)
  if (head !== undefined && !reader.isNull()) {
    const value = head.field === 0 ? reader.textLike(head) : readValueOf(reader, head.field, depth)
    if (reader.closes() && reader.closes()) {
      setAttribute(table, head.key, value)
      return true
    }
  }
  reader.position = start
  return false
}

function readHead(reader: JsonReader): AttributeHead | undefined {
  const start = reader.position
  if (!reader.takes(USUAL_KEY)) return undefined
  const key = reader.key()
  if (!reader.takes(USUAL_VALUE)) return undefined
  const field = reader.name(ANY_VALUE)
  return field === END ? undefined : reader.learnHead(key, field, start)
}

function readList(reader: JsonReader, depth: number): readonly AttributeValue[] {
  const values: AttributeValue[] = []
  eachValue(reader, depth, () => values.push(readValue(reader, depth + 1)))
  return values
}

function readMap(reader: JsonReader, depth: number): Table {
  const table: Table = {}
  eachValue(reader, depth, () => readAttribute(reader, table, depth + 1))
  return table
}

function eachValue(reader: JsonReader, depth: number, read: () => void): void {
  if (depth >= MAX_DEPTH) throw unusual()
  let seen = 0
  for (let field = reader.open(VALUES); field !== END; field = reader.field(VALUES, field)) {
    seen = once(seen, field)
    if (reader.isNull()) continue
    for (let more = reader.openList(); more; more = reader.item()) {
      reader.countNested()
      read()
    }
  }
}
