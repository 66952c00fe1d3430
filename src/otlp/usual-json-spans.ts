import type { Attributes, Resource, Scope, Span, SpanStatus } from '#src/model/telemetry.ts'
import { NO_ATTRIBUTES } from './attribute-table.ts'
import { STATUSES } from './decode-json.ts'
import { JsonNames } from './json-names.ts'
import { readEnumValue, readTimeMs } from './json-numbers.ts'
import { END, type JsonReader } from './json-reader.ts'
import { once } from './json-unusual.ts'
import { spanOf } from './span-record.ts'
import { readAttributes } from './usual-json-values.ts'

const SPAN = {
  traceId: 0,
  spanId: 1,
  parentSpanId: 2,
  name: 3,
  startTimeUnixNano: 4,
  endTimeUnixNano: 5,
  attributes: 6,
  status: 7,
} as const
const SPAN_NAMES = new JsonNames(Object.keys(SPAN))

const STATUS_NAMES = new JsonNames(['code'])

/** Reads the span that comes next. */
export function readSpan(reader: JsonReader, resource: Resource, scope: Scope): Span {
  let traceId = ''
  let spanId = ''
  let parentSpanId = ''
  let name = ''
  let startMs = 0
  let endMs = 0
  let status: SpanStatus = 'unset'
  let attributes: Attributes = NO_ATTRIBUTES
  let seen = 0
  for (let field = reader.open(SPAN_NAMES); field !== END; field = reader.field(SPAN_NAMES, field)) {
    seen = once(seen, field)
    if (reader.isNull()) continue
    switch (field) {
      case SPAN.traceId:
        traceId = reader.traceId()
        break
      case SPAN.spanId:
        spanId = reader.spanId()
        break
      case SPAN.parentSpanId:
        parentSpanId = reader.spanId()
        break
      case SPAN.name:
        name = reader.text()
        break
      case SPAN.startTimeUnixNano:
        startMs = readTimeMs(reader)
        break
      case SPAN.endTimeUnixNano:
        endMs = readTimeMs(reader)
        break
      case SPAN.attributes:
        attributes = readAttributes(reader)
        break
      case SPAN.status:
        status = readStatus(reader)
    }
  }
  return spanOf({ traceId, spanId, parentSpanId, name, startMs, endMs, status, attributes, resource, scope })
}

function readStatus(reader: JsonReader): SpanStatus {
  let status: SpanStatus = 'unset'
  let seen = 0
  for (let field = reader.open(STATUS_NAMES); field !== END; field = reader.field(STATUS_NAMES, field)) {
    seen = once(seen, field)
    if (!reader.isNull()) status = STATUSES.get(readEnumValue(reader)) ?? 'unset'
  }
  return status
}
