import { isUtf8 } from 'node:buffer'
import type { OtlpSignal } from '#src/model/otlp-request.ts'
import { DecodeFailure } from './json-fields.ts'
import { isMessage, type MessageName, messageOf, REQUESTS } from './otlp-messages.ts'
import type { RequestMask } from './request-mask.ts'
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

/** What is nested deeper is left out: whoever receives it may look deeper than we do. */
const MAX_DEPTH = 200

// biome-ignore lint/suspicious/noControlCharactersInRegex: they tell a message from a text
const CONTROL = /[\x00-\x08\x0b\x0c\x0e-\x1f]/

/**
 * Masks the texts of a request in protobuf; whatever is not masked stays byte for byte, unknown fields too.
 *
 * @returns the very same buffer where there is nothing to mask
 */
export function maskProtobuf(signal: OtlpSignal, body: Buffer, mask: RequestMask): Buffer {
  return new Walker(body, mask).message(REQUESTS[signal], 0) ?? body
}

/** Goes through the fields of one buffer. Each method leaves the reader behind what it looked at. */
class Walker {
  readonly #wire: WireReader
  readonly #mask: RequestMask

  constructor(body: Buffer, mask: RequestMask) {
    this.#wire = new WireReader(body)
    this.#mask = mask
  }

  /** The message up to the reader's limit. @returns `undefined` where nothing in it is masked */
  message(name: MessageName, depth: number): Buffer | undefined {
    if (name === 'KeyValue') return this.#keyValue(depth)
    if (name === 'AnyValue') return this.#anyValue(depth, 'look')
    const wire = this.#wire
    const { byNumber } = messageOf(name)
    const edits = new Edits(wire)
    while (wire.more()) {
      const at = wire.position
      const tag = wire.tag()
      const field = byNumber.get(tag >>> 3)
      if ((tag & 7) !== BYTES) {
        wire.skip(tag, 0)
        continue
      }
      const outer = wire.enter()
      const changed =
        field === undefined
          ? this.#unknown(depth + 1)
          : isMessage(field.type)
            ? this.message(field.type, depth + 1)
            : field.type === 'text'
              ? this.#text()
              : undefined
      wire.position = wire.limit
      wire.leave(outer)
      if (changed !== undefined) edits.replace(at, tag, changed)
    }
    return edits.result()
  }

