import { isUtf8 } from 'node:buffer'
import type { OtlpSignal } from '#src/model/otlp-request.ts'
import { DecodeFailure } from './json-fields.ts'
import { type MaskPlan, maskPlanOf } from './mask-plan.ts'
import { REQUESTS } from './otlp-messages.ts'
import { type KeyMask, type RequestMask, stricter } from './request-mask.ts'
import { WireReader } from './wire-reader.ts'

const BYTES = 2
const KEY = (1 << 3) | BYTES
const VALUE = (2 << 3) | BYTES
const STRING_VALUE = (1 << 3) | BYTES
const INT_VALUE = 3 << 3
const DOUBLE_VALUE = (4 << 3) | 1
const ARRAY_VALUE = (5 << 3) | BYTES
const BYTES_VALUE = (7 << 3) | BYTES
const LIST_VALUES = (1 << 3) | BYTES

/** From here on a length takes more than one byte. */
const LONG = 0x80

/** What is nested deeper is left out: whoever receives it may look deeper than we do. */
const MAX_DEPTH = 200

const KEY_VALUE = maskPlanOf('KeyValue')
const ANY_VALUE = maskPlanOf('AnyValue')

// biome-ignore lint/suspicious/noControlCharactersInRegex: they tell a message from a text
const CONTROL = /[\x00-\x08\x0b\x0c\x0e-\x1f]/

/**
 * Masks the texts of a request in protobuf; whatever is not masked stays byte for byte, unknown fields too.
 *
 * @returns the very same buffer where there is nothing to mask
 */
export function maskProtobuf(signal: OtlpSignal, body: Buffer, mask: RequestMask): Buffer {
  return new Walker(body, mask).message(maskPlanOf(REQUESTS[signal]), 0) ?? body
}

/**
 * Goes through the fields of one buffer. Each method looks at what is between the reader and its limit, and returns what
 * stands in its place; `undefined` where nothing in it is masked.
 */
class Walker {
  readonly #wire: WireReader
  readonly #mask: RequestMask

  constructor(body: Buffer, mask: RequestMask) {
    this.#wire = new WireReader(body)
    this.#mask = mask
  }

  /** @param plan absent: nobody knows what the message is. @param key when it is an attribute */
  message(plan: MaskPlan | undefined, depth: number, key?: KeyMask): Buffer | undefined {
    const wire = this.#wire
    let edits: Edits | undefined
    const begin = wire.position
    while (wire.more()) {
      const at = wire.position
      const tag = wire.tag()
      if ((tag & 7) === BYTES) {
        const outer = wire.enter()
        const changed = key === undefined ? this.#field(plan, tag, depth) : this.#inAttribute(tag, key, depth)
        wire.position = wire.limit
        wire.leave(outer)
        if (changed === undefined) continue
        edits ??= new Edits(wire, begin)
        edits.replace(at, tag, changed)
      } else if (plan === ANY_VALUE && (tag === INT_VALUE || tag === DOUBLE_VALUE)) {
        const masked = this.#mask.number(tag === INT_VALUE ? wire.int64() : wire.double())
        if (masked === undefined) continue
        edits ??= new Edits(wire, begin)
        edits.replace(at, STRING_VALUE, Buffer.from(masked))
      } else wire.skip(tag, 0)
    }
    return edits?.result()
  }

