import { isMessage, type MessageName, messageOf } from './otlp-messages.ts'
import type { RequestMask } from './request-mask.ts'

const INTEGER = /^-?[0-9]{1,20}$/
const KEY = 'key'
const VALUE = 'value'

/**
 * Masks the texts of a request in JSON; whatever is not masked stays as it was written, unknown members too.
 *
 * @param body checked to be JSON
 * @returns the very same buffer where there is nothing to mask
 */
export function maskJson(body: Buffer, mask: RequestMask): Buffer {
  const text = body.utf8Slice(0, body.length)
  const masked = new Walker(text, mask).run('AnyRequest')
  return masked === text ? body : Buffer.from(masked)
}

/** A piece of the text, from its first character to behind its last. */
interface Range {
  readonly start: number
  readonly end: number
}

interface Member {
  /** With its quotes. */
  readonly name: Range
  readonly value: Range
}

/** Goes through one text, which is JSON. */
class Walker {
  readonly #text: string
  readonly #mask: RequestMask
  readonly #edits: (Range & { readonly text: string })[] = []
  #at = 0

  constructor(text: string, mask: RequestMask) {
    this.#text = text
    this.#mask = mask
  }

  run(name: MessageName): string {
    this.#at = this.#skipSpace(0)
    this.#message(name)
    if (this.#edits.length === 0) return this.#text
    const pieces: string[] = []
    let copiedTo = 0
    for (const { start, end, text } of this.#edits.toSorted((a, b) => a.start - b.start)) {
      pieces.push(this.#text.slice(copiedTo, start), text)
      copiedTo = end
    }
    return pieces.join('') + this.#text.slice(copiedTo)
  }

  /** One message, or a list of them. */
  #message(name: MessageName): void {
    const first = this.#text[this.#at]
    if (first === '[') this.#eachElement(() => this.#message(name))
    else if (first !== '{') this.#anything()
    else if (name === 'KeyValue') this.#keyValue()
    else if (name === 'AnyValue') this.#anyValue('look')
    else {
      const { byName } = messageOf(name)
      this.#eachMember((memberName) => {
        const type = byName.get(memberName)?.type
        if (type === undefined || type === 'text') this.#anything()
        else if (isMessage(type)) this.#message(type)
        else this.#skip()
      })
    }
  }

  #keyValue(): void {
    const members = this.#members()
    const end = this.#at
    const keys = members.filter(({ name }) => this.#nameIn(name) === KEY)
    const treatments = keys.map(({ value }) => this.#mask.treatment(this.#stringIn(value)))
    // Of several keys the last one counts; whoever writes two may mean either.
    const treatment =
      (['block', 'secret', 'look'] as const).find((each) => treatments.includes(each)) ??
      (treatments.length > 0 ? 'leave' : 'look')
    for (const { name, value } of treatment === 'leave' ? [] : members) {
      this.#at = value.start
      if (this.#nameIn(name) === VALUE && this.#text[value.start] === '{') this.#anyValue(treatment)
      else this.#anything()
    }
    this.#at = end
  }

  #anyValue(treatment: 'look' | 'secret' | 'block' | 'leave'): void {
    const start = this.#at
    const members = this.#members()
    const end = this.#at
    if (treatment === 'block' || (treatment === 'secret' && this.#holdsText(members))) {
      this.#replace({ start, end }, JSON.stringify({ stringValue: this.#mask.whole(treatment) }))
      return
    }
    for (const member of members) this.#memberOfValue(member)
    this.#at = end
  }

  #memberOfValue({ name, value }: Member): void {
    this.#at = value.start
    const field = messageOf('AnyValue').byName.get(this.#nameIn(name))
    if (field === undefined || field.type === 'text') this.#anything()
    else if (isMessage(field.type)) this.#message(field.type)
    else if (field.type === 'bytes') this.#bytes(value)
    else if (field.type !== 'bool') {
      const masked = this.#mask.number(numberOf(this.#text.slice(value.start, value.end)))
      if (masked === undefined) return
      this.#replace({ start: name.start, end: value.end }, `"stringValue":${JSON.stringify(masked)}`)
    }
  }

  #bytes(range: Range): void {
    const text = Buffer.from(this.#stringIn(range), 'base64').toString('utf8')
    const masked = this.#mask.text(text)
    if (masked !== text) this.#replace(range, JSON.stringify(Buffer.from(masked).toString('base64')))
  }

  /** Whether a value has text or bytes, or a list with some; what else stands beside them does not matter. */
  #holdsText(members: readonly Member[]): boolean {
    return members.some(({ name, value }) => {
      const { name: known } = messageOf('AnyValue').byName.get(this.#nameIn(name)) ?? {}
      if (known === 'stringValue' || known === 'bytesValue') return this.#text[value.start] === '"'
      return known === 'arrayValue' && this.#isListWithText(value)
    })
  }

  #isListWithText({ start }: Range): boolean {
    if (this.#text[start] !== '{') return false
    let hasText = false
    this.#at = start
    this.#eachMember(() => {
      if (this.#text[this.#at] !== '[') return this.#skip()
      this.#eachElement(() => {
        if (this.#text[this.#at] !== '{') return this.#skip()
        const members = this.#members()
        const end = this.#at
        if (this.#holdsText(members)) hasText = true
        this.#at = end
      })
    })
    return hasText
  }

  /** Looks at all texts in a value of any form. */
  #anything(): void {
    const first = this.#text[this.#at]
    if (first === '[') this.#eachElement(() => this.#anything())
    else if (first === '{') this.#eachMember(() => this.#anything())
    else if (first === '"') {
      const start = this.#at
      this.#skip()
      const range = { start, end: this.#at }
      const text = this.#stringIn(range)
      const masked = this.#mask.text(text)
      if (masked !== text) this.#replace(range, JSON.stringify(masked))
    } else this.#skip()
  }

  #replace(range: Range, text: string): void {
    this.#edits.push({ ...range, text })
  }

  /** @param visit moves behind the value */
  #eachMember(visit: (name: string) => void): void {
    this.#at = this.#skipSpace(this.#at + 1)
    while (this.#text[this.#at] !== '}') {
      const name = this.#name()
      visit(this.#nameIn(name))
      this.#next()
    }
    this.#at++
  }

  #members(): readonly Member[] {
    const members: Member[] = []
    this.#at = this.#skipSpace(this.#at + 1)
    while (this.#text[this.#at] !== '}') {
      const name = this.#name()
      const start = this.#at
      this.#skip()
      members.push({ name, value: { start, end: this.#at } })
      this.#next()
    }
    this.#at++
    return members
  }

  #eachElement(visit: () => void): void {
    this.#at = this.#skipSpace(this.#at + 1)
    while (this.#text[this.#at] !== ']') {
      visit()
      this.#next()
    }
    this.#at++
  }

  /** Moves from a member's name to its value. */
  #name(): Range {
    const start = this.#at
    if (this.#text[start] !== '"') throw notJson(start)
    const end = this.#endOfString(start)
    const colon = this.#skipSpace(end)
    this.#at = this.#skipSpace(colon + 1)
    return { start, end }
  }

  /** Moves to the next member or element, or to the end of them. */
  #next(): void {
    this.#at = this.#skipSpace(this.#at)
    if (this.#text[this.#at] === ',') this.#at = this.#skipSpace(this.#at + 1)
    else if (this.#text[this.#at] !== '}' && this.#text[this.#at] !== ']') throw notJson(this.#at)
  }

  /** Moves behind a value of any form. */
  #skip(): void {
    let depth = 0
    do {
      const code = this.#text.charCodeAt(this.#at)
      if (code === QUOTE) this.#at = this.#endOfString(this.#at)
      else if (code === OPEN_MAP || code === OPEN_LIST) {
        depth++
        this.#at++
      } else if (code === CLOSE_MAP || code === CLOSE_LIST) {
        depth--
        this.#at++
      } else if (code === COMMA || code === COLON || code <= SPACE) this.#at++
      else if (Number.isNaN(code)) throw notJson(this.#at)
      else this.#at = this.#endOfWord(this.#at)
    } while (depth > 0)
  }

  #endOfString(start: number): number {
    let end = this.#text.indexOf('"', start + 1)
    while (end > 0 && this.#isEscaped(end)) end = this.#text.indexOf('"', end + 1)
    if (end < 0) throw notJson(start)
    return end + 1
  }

  #isEscaped(at: number): boolean {
    let before = at - 1
    while (this.#text.charCodeAt(before) === BACKSLASH) before--
    return (at - before) % 2 === 0
  }

  /** Of a number, `true`, `false` or `null`. */
  #endOfWord(start: number): number {
    let end = start
    for (let code = this.#text.charCodeAt(end); isWord(code); code = this.#text.charCodeAt(end)) end++
    return end
  }

  #skipSpace(from: number): number {
    let at = from
    while (this.#text.charCodeAt(at) <= SPACE) at++
    return at
  }

  #nameIn(range: Range): string {
    return this.#stringIn(range)
  }

  #stringIn({ start, end }: Range): string {
    const inner = this.#text.slice(start + 1, end - 1)
    if (!inner.includes('\\')) return inner
    const parsed: unknown = JSON.parse(this.#text.slice(start, end))
    return typeof parsed === 'string' ? parsed : ''
  }
}

const SPACE = 0x20
const QUOTE = 0x22
const COMMA = 0x2c
const COLON = 0x3a
const OPEN_LIST = 0x5b
const BACKSLASH = 0x5c
const CLOSE_LIST = 0x5d
const OPEN_MAP = 0x7b
const CLOSE_MAP = 0x7d

function isWord(code: number): boolean {
  return code > SPACE && code !== COMMA && code !== CLOSE_LIST && code !== CLOSE_MAP
}

/** @param text a number, or a text that holds one */
function numberOf(text: string): number | bigint {
  const digits = text.startsWith('"') ? text.slice(1, -1) : text
  const number = Number(digits)
  return Number.isSafeInteger(number) || !INTEGER.test(digits) ? number : BigInt(digits)
}

function notJson(at: number): Error {
  return new SyntaxError(`Expected JSON, got something else at character ${at}.`)
}
