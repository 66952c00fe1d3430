import type { Attributes, Resource, Scope, Span, SpanStatus } from '#src/model/telemetry.ts'
import { EncodedAttributes } from './encoded-attributes.ts'
import type { ValueReader } from './protobuf-values.ts'
import type { SpanParts } from './span-record.ts'

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

/** A span whose attributes are read when somebody asks for them. */
class EncodedSpan implements Span {
  readonly kind = 'span'
  readonly traceId: string
  readonly spanId: string
  declare readonly parentSpanId?: string
  readonly name: string
  readonly startMs: number
  readonly endMs: number
  readonly status: SpanStatus
  readonly resource: Resource
  readonly scope: Scope
  readonly #attributes: EncodedAttributes

  constructor(parts: Omit<SpanParts, 'attributes'>, attributes: EncodedAttributes) {
    const { startMs, endMs, parentSpanId } = parts
    this.traceId = parts.traceId
    this.spanId = parts.spanId
    if (parentSpanId !== '') this.parentSpanId = parentSpanId
    this.name = parts.name
    this.startMs = startMs
    this.endMs = endMs === 0 ? startMs : endMs
    this.status = parts.status
    this.resource = parts.resource
    this.scope = parts.scope
    this.#attributes = attributes
  }

  get attributes(): Attributes {
    return this.#attributes.whole()
  }

  excerpt(names: ReadonlySet<string>): Attributes {
    return this.#attributes.excerpt(names)
  }
}

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
  let attributesAt: number | undefined
  while (wire.more()) {
    const fieldAt = wire.position
    const tag = wire.tag()
    switch (tag) {
      case SPAN.attributes:
        attributesAt ??= fieldAt
        reader.passAttribute()
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
  const attributes = new EncodedAttributes(reader, SPAN.attributes, attributesAt, wire.position)
  wire.leave(outer)
  return new EncodedSpan({ traceId, spanId, parentSpanId, name, startMs, endMs, status, resource, scope }, attributes)
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
