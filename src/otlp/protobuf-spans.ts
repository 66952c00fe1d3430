import type { Attributes, Resource, Scope, Span, SpanStatus } from '#src/model/telemetry.ts'
import { EncodedItem } from './encoded-item.ts'
import type { ValueReader } from './protobuf-values.ts'

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

interface Parts extends Pick<Span, 'name' | 'startMs' | 'endMs' | 'status' | 'resource' | 'scope'> {
  /** '' when it is absent. */
  readonly parentSpanId: string
}

/** A span whose ids and attributes are read when somebody asks for them. */
class EncodedSpan implements Span {
  readonly kind = 'span'
  declare readonly parentSpanId?: string
  readonly name: string
  readonly startMs: number
  readonly endMs: number
  readonly status: SpanStatus
  readonly resource: Resource
  readonly scope: Scope
  readonly #encoded: EncodedItem

  constructor({ parentSpanId, name, startMs, endMs, status, resource, scope }: Parts, encoded: EncodedItem) {
    if (parentSpanId !== '') this.parentSpanId = parentSpanId
    this.name = name
    this.startMs = startMs
    this.endMs = endMs === 0 ? startMs : endMs
    this.status = status
    this.resource = resource
    this.scope = scope
    this.#encoded = encoded
  }

  get traceId(): string {
    return this.#encoded.traceId()
  }

  get spanId(): string {
    return this.#encoded.spanId()
  }

  get attributes(): Attributes {
    return this.#encoded.attributes()
  }

  excerpt(names: ReadonlySet<string>): Attributes {
    return this.#encoded.excerpt(names)
  }
}

/** Reads the span under the last tag. */
export function readSpan(reader: ValueReader, resource: Resource, scope: Scope): Span {
  const { wire } = reader
  const outer = wire.enter()
  let traceIdAt = -1
  let spanIdAt = -1
  let parentSpanId = ''
  let name = ''
  let startMs = 0
  let endMs = 0
  let status: SpanStatus = 'unset'
  let attributesAt = -1
  let attributesEnd = -1
  while (wire.more()) {
    const fieldAt = wire.position
    const tag = wire.tag()
    switch (tag) {
      case SPAN.attributes:
        if (attributesAt < 0) attributesAt = fieldAt
        reader.passAttributes(SPAN.attributes)
        attributesEnd = wire.position
        break
      case SPAN.traceId:
        traceIdAt = reader.passTraceId()
        break
      case SPAN.spanId:
        spanIdAt = reader.passSpanId()
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
  const places = { tag: SPAN.attributes, attributesAt, attributesEnd, traceIdAt, spanIdAt }
  wire.leave(outer)
  return new EncodedSpan(
    { parentSpanId, name, startMs, endMs, status, resource, scope },
    new EncodedItem(reader, places),
  )
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
