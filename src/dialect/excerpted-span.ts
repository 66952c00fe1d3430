import type { Attributes, Resource, Scope, Span, SpanStatus } from '../model/telemetry.ts'
import { excerptOf } from './dialect.ts'

/** What was read of a hook span's line. */
export interface SpanExcerpt {
  readonly traceId: string
  readonly spanId: string
  readonly name: string
  readonly startMs: number
  readonly endMs: number
  readonly status: SpanStatus
  /** The attributes that the dialect of hook spans looks at, as `attributes` has them. */
  readonly excerpt: Attributes
  /** Gives all attributes, from the line's bytes. */
  readonly readAttributes: (bytes: Buffer, start: number, end: number) => Attributes
  /** Where the line stands until the span was handed on: from `start` up to, not including, `end`. */
  readonly bytes: Buffer
  readonly start: number
  readonly end: number
  readonly resource: Resource
  readonly scope: Scope
}

/**
 * A span of which only those attributes were read that the dialect of hook spans looks at; all of them are read when
 * somebody asks, before it was handed on: most lines have more that no session needs than ones that it does.
 *
 * A copy by spread has no `attributes` unless it is given new ones: nothing of the excerpt outlives that.
 */
export class ExcerptedSpan implements Span {
  readonly kind = 'span'
  readonly traceId: string
  readonly spanId: string
  readonly name: string
  readonly startMs: number
  readonly endMs: number
  readonly status: SpanStatus
  readonly resource: Resource
  readonly scope: Scope
  readonly #source: SpanExcerpt
  #attributes: Attributes | undefined

  constructor(span: SpanExcerpt) {
    this.traceId = span.traceId
    this.spanId = span.spanId
    this.name = span.name
    this.startMs = span.startMs
    this.endMs = span.endMs
    this.status = span.status
    this.resource = span.resource
    this.scope = span.scope
    this.#source = span
  }

  get attributes(): Attributes {
    const { readAttributes, bytes, start, end } = this.#source
    this.#attributes ??= readAttributes(bytes, start, end)
    return this.#attributes
  }

  /**
   * Of any span, attributes in which those are right that the dialect of hook spans looks at.
   *
   * @param names of those
   */
  static attributesOf(span: Span, names: ReadonlySet<string>): Attributes {
    return #source in span ? span.#source.excerpt : excerptOf(span, names)
  }
}
