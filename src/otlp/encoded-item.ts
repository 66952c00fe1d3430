import type { Attributes } from '#src/model/telemetry.ts'
import { NO_ATTRIBUTES } from './attribute-table.ts'
import type { AttributeRange, ValueReader } from './protobuf-values.ts'

/** Where an item has what is read when somebody asks for it; -1 where it has none. */
export interface ItemPlaces {
  /** The tag of its attributes. */
  readonly tag: number
  /** There may be other fields between them. */
  readonly attributesAt: number
  readonly attributesEnd: number
  readonly traceIdAt: number
  readonly spanIdAt: number
}

/** The ids and attributes of an item as they came, checked but not read. */
export class EncodedItem implements AttributeRange {
  readonly start: number
  readonly end: number
  readonly tag: number
  readonly #reader: ValueReader
  readonly #traceIdAt: number
  readonly #spanIdAt: number
  #attributes: Attributes | undefined

  constructor(reader: ValueReader, { tag, attributesAt, attributesEnd, traceIdAt, spanIdAt }: ItemPlaces) {
    this.#reader = reader
    this.tag = tag
    this.start = attributesAt
    this.end = attributesEnd
    this.#traceIdAt = traceIdAt
    this.#spanIdAt = spanIdAt
    if (attributesAt < 0) this.#attributes = NO_ATTRIBUTES
  }

  attributes(): Attributes {
    this.#attributes ??= this.#reader.attributesOf(this)
    return this.#attributes
  }

  /** Those under these names; what else it holds says nothing. */
  excerpt(names: ReadonlySet<string>): Attributes {
    return this.#attributes ?? this.#reader.excerptOf(this, names)
  }

  /** '' when it has none. */
  traceId(): string {
    return this.#traceIdAt < 0 ? '' : this.#reader.traceIdAt(this.#traceIdAt)
  }

  /** '' when it has none. */
  spanId(): string {
    return this.#spanIdAt < 0 ? '' : this.#reader.spanIdAt(this.#spanIdAt)
  }
}
