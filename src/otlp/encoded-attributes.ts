import type { Attributes } from '#src/model/telemetry.ts'
import { NO_ATTRIBUTES } from './attribute-table.ts'
import type { AttributeRange, ValueReader } from './protobuf-values.ts'

/** The attributes of an item as they came, checked but not read. */
export class EncodedAttributes implements AttributeRange {
  readonly start: number
  readonly end: number
  readonly tag: number
  readonly #reader: ValueReader
  #whole: Attributes | undefined

  /** @param start of the first of them; `undefined` when there are none */
  constructor(reader: ValueReader, tag: number, start: number | undefined, end: number) {
    this.#reader = reader
    this.tag = tag
    this.start = start ?? end
    this.end = end
    if (start === undefined) this.#whole = NO_ATTRIBUTES
  }

  whole(): Attributes {
    this.#whole ??= this.#reader.attributesOf(this)
    return this.#whole
  }

  /** Those under these names; what else it holds says nothing. */
  excerpt(names: ReadonlySet<string>): Attributes {
    return this.#whole ?? this.#reader.attributesOf(this, names)
  }
}
