import type { Resource, Scope, Telemetry } from '#src/model/telemetry.ts'
import { NO_ATTRIBUTES } from './attribute-table.ts'
import { type DecodedRequest, NO_RESOURCE, NO_SCOPE } from './decode-json.ts'
import { addItem } from './item-limit.ts'
import { DecodeFailure } from './json-fields.ts'
import { JsonNames } from './json-names.ts'
import { END, JsonReader } from './json-reader.ts'
import { once } from './json-unusual.ts'
import type { SharedTexts } from './shared-texts.ts'
import { readLogRecord } from './usual-json-logs.ts'
import { readMetric } from './usual-json-metrics.ts'
import { readSpan } from './usual-json-spans.ts'
import { readAttributes } from './usual-json-values.ts'

const REQUEST_NAMES = new JsonNames(['resourceSpans', 'resourceLogs', 'resourceMetrics'])

const RESOURCE_NAMES = new JsonNames(['attributes'])

const SCOPE = { name: 0, version: 1 } as const
const SCOPE_NAMES = new JsonNames(Object.keys(SCOPE))

/** Where it comes from is the first field of a part, what it has the second one. */
const ORIGIN = 0

interface Layout {
  readonly part: JsonNames
  readonly scoped: JsonNames
  /** Adds the item that comes next. @returns how many points were skipped because they have no value */
  readonly read: (reader: JsonReader, resource: Resource, scope: Scope, items: Telemetry[]) => number
}

const TRACES: Layout = {
  part: new JsonNames(['resource', 'scopeSpans']),
  scoped: new JsonNames(['scope', 'spans']),
  read: (reader, resource, scope, items) => addItem(items, readSpan(reader, resource, scope)),
}

const LOGS: Layout = {
  part: new JsonNames(['resource', 'scopeLogs']),
  scoped: new JsonNames(['scope', 'logRecords']),
  read: (reader, resource, scope, items) => addItem(items, readLogRecord(reader, resource, scope)),
}

const METRICS: Layout = {
  part: new JsonNames(['resource', 'scopeMetrics']),
  scoped: new JsonNames(['scope', 'metrics']),
  read: readMetric,
}

/** By the fields of a request. */
const LAYOUTS = [TRACES, LOGS, METRICS] as const

/**
 * Decodes the body of an OTLP/JSON request in one pass, straight into telemetry.
 *
 * @returns `undefined` when it is wrong, or written in a way that is not looked after here: a name twice in an object,
 *   names with escapes, two values in one
 */
export function readUsualJson(body: Buffer, texts: SharedTexts): Extract<DecodedRequest, { ok: true }> | undefined {
  const items: Telemetry[] = []
  try {
    const skipped = readRequest(new JsonReader(body, texts), items)
    return { ok: true, items, skipped }
  } catch (error) {
    if (error instanceof DecodeFailure || error instanceof SyntaxError) return undefined
    throw error
  }
}

/** @returns how many points were skipped because they have no value */
function readRequest(reader: JsonReader, items: Telemetry[]): number {
  let skipped = 0
  let seen = 0
  for (let field = reader.open(REQUEST_NAMES); field !== END; field = reader.field(REQUEST_NAMES, field)) {
    seen = once(seen, field)
    if (reader.isNull()) continue
    const layout = LAYOUTS[field] ?? TRACES
    for (let more = reader.openList(); more; more = reader.item()) skipped += readPart(reader, layout, items)
  }
  reader.end()
  return skipped
}

function readPart(reader: JsonReader, { part, scoped, read }: Layout, items: Telemetry[]): number {
  let skipped = 0
  eachOf(reader, part, readResource, NO_RESOURCE, (resource) =>
    eachOf(reader, scoped, readScope, NO_SCOPE, (scope) => {
      skipped += read(reader, resource, scope, items)
    }),
  )
  return skipped
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