  #text(): Buffer | undefined {
    const { bytes, position, limit } = this.#wire
    const text = bytes.utf8Slice(position, limit)
    const masked = this.#mask.text(text)
    return masked === text ? undefined : Buffer.from(masked)
  }

  /** A field that OTLP did not have when this was written: a text, a message, or neither. */
  #unknown(depth: number): Buffer | undefined {
    const wire = this.#wire
    const { bytes, position, limit } = wire
    const text = bytes.utf8Slice(position, limit)
    if (isUtf8(bytes.subarray(position, limit)) && !CONTROL.test(text)) return this.#text()
    if (depth > MAX_DEPTH) return this.#tooDeep()
    try {
      return this.#unknownMessage(depth)
    } catch (error) {
      if (!(error instanceof DecodeFailure)) throw error
      wire.position = position
      wire.limit = limit
      return isUtf8(bytes.subarray(position, limit)) ? this.#text() : undefined
    } finally {
      wire.limit = limit
    }
  }

  #unknownMessage(depth: number): Buffer | undefined {
    const wire = this.#wire
    const edits = new Edits(wire)
    while (wire.more()) {
      const at = wire.position
      const tag = wire.tag()
      if ((tag & 7) !== BYTES) {
        wire.skip(tag, 0)
        continue
      }
      const outer = wire.enter()
      const changed = this.#unknown(depth + 1)
      wire.position = wire.limit
      wire.leave(outer)
      if (changed !== undefined) edits.replace(at, tag, changed)
    }
    return edits.result()
  }

  #keyValue(depth: number): Buffer | undefined {
    const wire = this.#wire
    const treatment = this.#treatment()
    if (treatment === 'leave') return undefined
    const edits = new Edits(wire)
    while (wire.more()) {
      const at = wire.position
      const tag = wire.tag()
      if ((tag & 7) !== BYTES) {
        wire.skip(tag, 0)
        continue
      }
      const outer = wire.enter()
      const changed =
        tag === KEY ? this.#text() : tag === VALUE ? this.#anyValue(depth + 1, treatment) : this.#unknown(depth + 1)
      wire.position = wire.limit
      wire.leave(outer)
      if (changed !== undefined) edits.replace(at, tag, changed)
    }
    return edits.result()
  }

  /** Of the last key, which counts; it may stand behind the value. */
  #treatment() {
    const wire = this.#wire
    const start = wire.position
    let key = ''
    while (wire.more()) {
      const tag = wire.tag()
      if (tag === KEY) {
        const from = wire.span()
        key = wire.bytes.utf8Slice(from, wire.position)
      } else wire.skip(tag, 0)
    }
    wire.position = start
    return this.#mask.treatment(key)
  }

  #anyValue(depth: number, treatment: 'look' | 'secret' | 'block'): Buffer | undefined {
    if (treatment === 'block' || (treatment === 'secret' && this.#holdsText())) {
      return stringValue(this.#mask.whole(treatment))
    }
    const wire = this.#wire
    const edits = new Edits(wire)
    while (wire.more()) {
      const at = wire.position
      const tag = wire.tag()
      if (tag === INT_VALUE || tag === DOUBLE_VALUE) {
        const masked = this.#mask.number(tag === INT_VALUE ? wire.int64() : wire.double())
        if (masked !== undefined) edits.replace(at, STRING_VALUE, Buffer.from(masked))
        continue
      }
      if ((tag & 7) !== BYTES) {
        wire.skip(tag, 0)
        continue
      }
      const outer = wire.enter()
      const changed = this.#inValue(tag, depth)
      wire.position = wire.limit
      wire.leave(outer)
      if (changed !== undefined) edits.replace(at, tag, changed)
    }
    return edits.result()
  }

  #inValue(tag: number, depth: number): Buffer | undefined {
    if (tag === STRING_VALUE || tag === BYTES_VALUE) return this.#text()
    const field = messageOf('AnyValue').byNumber.get(tag >>> 3)
    if (field === undefined || !isMessage(field.type)) return this.#unknown(depth + 1)
    return depth > MAX_DEPTH ? this.#tooDeep() : this.message(field.type, depth + 1)
  }

  #tooDeep(): Buffer {
    this.#mask.whole('block')
    return Buffer.alloc(0)
  }

  /** Whether a value has text or bytes, or a list with some; what else stands beside them does not matter. */
  #holdsText(): boolean {
    const wire = this.#wire
    const start = wire.position
    let hasText = false
    while (wire.more()) {
      const tag = wire.tag()
      if (tag === ARRAY_VALUE) {
        const outer = wire.enter()
        while (wire.more()) {
          const inner = wire.tag()
          if (inner === LIST_VALUES) {
            const outerValue = wire.enter()
            if (this.#holdsText()) hasText = true
            wire.position = wire.limit
            wire.leave(outerValue)
          } else wire.skip(inner, 0)
        }
        wire.leave(outer)
        continue
      }
      if (tag === STRING_VALUE || tag === BYTES_VALUE) hasText = true
      wire.skip(tag, 0)
    }
    wire.position = start
    return hasText
  }
}

/** A message with some fields replaced. Nothing is copied before the first. */
class Edits {
  readonly #wire: WireReader
  readonly #pieces: Buffer[] = []
  #copiedTo: number

  constructor(wire: WireReader) {
    this.#wire = wire
    this.#copiedTo = wire.position
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

  result(): Buffer | undefined {
    if (this.#pieces.length === 0) return undefined
    const { bytes, position } = this.#wire
    return Buffer.concat([...this.#pieces, bytes.subarray(this.#copiedTo, position)])
  }
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
