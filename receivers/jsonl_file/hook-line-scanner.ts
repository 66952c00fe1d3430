import { isAscii } from 'node:buffer'
import { ExcerptedSpan, type WholeLine } from '#src/dialect/excerpted-span.ts'
import { HOOK_SPAN_NAMES } from '#src/dialect/hook-span-names.ts'
import { isKnownHookSpan } from '#src/dialect/hook-spans.ts'
import type { Attributes, AttributeValue, Resource, SpanStatus } from '#src/model/telemetry.ts'
import { isPlausible } from '#src/otlp/plausible-time.ts'
import type { Json } from '#src/store/store.ts'
import { ByteCursor } from './byte-cursor.ts'
import { InternedTexts } from './interned-texts.ts'
import { isObject } from './json.ts'
import type { LineContext } from './line-context.ts'
import { hrTimeMs } from './line-time.ts'
import { isAt, type Literal, literalOf } from './literal.ts'

const QUOTE = 0x22
const COMMA = 0x2c
const COLON = 0x3a
const CLOSING_BRACE = 0x7d

// A line as hooks of all eras write it: `JSON.stringify` of an object with these keys in this order.
const TRACE_ID = literalOf(Buffer.from('{"traceId":"'))
const SPAN_ID = literalOf(Buffer.from(',"spanId":"'))
const NAME = literalOf(Buffer.from(',"name":"'))
const KIND = literalOf(Buffer.from(',"kind":'))
const START_TIME = literalOf(Buffer.from(',"startTime":['))
const END_TIME = literalOf(Buffer.from('],"endTime":['))
const DURATION = literalOf(Buffer.from('],"duration":['))
const STATUS = literalOf(Buffer.from('],"status":{"code":'))
const ATTRIBUTES = literalOf(Buffer.from('},"attributes":{'))
const RESOURCE = literalOf(Buffer.from(',"events":[],"links":[],"resource":'))

const STATUSES: readonly SpanStatus[] = ['unset', 'ok', 'error']

/** The attributes of which values are read. */
const EXCERPT: ReadonlySet<string> = new Set<string>(Object.values(HOOK_SPAN_NAMES).flat())

/** Attribute names of spans of one name; one with more leaves its lines to the parser. */
const MAX_KEYS = 500

/** A value that was another one so often in a row is not expected again. */
const MAX_MISSES = 8
const MAX_REPEATED_BYTES = 200

/** An attribute's name, and which one came after it the last time: it nearly always does again. */
interface Key {
  readonly name: string
  /** `"name":` */
  readonly literal: Literal
  readonly inExcerpt: boolean
  next: Key | undefined
  /** Its last value, a text with its quotes, where nobody looks at it and it is likely to come again. */
  repeated: Literal | undefined
  /** How often in a row another value came. */
  misses: number
}

/** A span's name, and the attributes of such spans. */
interface SpanName {
  readonly name: string
  readonly keys: Map<string, Key>
  /** Stands before the first key. */
  readonly start: Key
}

/**
 * Reads hook spans from the bytes of their lines, in little more than half of the time that parsing takes: text is compared with
 * what was seen before, and values that nobody looks at are stepped over. What is not as hooks write it, or needs decoding, is
 * left to the parser, which gives the same span.
 */
export class HookLineScanner {
  readonly #cursor = new ByteCursor()
  readonly #texts = new InternedTexts()
  readonly #names = new Map<string, SpanName>()
  #resourceLiteral = literalOf(Buffer.alloc(0))
  #resource: Resource = { attributes: {} }

  /**
   * @param end where the line feed stands
   * @returns `undefined` when the line must be parsed
   */
  scan(bytes: Buffer, start: number, end: number, { origins, latestMs }: LineContext): ExcerptedSpan | undefined {
    const cursor = this.#cursor
    cursor.open(bytes, start)
    if (!(cursor.literal(TRACE_ID) && cursor.text() && cursor.to > cursor.from)) return undefined
    const traceIdEnd = cursor.to
    if (!(cursor.literal(SPAN_ID) && cursor.text())) return undefined
    const spanIdStart = cursor.from
    const spanIdEnd = cursor.to
    if (!(cursor.literal(NAME) && cursor.text())) return undefined
    const spanName = this.#spanName()
    if (spanName === undefined || !(cursor.literal(KIND) && cursor.digits())) return undefined
    const startMs = this.#time(START_TIME)
    const endMs = this.#time(END_TIME)
    // An end of 0 is made of start and duration.
    if (!(isPlausible(startMs, latestMs) && isPlausible(endMs, latestMs))) return undefined
    if (Number.isNaN(this.#time(DURATION)) || !(cursor.literal(STATUS) && cursor.digits())) return undefined
    const status = STATUSES[cursor.integer]
    if (status === undefined || !cursor.literal(ATTRIBUTES)) return undefined
    const excerpt = this.#excerpt(spanName)
    if (excerpt === undefined || !cursor.literal(RESOURCE)) return undefined
    const resource = this.#resourceUntil(end, origins)
    if (resource === undefined) return undefined
    return new ExcerptedSpan({
      spanId: bytes.latin1Slice(spanIdStart, spanIdEnd),
      name: spanName.name,
      startMs,
      endMs: Math.max(startMs, endMs),
      status,
      excerpt,
      line: new ScannedLine(bytes, start, traceIdEnd, end),
      resource,
      scope: origins.scopeOf({}),
    })
  }

  #spanName(): SpanName | undefined {
    const { bytes, view, from, to } = this.#cursor
    const name = this.#texts.text(bytes, view, from, to)
    const known = this.#names.get(name)
    if (known !== undefined || !isKnownHookSpan(name)) return known
    const spanName = { name, keys: new Map(), start: keyOf('') }
    this.#names.set(name, spanName)
    return spanName
  }

  /** @param before what stands before its seconds @returns NaN when there is no such time */
  #time(before: Literal): number {
    const cursor = this.#cursor
    if (!(cursor.literal(before) && cursor.digits())) return Number.NaN
    const seconds = cursor.integer
    return cursor.byte(COMMA) && cursor.digits() ? hrTimeMs(seconds, cursor.integer) : Number.NaN
  }

