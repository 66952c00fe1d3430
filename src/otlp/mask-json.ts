import { BytePattern } from './byte-pattern.ts'
import { JsonScanner, OPEN_LIST, OPEN_MAP, QUOTE, viewOf } from './json-scanner.ts'
import { type FieldPlan, type MaskPlan, maskPlanOf } from './mask-plan.ts'
import { type RequestMask, stricter, type Treatment, type ViewedBytes } from './request-mask.ts'

const INTEGER = /^-?[0-9]{1,20}$/
const NUMBER = /^-?[0-9]+(?:\.[0-9]+)?(?:[eE][+-]?[0-9]+)?$/
const NOT_BASE64 = /[^\w+/=-]/

/** By byte. */
const IS_HEX = Uint8Array.from({ length: 256 }, (_, byte) => (/[0-9a-f]/i.test(String.fromCharCode(byte)) ? 1 : 0))

/** Objects and lists that are nested deeper are emptied: whoever receives them may look deeper than we do. */
const MAX_DEPTH = 500

const [KEY_HEAD, VALUE_HEAD, TEXT_HEAD, INTEGER_HEAD, DOUBLE_HEAD, BOOL_HEAD] = [
  new BytePattern(Buffer.from('{"key":')),
  new BytePattern(Buffer.from(',"value":{')),
  new BytePattern(Buffer.from('"stringValue":')),
  new BytePattern(Buffer.from('"intValue":')),
  new BytePattern(Buffer.from('"doubleValue":')),
  new BytePattern(Buffer.from('"boolValue":')),
]

const ANY_VALUE = maskPlanOf('AnyValue')
const ARRAY_VALUE = maskPlanOf('ArrayValue')
const KEY_VALUE = maskPlanOf('KeyValue')

/**
 * Masks the texts of a request in JSON; whatever is not masked stays as it was written, unknown members too.
 *
 * @param body checked to be JSON
 * @returns the very same buffer where there is nothing to mask
 */
export function maskJson(body: Buffer, mask: RequestMask): Buffer {
  return new Walker(body, mask).run()
}

/** A place where something may be masked, and is when the end is reached: a later key may want something else there. */
interface Edit {
  readonly start: number
  readonly end: number
  /** `undefined`: there is nothing to mask. */
  readonly text: () => string | undefined
}

/** The value of an attribute, as it was treated by the keys before it. */
interface Treated {
  readonly start: number
  readonly end: number
  /** Its place among the edits. */
  readonly firstEdit: number
  readonly edits: number
  readonly treatment: Treatment | undefined
  readonly holdsText: boolean
}

/** Goes through one body, and over each byte a fixed number of times. Each method moves behind what it looks at. */
class Walker {
  readonly #scan: JsonScanner
  readonly #mask: RequestMask
  /** In the order of their places. */
  readonly #edits: Edit[] = []

  constructor(body: Buffer, mask: RequestMask) {
    this.#scan = new JsonScanner(body)
    this.#mask = mask
  }

  run(): Buffer {
    const { bytes } = this.#scan
    this.#value(maskPlanOf('AnyRequest'), 0)
    const pieces: Buffer[] = []
    let copiedTo = 0
    for (const { start, end, text } of this.#edits) {
      const masked = text()
      if (masked === undefined) continue
      pieces.push(bytes.subarray(copiedTo, start), Buffer.from(masked))
      copiedTo = end
    }
    if (copiedTo === 0) return bytes
    pieces.push(bytes.subarray(copiedTo))
    return Buffer.concat(pieces)
  }

