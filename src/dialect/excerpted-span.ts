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
  /** Gives all attributes. */
  readonly readAttributes: (line: string) => Attributes
  readonly line: string
  readonly resource: Resource
  readonly scope: Scope
}

/**
 * A span of which only those attributes were read that the dialect of hook spans looks at; all of them are read when
 * somebody asks: most lines have more that no session needs than ones that it does.
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
  readonly #excerpt: Attributes
  readonly #line: string
  readonly #readAttributes: (line: string) => Attributes
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
    this.#excerpt = span.excerpt
    this.#line = span.line
    this.#readAttributes = span.readAttributes
  }

  get attributes(): Attributes {
    this.#attributes ??= this.#readAttributes(this.#line)
    return this.#attributes
  }

  /**
   * Of any span, attributes in which those are right that the dialect of hook spans looks at.
   *
   * @param names of those
   */
  static attributesOf(span: Span, names: ReadonlySet<string>): Attributes {
    return #excerpt in span ? span.#excerpt : excerptOf(span, names)
  }
}
