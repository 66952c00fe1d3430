const QUOTE = 0x22
const COMMA = 0x2c
const ZERO = 0x30
const NINE = 0x39
const COLON = 0x3a
const LIST = 0x5b
const BACKSLASH = 0x5c
const OBJECT = 0x7b
const OBJECT_END = 0x7d
const LIST_END = 0x5d
/** What the words begin with. */
const TRUE = 0x74
const FALSE = 0x66
const NULL = 0x6e

/** More digits could be more than a number holds exactly. */
const MAX_DIGITS = 15

const NOTHING = Buffer.alloc(0)

interface KnownName<Name extends string> {
  readonly name: Name
  readonly bytes: Buffer
  /** Another one in the same slot. */
  readonly next: KnownName<Name> | undefined
}

const SLOTS = 64

/** Names of fields that are looked for, found by their bytes. */
export class FieldNames<Name extends string> {
  readonly #slots: (KnownName<Name> | undefined)[] = new Array(SLOTS).fill(undefined)

  constructor(names: readonly Name[]) {
    for (const name of names) {
      const bytes = Buffer.from(name)
      const slot = slotOf(bytes, 0, bytes.length)
      this.#slots[slot] = { name, bytes, next: this.#slots[slot] }
    }
  }

  find(bytes: Buffer, start: number, end: number): Name | undefined {
    const length = end - start
    for (let known = this.#slots[slotOf(bytes, start, end)]; known !== undefined; known = known.next) {
      const expected = known.bytes
      if (expected.length !== length) continue
      let same = 0
      while (same < length && bytes[start + same] === expected[same]) same++
      if (same === length) return known.name
    }
    return undefined
  }
}

function slotOf(bytes: Buffer, start: number, end: number): number {
  return (5 * (end - start) + 3 * (bytes[start] ?? 0) + (bytes[end - 1] ?? 0)) % SLOTS
}

/**
 * Walks over the fields of a line of JSON, in its bytes. Nothing is checked that is passed over; what is not as expected ends
 * the walk, and the line is left to the parser.
 */
export class LineCursor {
  #bytes: Buffer = NOTHING
  #end = 0
  #keyStart = 0
  #keyEnd = 0
  #isFirst = true
  at = 0

  /** Stands before the first field of the object that begins there. */
  open(bytes: Buffer, start: number, end: number): void {
    this.#bytes = bytes
    this.#end = end
    this.enter(start)
  }

  /** Goes on with the fields of the object that begins there. */
  enter(start = this.at): void {
    this.at = start + 1
    this.#isFirst = true
  }

  /** Goes on within an object some of whose fields are behind. */
  resume(at: number): void {
    this.at = at
    this.#isFirst = false
  }

  /** Moves to the value of the next field. @returns false at the end of the object, and where there is no field */
  next(): boolean {
    const bytes = this.#bytes
    let { at } = this
    if (this.#isFirst) this.#isFirst = false
    else if (bytes[at] === COMMA) at++
    else return false
    if (bytes[at] !== QUOTE) return false
    const keyStart = at + 1
    let keyEnd = keyStart
    while (keyEnd < this.#end && bytes[keyEnd] !== QUOTE) keyEnd++
    if (bytes[keyEnd + 1] !== COLON) return false
    this.#keyStart = keyStart
    this.#keyEnd = keyEnd
    this.at = keyEnd + 2
    return true
  }

  /** @returns the name of the field whose value comes, when it is one of these */
  name<Name extends string>(names: FieldNames<Name>): Name | undefined {
    return names.find(this.#bytes, this.#keyStart, this.#keyEnd)
  }

  /** Goes on behind an object. @returns false when it does not end here */
  leave(): boolean {
    if (this.at >= this.#end || this.#bytes[this.at] !== OBJECT_END) return false
    this.at++
    this.#isFirst = false
    return true
  }

  get isObject(): boolean {
    return this.#bytes[this.at] === OBJECT
  }

  get isList(): boolean {
    return this.#bytes[this.at] === LIST
  }

  get isText(): boolean {
    return this.#bytes[this.at] === QUOTE
  }

  get isNull(): boolean {
    return this.#bytes[this.at] === NULL
  }

  /** @returns `undefined` for anything but `true` and `false`; nothing has moved */
  get boolean(): boolean | undefined {
    const first = this.#bytes[this.at]
    if (first === TRUE) return true
    return first === FALSE ? false : undefined
  }

  /** Takes a string. @returns `undefined` for anything else, for '' and for one with escapes; then nothing has moved */
  text(previous?: string): string | undefined {
    const bytes = this.#bytes
    const start = this.at + 1
    if (bytes[start - 1] !== QUOTE) return undefined
    let end = start
    let bits = 0
    for (; end < this.#end; end++) {
      const byte = bytes[end] ?? QUOTE
      if (byte === QUOTE) break
      if (byte === BACKSLASH) return undefined
      bits |= byte
    }
    if (end === start || end >= this.#end) return undefined
    this.at = end + 1
    if (bits >= 0x80) return bytes.utf8Slice(start, end)
    return previous !== undefined && isThere(previous, bytes, start, end) ? previous : bytes.latin1Slice(start, end)
  }

  /** Takes a whole number that is not negative. @returns `undefined` for anything else; then nothing has moved */
  count(): number | undefined {
    const bytes = this.#bytes
    let { at } = this
    let value = 0
    for (; at < this.#end; at++) {
      const byte = bytes[at] ?? 0
      if (byte < ZERO || byte > NINE) break
      value = value * 10 + (byte - ZERO)
    }
    const digits = at - this.at
    const next = bytes[at]
    if (digits === 0 || digits > MAX_DIGITS || (next !== COMMA && next !== OBJECT_END)) return undefined
    this.at = at
    return value
  }

  /** Passes over a value. @returns false when it does not end in the line */
  skip(): boolean {
    const bytes = this.#bytes
    const end = this.#end
    let depth = 0
    for (let { at } = this; at < end; at++) {
      switch (bytes[at]) {
        case QUOTE:
          at = this.#endOfText(at)
          break
        case OBJECT:
        case LIST:
          depth++
          continue
        case OBJECT_END:
        case LIST_END:
          if (depth === 0) return this.#standAt(at)
          depth--
          break
        case COMMA:
          if (depth === 0) return this.#standAt(at)
          continue
        default:
          continue
      }
      if (depth === 0) return this.#standAt(at + 1)
    }
    return false
  }

  /** @returns where the string's last quote stands */
  #endOfText(start: number): number {
    const bytes = this.#bytes
    let at = start + 1
    for (; at < this.#end && bytes[at] !== QUOTE; at++) if (bytes[at] === BACKSLASH) at++
    return at
  }

  #standAt(at: number): boolean {
    this.at = at
    return at < this.#end
  }
}

function isThere(text: string, bytes: Buffer, start: number, end: number): boolean {
  if (text.length !== end - start) return false
  for (let at = start; at < end; at++) if (text.charCodeAt(at - start) !== bytes[at]) return false
  return true
}