  /**
   * @param plan absent: nobody knows what it is, and all of its texts are looked at
   * @returns whether it is a text or bytes, or a value or list that holds some
   */
  #value(plan: FieldPlan | undefined, depth: number): boolean {
    const scan = this.#scan
    const first = scan.first()
    if (first === OPEN_MAP || first === OPEN_LIST) {
      if (depth >= MAX_DEPTH) this.#empty(first)
      else return first === OPEN_MAP ? this.#object(plan, depth) : this.#list(plan, depth)
    } else if (first !== QUOTE) scan.skip()
    else {
      if (plan === 'bytes') this.#bytes()
      else if (plan === 'rest') this.#rest()
      else this.#text()
      return plan === 'text' || plan === 'bytes'
    }
    return false
  }

  #list(plan: FieldPlan | undefined, depth: number): boolean {
    const scan = this.#scan
    let holdsText = false
    if (!scan.open()) return false
    do if (this.#value(plan, depth + 1)) holdsText = true
    while (scan.next())
    return holdsText
  }

  #object(plan: FieldPlan | undefined, depth: number): boolean {
    if (typeof plan !== 'object' || plan === KEY_VALUE) {
      this.#attribute(depth)
      return false
    }
    const scan = this.#scan
    let holdsText = false
    if (!scan.open()) return false
    do {
      const start = scan.at
      const field = this.#field(plan)
      if (field === 'number') this.#number(start, depth)
      else if (this.#value(field, depth + 1)) holdsText = true
    } while (scan.next())
    return holdsText && (plan === ANY_VALUE || plan === ARRAY_VALUE)
  }

  /** An attribute, or an object of which nobody knows what it is: with a key and a value it is one. */
  #attribute(depth: number): void {
    if (this.#usualAttribute()) return
    const scan = this.#scan
    const values: Treated[] = []
    let treatment: Treatment | undefined
    if (!scan.open()) return
    do {
      const field = this.#field(KEY_VALUE)
      if (field === ANY_VALUE) values.push(this.#treated(treatment, depth + 1))
      else if (field === 'text' && scan.first() === QUOTE) treatment = this.#key(treatment)
      else this.#value(undefined, depth + 1)
    } while (scan.next())
    if (treatment !== undefined) this.#treatAgain(values, treatment)
  }

  /**
   * An attribute as nearly all are written, without spaces, whose key asks for no more than a look at its value, which
   * is nothing that others stand in: those would be walked again where this is none.
   *
   * @returns whether it is one; if not, nothing came of it
   */
  #usualAttribute(): boolean {
    const scan = this.#scan
    const { at: start } = scan
    if (this.#usualKey() && this.#usualValue()) return true
    scan.at = start
    return false
  }

  #usualKey(): boolean {
    const scan = this.#scan
    if (!scan.takes(KEY_HEAD) || scan.first() !== QUOTE) return false
    const { at: start } = scan
    scan.text()
    if (scan.escaped) return false
    const { treatment, mayHold } = this.#mask.key(scan, start + 1, scan.at - 1)
    return treatment === 'look' && !mayHold && scan.takes(VALUE_HEAD)
  }

  /** With the end of the attribute. */
  #usualValue(): boolean {
    const scan = this.#scan
    const { at: memberStart } = scan
    const isText = scan.takes(TEXT_HEAD)
    const isNumber = !isText && (scan.takes(INTEGER_HEAD) || scan.takes(DOUBLE_HEAD))
    if (!isText && !isNumber && !scan.takes(BOOL_HEAD)) return false
    const { at: start } = scan
    const first = scan.first()
    if (first === OPEN_MAP || first === OPEN_LIST) return false
    scan.skip()
    const { at: end } = scan
    if (!scan.closes() || !scan.closes()) return false
    if (isNumber) this.#lookAtNumber(memberStart, start, end)
    else if (first === QUOTE) this.#lookAt(start, end)
    return true
  }

  /** @returns the stricter treatment, of the keys before and this one */
  #key(before: Treatment | undefined): Treatment {
    const scan = this.#scan
    const start = scan.at
    scan.text()
    const { treatment, mayHold } = scan.escaped
      ? this.#mask.key(...viewedText(scan.textFrom(start, scan.at)))
      : this.#mask.key(scan, start + 1, scan.at - 1)
    if (mayHold && treatment !== 'leave') this.#lookAt(start, scan.at)
    return before === undefined ? treatment : stricter(before, treatment)
  }

  /** @param treatment absent: its key was not there yet */
  #treated(treatment: Treatment | undefined, depth: number): Treated {
    const scan = this.#scan
    const start = scan.at
    const firstEdit = this.#edits.length
    let holdsText = false
    if (treatment === 'leave') scan.skip()
    else if (treatment === 'block') this.#replaceWhole(start, treatment)
    else {
      // Where nobody knows what it is, it may be a text as it is.
      holdsText = scan.first() === QUOTE
      if (this.#value(ANY_VALUE, depth)) holdsText = true
      if (treatment === 'secret' && holdsText) {
        this.#edits.length = firstEdit
        scan.at = start
        this.#replaceWhole(start, treatment)
      }
    }
    return { start, end: scan.at, firstEdit, edits: this.#edits.length - firstEdit, treatment, holdsText }
  }

  /** Those for which a key that stands behind them wants something else. */
  #treatAgain(values: readonly Treated[], wanted: Treatment): void {
    const others = values.filter((value) => isOther(value, wanted))
    const [first] = others
    if (first === undefined) return
    const as = wanted === 'block' ? wanted : 'secret'
    // All edits behind are moved once: there may be as many values as there are bytes.
    const edits = this.#edits.splice(first.firstEdit)
    let kept = 0
    for (const { start, end, firstEdit, edits: own } of others) {
      const from = firstEdit - first.firstEdit
      for (const edit of edits.slice(kept, from)) this.#edits.push(edit)
      if (wanted !== 'leave') this.#edits.push({ start, end, text: () => this.#whole(start, as) })
      kept = from + own
    }
    for (const edit of edits.slice(kept)) this.#edits.push(edit)
  }

  #replaceWhole(start: number, treatment: 'secret' | 'block'): void {
    const scan = this.#scan
    scan.skip()
    this.#edits.push({ start, end: scan.at, text: () => this.#whole(start, treatment) })
  }

  /** What stands in place of the value that begins here. */
  #whole(start: number, treatment: 'secret' | 'block'): string {
    const masked = this.#mask.whole(treatment)
    return JSON.stringify(this.#scan.bytes[start] === OPEN_MAP ? { stringValue: masked } : masked)
  }

  /** Moves over the name of a member. */
  #field({ names }: MaskPlan): FieldPlan | undefined {
    const scan = this.#scan
    const start = scan.at
    const end = scan.name()
    if (!scan.escaped) return names.find(scan.bytes, start + 1, end)
    const name = Buffer.from(scan.textFrom(start, end + 1))
    return names.find(name, 0, name.length)
  }

  #text(): void {
    const start = this.#scan.at
    this.#scan.text()
    this.#lookAt(start, this.#scan.at)
  }

  /** A text where an id or a number belongs: nothing keeps anybody from writing others there. */
  #rest(): void {
    const scan = this.#scan
    const start = scan.at
    scan.text()
    const { at: end } = scan
    if (isHex(scan.bytes, start + 1, end - 1) || NUMBER.test(scan.bytes.latin1Slice(start + 1, end - 1))) return
    this.#lookAt(start, end)
  }

  /** The text that was moved over last. */
  #lookAt(start: number, end: number): void {
    const scan = this.#scan
    // An escape may stand for anything.
    if (!scan.escaped && !this.#mask.mayHold(scan, start + 1, end - 1)) return
    const masked = (): string | undefined => {
      const text = scan.textFrom(start, end)
      const clean = this.#mask.text(text)
      return clean === text ? undefined : JSON.stringify(clean)
    }
    this.#edits.push({ start, end, text: masked })
  }

  #bytes(): void {
    const scan = this.#scan
    const start = scan.at
    scan.text()
    const { at: end } = scan
    if (NOT_BASE64.test(scan.textFrom(start, end))) {
      this.#lookAt(start, end)
      return
    }
    const masked = (): string | undefined => {
      const text = Buffer.from(scan.textFrom(start, end), 'base64').toString()
      const clean = this.#mask.text(text)
      return clean === text ? undefined : JSON.stringify(Buffer.from(clean).toString('base64'))
    }
    this.#edits.push({ start, end, text: masked })
  }

  /** @param memberStart of its name: a number that is masked becomes a text */
  #number(memberStart: number, depth: number): void {
    const scan = this.#scan
    const start = scan.at
    const first = scan.first()
    if (first === OPEN_MAP || first === OPEN_LIST) {
      this.#value(undefined, depth + 1)
      return
    }
    scan.skip()
    this.#lookAtNumber(memberStart, start, scan.at)
  }

  /** The number, or what stands in its place, that was moved over last. */
  #lookAtNumber(memberStart: number, start: number, end: number): void {
    const { bytes } = this.#scan
    const isText = bytes[start] === QUOTE
    const digits = isText ? bytes.latin1Slice(start + 1, end - 1) : bytes.latin1Slice(start, end)
    if (NUMBER.test(digits)) {
      const number = numberOf(digits)
      if (!this.#mask.mayHoldNumber(number)) return
      const masked = (): string | undefined => {
        const clean = this.#mask.number(number)
        return clean === undefined ? undefined : `"stringValue":${JSON.stringify(clean)}`
      }
      this.#edits.push({ start: memberStart, end, text: masked })
    } else if (isText) this.#lookAt(start, end)
  }

  /** What is nested too deeply. */
  #empty(first: number): void {
    const scan = this.#scan
    const start = scan.at
    scan.skip()
    const masked = (): string => {
      this.#mask.whole('block')
      return first === OPEN_MAP ? '{}' : '[]'
    }
    this.#edits.push({ start, end: scan.at, text: masked })
  }
}

/** Whether a value has to be treated otherwise than it was. */
function isOther({ treatment, holdsText }: Treated, wanted: Treatment): boolean {
  const looked = treatment === undefined || treatment === 'look'
  return wanted !== treatment && !(looked && (wanted === 'look' || (wanted === 'secret' && !holdsText)))
}

/** Whether all of it are hexadecimal digits, as ids are, and most numbers. */
function isHex(bytes: Buffer, start: number, end: number): boolean {
  let at = start
  while (at < end && IS_HEX[bytes[at] ?? 0] === 1) at++
  return at === end
}

function viewedText(text: string): [source: ViewedBytes, start: number, end: number] {
  const bytes = Buffer.from(text)
  return [{ bytes, view: viewOf(bytes) }, 0, bytes.length]
}

function numberOf(digits: string): number | bigint {
  const number = Number(digits)
  return Number.isSafeInteger(number) || !INTEGER.test(digits) ? number : BigInt(digits)
}
