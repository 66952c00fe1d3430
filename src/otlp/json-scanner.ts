import type { BytePattern } from './byte-pattern.ts'

export const SPACE = 0x20
export const QUOTE = 0x22
const COMMA = 0x2c
const COLON = 0x3a
export const OPEN_LIST = 0x5b
const BACKSLASH = 0x5c
const CLOSE_LIST = 0x5d
export const OPEN_MAP = 0x7b
const CLOSE_MAP = 0x7d

/** By byte: what ends a number, `true`, `false` or `null`. */
const ENDS_WORD = Uint8Array.from({ length: 256 }, (_, byte) =>
  byte <= SPACE || byte === COMMA || byte === CLOSE_LIST || byte === CLOSE_MAP ? 1 : 0,
)

/** Moves through the bytes of JSON, which was found to be JSON before. */
export class JsonScanner {
  readonly bytes: Buffer
  /** Of the same bytes. */
  readonly view: DataView
  /** The next byte to look at. */
  at = 0
  /** Whether the text that was moved over last has escapes. */
  escaped = false

  constructor(bytes: Buffer) {
    this.bytes = bytes
    this.view = viewOf(bytes)
    this.space()
  }

  /** The first byte of the value that comes next. */
  first(): number {
    return this.bytes[this.at] ?? 0
  }

  /** Moves over these bytes, if they come next. */
  takes(pattern: BytePattern): boolean {
    if (!pattern.isAt(this.at, this.view)) return false
    this.at += pattern.length
    return true
  }

  /** Moves over the end of an object, if it comes next. */
  closes(): boolean {
    if (this.bytes[this.at] !== CLOSE_MAP) return false
    this.at++
    return true
  }

  /** Moves into an object or a list. @returns whether it has anything */
  open(): boolean {
    this.at++
    this.space()
    const byte = this.first()
    if (byte !== CLOSE_MAP && byte !== CLOSE_LIST) return true
    this.at++
    return false
  }

  /** Behind a value: moves to the next member or element, or behind the end of them. @returns whether there is one */
  next(): boolean {
    this.space()
    const byte = this.first()
    this.at++
    if (byte === COMMA) {
      this.space()
      return true
    }
    if (byte !== CLOSE_MAP && byte !== CLOSE_LIST) throw this.#notJson()
    return false
  }

  /** Moves over the name of a member and its colon. @returns where the name ends, without its quote */
  name(): number {
    if (this.first() !== QUOTE) throw this.#notJson()
    this.text()
    const end = this.at - 1
    this.space()
    if (this.first() !== COLON) throw this.#notJson()
    this.at++
    this.space()
    return end
  }

  /** Moves over a text. */
  text(): void {
    const { bytes } = this
    let at = this.at + 1
    let escaped = false
    let byte = bytes[at]
    // Beyond the end there is nothing.
    while (byte !== QUOTE) {
      if (byte === undefined) throw this.#notJson()
      if (byte === BACKSLASH) {
        escaped = true
        at++
      }
      byte = bytes[++at]
    }
    this.escaped = escaped
    this.at = at + 1
  }

  /** Moves over a value of any form. */
  skip(): void {
    const { bytes } = this
    let depth = 0
    do {
      const byte = bytes[this.at]
      if (byte === undefined) throw this.#notJson()
      if (byte === QUOTE) this.text()
      else if (byte === OPEN_MAP || byte === OPEN_LIST) {
        depth++
        this.at++
      } else if (byte === CLOSE_MAP || byte === CLOSE_LIST) {
        depth--
        this.at++
      } else if (byte === COMMA || byte === COLON || byte <= SPACE) this.at++
      else while (ENDS_WORD[bytes[this.at] ?? SPACE] === 0) this.at++
    } while (depth > 0)
  }

  /** @param start of a text, at its quote */
  textFrom(start: number, end: number): string {
    const inner = this.bytes.utf8Slice(start + 1, end - 1)
    if (!inner.includes('\\')) return inner
    const parsed: unknown = JSON.parse(`"${inner}"`)
    return typeof parsed === 'string' ? parsed : ''
  }

  space(): void {
    const { bytes } = this
    while ((bytes[this.at] ?? QUOTE) <= SPACE) this.at++
  }

  #notJson(): Error {
    return new SyntaxError(`Expected JSON, got something else at byte ${this.at}.`)
  }
}

export function viewOf({ buffer, byteOffset, length }: Buffer): DataView {
  return new DataView(buffer, byteOffset, length)
}
