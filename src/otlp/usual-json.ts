import type { Resource, Scope, Telemetry } from '#src/model/telemetry.ts'
import { NO_ATTRIBUTES } from './attribute-table.ts'
import { MAX_ITEMS, NO_RESOURCE, NO_SCOPE } from './decode-json.ts'
import { DecodeFailure } from './json-fields.ts'
import { JsonNames } from './json-names.ts'
import { END, JsonReader } from './json-reader.ts'
import { once, unusual } from './json-unusual.ts'
import type { SharedTexts } from './shared-texts.ts'
import { readLogRecord } from './usual-json-logs.ts'
import { readSpan } from './usual-json-spans.ts'
import { readAttributes } from './usual-json-values.ts'

const REQUEST = { resourceSpans: 0, resourceLogs: 1, resourceMetrics: 2 } as const
const REQUEST_NAMES = new JsonNames(Object.keys(REQUEST))

const RESOURCE_NAMES = new JsonNames(['attributes'])

const SCOPE = { name: 0, version: 1 } as const
const SCOPE_NAMES = new JsonNames(Object.keys(SCOPE))

/** Where it comes from is the first field of a part, what it has the second one. */
const ORIGIN = 0

interface Layout {
  readonly part: JsonNames
  readonly scoped: JsonNames
  readonly read: (reader: JsonReader, resource: Resource, scope: Scope) => Telemetry
}

const TRACES: Layout = {
  part: new JsonNames(['resource', 'scopeSpans']),
  scoped: new JsonNames(['scope', 'spans']),
  read: readSpan,
}

const LOGS: Layout = {
  part: new JsonNames(['resource', 'scopeLogs']),
  scoped: new JsonNames(['scope', 'logRecords']),
  read: readLogRecord,
}

/**
 * Decodes the body of an OTLP/JSON request of spans or log records in one pass, straight into telemetry.
 *
 * @returns `undefined` when it is wrong, or written in a way that is not looked after here: metrics, a name twice in an
 *   object, names with escapes, two values in one
 */
export function readUsualJson(body: Buffer, texts: SharedTexts): readonly Telemetry[] | undefined {
  const items: Telemetry[] = []
  try {
    readRequest(new JsonReader(body, texts), items)
  } catch (error) {
    if (error instanceof DecodeFailure || error instanceof SyntaxError) return undefined
    throw error
  }
  return items
}

function readRequest(reader: JsonReader, items: Telemetry[]): void {
  let seen = 0
  for (let field = reader.open(REQUEST_NAMES); field !== END; field = reader.field(REQUEST_NAMES, field)) {
    seen = once(seen, field)
    if (field === REQUEST.resourceMetrics) throw unusual()
    if (reader.isNull()) continue
    const layout = field === REQUEST.resourceSpans ? TRACES : LOGS
    for (let more = reader.openList(); more; more = reader.item()) readPart(reader, layout, items)
  }
  reader.end()
}

function readPart(reader: JsonReader, { part, scoped, read }: Layout, items: Telemetry[]): void {
  eachOf(reader, part, readResource, NO_RESOURCE, (resource) =>
    eachOf(reader, scoped, readScope, NO_SCOPE, (scope) => {
      if (items.push(read(reader, resource, scope)) > MAX_ITEMS) throw unusual()
    }),
  )
}

/** Visits what a part has, with where it comes from, which may stand behind it. */
function eachOf<T>(
  reader: JsonReader,
  names: JsonNames,
  readOrigin: (reader: JsonReader) => T,
  absent: T,
  visit: (origin: T) => void,
): void {
  let origin: T | undefined
  let listAt: number | undefined
  let seen = 0
  for (let field = reader.open(names); field !== END; field = reader.field(names, field)) {
    seen = once(seen, field)
    if (reader.isNull()) continue
    if (field === ORIGIN) origin = readOrigin(reader)
    else if (origin !== undefined) eachItem(reader, origin, visit)
    else {
      listAt = reader.position
      reader.skip()
    }
  }
  if (listAt === undefined) return
  const end = reader.position
  reader.position = listAt
  eachItem(reader, origin ?? absent, visit)
  reader.position = end
}

function eachItem<T>(reader: JsonReader, origin: T, visit: (origin: T) => void): void {
  for (let more = reader.openList(); more; more = reader.item()) visit(origin)
}

function readResource(reader: JsonReader): Resource {
  let attributes = NO_ATTRIBUTES
  let seen = 0
  for (let field = reader.open(RESOURCE_NAMES); field !== END; field = reader.field(RESOURCE_NAMES, field)) {
    seen = once(seen, field)
    if (!reader.isNull()) attributes = readAttributes(reader)
  }
  return { attributes }
}

function readScope(reader: JsonReader): Scope {
  let name = ''
  let version = ''
  let seen = 0
  for (let field = reader.open(SCOPE_NAMES); field !== END; field = reader.field(SCOPE_NAMES, field)) {
    seen = once(seen, field)
    if (reader.isNull()) continue
    if (field === SCOPE.name) name = reader.text()
    else version = reader.text()
  }
  return version === '' ? { name } : { name, version }
}
