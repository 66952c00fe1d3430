import type { Resource, Scope, Span, SpanStatus } from '#src/model/telemetry.ts'
import { NO_ATTRIBUTES, type Table } from './attribute-table.ts'
import type { ValueReader } from './protobuf-values.ts'
import { spanOf } from './span-record.ts'

const SPAN = {
  traceId: 0x0a,
  spanId: 0x12,
  parentSpanId: 0x22,
  name: 0x2a,
  start: 0x39,
  end: 0x41,
  attributes: 0x4a,
  status: 0x7a,
  fields: 0b1000_0011_1011_0110,
} as const

const STATUS = { code: 0x18, fields: 0b1000 } as const

/** Reads the span under the last tag. */
export function readSpan(reader: ValueReader, resource: Resource, scope: Scope): Span {
  const { wire } = reader
  const outer = wire.enter()
  let traceId = ''
  let spanId = ''
  let parentSpanId = ''
  let name = ''
  let startMs = 0
  let endMs = 0
  let status: SpanStatus = 'unset'
  let table: Table | undefined
  while (wire.more()) {
    const tag = wire.tag()
    switch (tag) {
      case SPAN.attributes:
        table = reader.attribute(table)
        break
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
      case SPAN.start:
        startMs = wire.timeMs()
        break
      case SPAN.end:
        endMs = wire.timeMs()
        break
      case SPAN.status:
        status = readStatus(reader)
        break
      default:
        wire.skip(tag, SPAN.fields)
    }
  }
  wire.leave(outer)
  const attributes = table ?? NO_ATTRIBUTES
  return spanOf({ traceId, spanId, parentSpanId, name, startMs, endMs, status, attributes, resource, scope })
}

function readStatus({ wire }: ValueReader): SpanStatus {
  const outer = wire.enter()
  let code = 0
  while (wire.more()) {
    const tag = wire.tag()
    if (tag === STATUS.code) code = wire.number()
    else wire.skip(tag, STATUS.fields)
  }
  wire.leave(outer)
  if (code === 1) return 'ok'
  return code === 2 ? 'error' : 'unset'
}
