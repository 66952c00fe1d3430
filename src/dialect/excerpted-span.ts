import type { Attributes, Resource, Scope, Span, SpanStatus } from '../model/telemetry.ts'
import { excerptOf } from './dialect.ts'

/** What was read of a hook span's line. */
export interface SpanExcerpt {
  readonly spanId: string
  readonly name: string
  readonly startMs: number
  readonly endMs: number
  readonly status: SpanStatus
  /** The attributes that the dialect of hook spans looks at, as `attributes` has them. */
  readonly excerpt: Attributes
  readonly line: WholeLine
  readonly resource: Resource
  readonly scope: Scope
}

/** Gives what was not read of a line, until the span was handed on. */
export interface WholeLine {
  traceId(): string
  attributes(): Attributes
}

/**
 * A span of which only that was read that the dialect of hook spans looks at. The rest, which is most of it and which few need, is
 * read when somebody asks, until the span's batch was taken.
 *
 * A copy by spread has no `traceId` and no `attributes` unless it is given new ones: nothing of the excerpt outlives that.
 */
export class ExcerptedSpan implements Span {
  readonly kind = 'span'
  readonly spanId: string
  readonly name: string
  readonly startMs: number
  readonly endMs: number
  readonly status: SpanStatus
  readonly resource: Resource
  readonly scope: Scope
  readonly #excerpt: Attributes
  readonly #line: WholeLine
  #attributes: Attributes | undefined

  constructor(span: SpanExcerpt) {
    this.spanId = span.spanId
    this.name = span.name
    this.startMs = span.startMs
    this.endMs = span.endMs
    this.status = span.status
    this.resource = span.resource
    this.scope = span.scope
    this.#excerpt = span.excerpt
    this.#line = span.line
  }

  get traceId(): string {
    return this.#line.traceId()
  }

  get attributes(): Attributes {
    this.#attributes ??= this.#line.attributes()
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