  #excerpt(spanName: SpanName): Attributes | undefined {
    const cursor = this.#cursor
    const excerpt: Record<string, AttributeValue> = {}
    if (cursor.byte(CLOSING_BRACE)) return excerpt
    for (let key = this.#keyAfter(spanName.start, spanName); key !== undefined; key = this.#keyAfter(key, spanName)) {
      if (key.inExcerpt) {
        const kind = cursor.scalar()
        if (kind === 'none') return undefined
        excerpt[key.name] = this.#value(kind)
      } else if (!this.#pass(key)) return undefined
      if (!cursor.byte(COMMA)) return cursor.byte(CLOSING_BRACE) ? excerpt : undefined
    }
    return undefined
  }

  #keyAfter(previous: Key, spanName: SpanName): Key | undefined {
    const cursor = this.#cursor
    if (previous.next !== undefined && cursor.literal(previous.next.literal)) return previous.next
    if (!(cursor.byte(QUOTE) && cursor.text() && cursor.byte(COLON))) return undefined
    const { keys } = spanName
    const name = this.#texts.text(cursor.bytes, cursor.view, cursor.from, cursor.to)
    const key = keys.get(name) ?? keyOf(name)
    if (keys.size >= MAX_KEYS && !keys.has(name)) return undefined
    keys.set(name, key)
    previous.next = key
    return key
  }

  /** Steps over a value that nobody looks at. Folders and branches are mostly those of the line before. */
  #pass(key: Key): boolean {
    const cursor = this.#cursor
    if (key.repeated !== undefined && cursor.literal(key.repeated)) {
      key.misses = 0
      return true
    }
    const { bytes, at } = cursor
    const kind = cursor.scalar()
    const short = cursor.at - at <= MAX_REPEATED_BYTES
    if (key.misses < MAX_MISSES && kind === 'text' && short) {
      key.misses++
      key.repeated = literalOf(bytes.subarray(at, cursor.at))
    } else key.repeated = undefined
    return kind !== 'none'
  }

  #value(kind: 'text' | 'integer' | 'number' | 'true' | 'false' | 'null'): AttributeValue {
    const { bytes, view, from, to, integer } = this.#cursor
    switch (kind) {
      case 'text':
        return this.#texts.text(bytes, view, from, to)
      case 'integer':
        return integer
      case 'number':
        return Number(bytes.latin1Slice(from, to))
      case 'null':
        return null
      default:
        return kind === 'true'
    }
  }

  /** The resource is the last thing of a line, and nearly always that of the line before. */
  #resourceUntil(end: number, origins: LineContext['origins']): Resource | undefined {
    const { bytes, view, at } = this.#cursor
    const known = this.#resourceLiteral
    if (at + known.length === end && isAt(view, at, known)) return this.#resource
    const found = bytes.subarray(at, end)
    const resource = isAscii(found) && found.at(-1) === CLOSING_BRACE ? parseObject(found.subarray(0, -1)) : undefined
    if (resource === undefined) return undefined
    this.#resource = origins.resourceOf({ resource })
    this.#resourceLiteral = literalOf(found)
    return this.#resource
  }
}

function keyOf(name: string): Key {
  return {
    name,
    literal: literalOf(Buffer.from(`"${name}":`)),
    inExcerpt: EXCERPT.has(name),
    next: undefined,
    repeated: undefined,
    misses: 0,
  }
}

function parseObject(bytes: Buffer): { readonly [key: string]: Json } | undefined {
  try {
    const value: Json = JSON.parse(bytes.latin1Slice(0, bytes.length))
    return isObject(value) ? value : undefined
  } catch {
    return undefined
  }
}

/** Where a line stands that was scanned. */
class ScannedLine implements WholeLine {
  readonly #bytes: Buffer
  readonly #start: number
  readonly #traceIdEnd: number
  readonly #end: number

  constructor(bytes: Buffer, start: number, traceIdEnd: number, end: number) {
    this.#bytes = bytes
    this.#start = start
    this.#traceIdEnd = traceIdEnd
    this.#end = end
  }

  traceId(): string {
    return this.#bytes.latin1Slice(this.#start + TRACE_ID.length, this.#traceIdEnd)
  }

  attributes(): Attributes {
    const line: { readonly attributes: Attributes } = JSON.parse(this.#bytes.latin1Slice(this.#start, this.#end))
    return line.attributes
  }
}