  #field(plan: MaskPlan | undefined, tag: number, depth: number): Buffer | undefined {
    const field = plan?.fields[tag >>> 3]
    if (field === 'text' || field === 'bytes') return this.#text()
    if (field === undefined || field === 'number') return this.#unknown(depth + 1)
    if (field === 'rest') return undefined
    if (depth > MAX_DEPTH) return this.#tooDeep()
    return field === KEY_VALUE ? this.#attribute(depth + 1) : this.message(field, depth + 1)
  }

  #attribute(depth: number): Buffer | undefined {
    if (this.#isHarmlessText()) return undefined
    const key = this.#key()
    return key.treatment === 'leave' ? undefined : this.message(KEY_VALUE, depth, key)
  }

  /** Whether it is an attribute as most are, a short key and a short text and nothing else, with nothing to mask. */
  #isHarmlessText(): boolean {
    const wire = this.#wire
    const { bytes, position, limit } = wire
    const keyStart = position + 2
    const keyEnd = keyStart + (bytes[position + 1] ?? 0)
    const textStart = keyEnd + 4
    const valueLength = bytes[keyEnd + 1] ?? 0
    if (
      bytes[position] !== KEY ||
      keyEnd - keyStart >= LONG ||
      bytes[keyEnd] !== VALUE ||
      bytes[keyEnd + 2] !== STRING_VALUE ||
      valueLength >= LONG ||
      keyEnd + 2 + valueLength !== limit ||
      textStart + (bytes[keyEnd + 3] ?? 0) !== limit
    ) {
      return false
    }
    const { treatment, mayHold } = this.#mask.key(wire, keyStart, keyEnd)
    if (treatment === 'leave') return true
    return treatment === 'look' && !mayHold && !this.#mask.mayHold(wire, textStart, limit)
  }

  #inAttribute(tag: number, { treatment, mayHold }: KeyMask, depth: number): Buffer | undefined {
    if (tag === KEY) return mayHold ? this.#text() : undefined
    if (tag !== VALUE) return this.#unknown(depth + 1)
    if (treatment === 'block' || (treatment === 'secret' && this.#holdsText(depth + 1))) {
      return stringValue(this.#mask.whole(treatment))
    }
    return this.message(ANY_VALUE, depth + 1)
  }

  #text(): Buffer | undefined {
    const { bytes, position, limit } = this.#wire
    if (!this.#mask.mayHold(this.#wire, position, limit)) return undefined
    const text = bytes.utf8Slice(position, limit)
    const masked = this.#mask.text(text)
    return masked === text ? undefined : Buffer.from(masked)
  }

  /** A field that OTLP did not have when this was written: a text, a message, or neither. */
  #unknown(depth: number): Buffer | undefined {
    const wire = this.#wire
    const { bytes, position, limit } = wire
    const isText = isUtf8(bytes.subarray(position, limit))
    if (isText && !CONTROL.test(bytes.utf8Slice(position, limit))) return this.#text()
    if (depth > MAX_DEPTH) return this.#tooDeep()
    try {
      return this.message(undefined, depth)
    } catch (error) {
      if (!(error instanceof DecodeFailure)) throw error
      wire.position = position
      wire.limit = limit
      return isText ? this.#text() : undefined
    } finally {
      wire.limit = limit
    }
  }

  /** Of all its keys, wherever they stand: the strictest counts, and each is looked at where one may hold something. */
  #key(): KeyMask {
    const wire = this.#wire
    const start = wire.position
    let all: KeyMask | undefined
    while (wire.more()) {
      const tag = wire.tag()
      if (tag === KEY) {
        const one = this.#mask.key(wire, wire.span(), wire.position)
        all = all === undefined ? one : strictest(all, one)
      } else wire.skip(tag, 0)
    }
    wire.position = start
    return all ?? this.#mask.key(wire, start, start)
  }

  #tooDeep(): Buffer {
    this.#mask.whole('block')
    return Buffer.alloc(0)
  }

  /** Whether a value has text or bytes, or a list with some; what else stands beside them does not matter. */
  #holdsText(depth: number): boolean {
    // What is so deep is left out.
    if (depth > MAX_DEPTH) return false
    const wire = this.#wire
    const start = wire.position
    let hasText = false
    while (wire.more()) {
      const tag = wire.tag()
      if (tag === ARRAY_VALUE) {
        const outer = wire.enter()
        if (this.#listHoldsText(depth + 2)) hasText = true
        wire.leave(outer)
      } else {
        if (tag === STRING_VALUE || tag === BYTES_VALUE) hasText = true
        wire.skip(tag, 0)
      }
    }
    wire.position = start
    return hasText
  }

  /** Leaves the reader behind the list. */
  #listHoldsText(depth: number): boolean {
    const wire = this.#wire
    let hasText = false
    while (wire.more()) {
      const tag = wire.tag()
      if (tag !== LIST_VALUES) {
        wire.skip(tag, 0)
        continue
      }
      const outer = wire.enter()
      if (this.#holdsText(depth)) hasText = true
      wire.position = wire.limit
      wire.leave(outer)
    }
    return hasText
  }
}

/** A message with some fields replaced. */
class Edits {
  readonly #wire: WireReader
  readonly #pieces: Buffer[] = []
  #copiedTo: number

  /** @param begin of the message */
  constructor(wire: WireReader, begin: number) {
    this.#wire = wire
    this.#copiedTo = begin
  }

  /** The field that began `at` and ends at the reader. */
  replace(at: number, tag: number, content: Buffer): void {
    const { bytes, position } = this.#wire
    this.#pieces.push(
      bytes.subarray(this.#copiedTo, at),
      Buffer.from([...varint(tag), ...varint(content.length)]),
      content,
    )
    this.#copiedTo = position
  }

  result(): Buffer {
    const { bytes, position } = this.#wire
    return Buffer.concat([...this.#pieces, bytes.subarray(this.#copiedTo, position)])
  }
}

function strictest(one: KeyMask, other: KeyMask): KeyMask {
  return { treatment: stricter(one.treatment, other.treatment), mayHold: one.mayHold || other.mayHold }
}

function stringValue(text: string): Buffer {
  const content = Buffer.from(text)
  return Buffer.concat([Buffer.from([STRING_VALUE, ...varint(content.length)]), content])
}

/** @param value of at most 32 bits */
function varint(value: number): number[] {
  const bytes: number[] = []
  let left = value
  while (left >= 0x80) {
    bytes.push((left % 0x80) | 0x80)
    left = Math.floor(left / 0x80)
  }
  bytes.push(left)
  return bytes
}
