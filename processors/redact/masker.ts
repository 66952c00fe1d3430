import { starPattern } from '#src/config/star-pattern.ts'
import type { Attributes, AttributeValue, Resource, Scope, Telemetry } from '#src/model/telemetry.ts'
import type { KeyMask, RequestMask, Treatment, ViewedBytes } from '#src/otlp/request-mask.ts'
import { MAX_SHARED_BYTES, TextTable } from '#src/otlp/text-table.ts'
import { isCardNumber } from './card-numbers.ts'
import type { Config } from './config.ts'
import { customDetector } from './custom-patterns.ts'
import { type Detector, maskOf } from './detector.ts'
import { DETECTORS } from './detectors.ts'
import { HarmlessTexts } from './harmless-texts.ts'
import { mayHoldSecret } from './hints.ts'

const BLOCKED = 'blocked'
const SECRET = 'secret'
const CARD = 'card'

/** Keys whose texts are secrets by what they are called; `input_tokens` is none. */
const SECRET_KEY =
  /(?:^|[._\-\s])(?:pass(?:word|wd|phrase)?|pwd|secret|token|api[_-]?key|access[_-]?key|secret[_-]?key|private[_-]?key|authorization|proxy-authorization|cookie|set-cookie|credentials?)$/i
/** As the environment has them. */
const SECRET_VARIABLE = /^[A-Z][A-Z0-9_]*_KEY$/
const HUMP = /[a-z\d][A-Z]/

/** Shorter texts hold no secret of any kind. */
const MIN_LENGTH = 5

/** The same short texts come again and again: so many are remembered that hold no secret, up to this length. */
const MAX_REMEMBERED = 20_000
const MAX_REMEMBERED_LENGTH = 128

/** Keys come again and again, some hundreds of them. */
const KEYS_BITS = 11

/** Masks secrets in telemetry. What holds none is handed back as the very same object. */
export class Masker implements RequestMask {
  readonly #detectors: readonly Detector[]
  readonly #hasOwnPatterns: boolean
  readonly #findsSecrets: boolean
  readonly #findsCards: boolean
  readonly #blocked: (key: string) => boolean
  readonly #allowed: (key: string) => boolean
  readonly #onMasked: (kind: string, count: number) => void
  readonly #resources = new WeakMap<Resource, Resource>()
  readonly #scopes = new WeakMap<Scope, Scope>()
  readonly #harmless = new Set<string>()
  readonly #harmlessBytes = new HarmlessTexts()
  readonly #keyMasks = new Map<string, KeyMask>()
  readonly #treatments = new Map<string, Treatment>()
  readonly #keys = new TextTable(KEYS_BITS)

  /** @param onMasked told of what was masked, by kind */
  constructor({ kinds, block, allow, patterns }: Config, onMasked: (kind: string, count: number) => void) {
    const custom = Object.entries(patterns).map(([kind, source]) => customDetector(kind, source))
    this.#detectors = [...DETECTORS.filter(({ kind }) => kinds.includes(kind)), ...custom]
    this.#hasOwnPatterns = custom.length > 0
    this.#findsSecrets = kinds.includes(SECRET)
    this.#findsCards = kinds.includes(CARD)
    this.#blocked = anyOf(block)
    this.#allowed = anyOf(allow)
    this.#onMasked = onMasked
  }

  mask(item: Telemetry): Telemetry {
    const attributes = this.#attributes(item.attributes)
    const resource = this.#resource(item.resource)
    const scope = this.#scope(item.scope)
    const same = attributes === item.attributes && resource === item.resource && scope === item.scope
    if (item.kind === 'log') {
      const eventName = item.eventName === undefined ? undefined : this.#text(item.eventName)
      const body = item.body === undefined ? undefined : this.#value(item.body)
      if (same && eventName === item.eventName && body === item.body) return item
      const { traceId, spanId } = item
      return {
        ...item,
        traceId,
        spanId,
        attributes,
        resource,
        scope,
        ...(eventName === undefined ? {} : { eventName }),
        ...(body === undefined ? {} : { body }),
      }
    }
    const name = this.#text(item.name)
    if (same && name === item.name) return item
    const masked = { attributes, resource, scope, name }
    if (item.kind === 'metric') return { ...item, ...masked }
    const { traceId, spanId } = item
    return { ...item, traceId, spanId, ...masked }
  }

  mayHold({ bytes, view }: ViewedBytes, start: number, end: number): boolean {
    if (end - start < MIN_LENGTH || this.#harmlessBytes.has(view, start, end)) return false
    if (this.#hasOwnPatterns || mayHoldSecret(bytes, start, end)) return true
    this.#harmlessBytes.keep(view, start, end)
    return false
  }

  text(text: string): string {
    return this.#text(text)
  }

  mayHoldNumber(value: number | bigint): boolean {
    return this.#findsCards && value > 1e12 && (typeof value === 'bigint' || Number.isSafeInteger(value))
  }

  number(value: number | bigint): string | undefined {
    const masked = this.#number(value)
    return typeof masked === 'string' ? masked : undefined
  }

  key({ bytes, view }: ViewedBytes, start: number, end: number): KeyMask {
    const isShort = end - start <= MAX_SHARED_BYTES
    const key = isShort ? this.#keys.read(bytes, view, start, end) : bytes.utf8Slice(start, end)
    const known = this.#keyMasks.get(key)
    if (known !== undefined) return known
    const mask = {
      treatment: this.#treatmentOf(key),
      mayHold: this.#hasOwnPatterns || mayHoldSecret(bytes, start, end),
    }
    if (this.#keyMasks.size >= MAX_REMEMBERED) this.#keyMasks.clear()
    if (key.length <= MAX_REMEMBERED_LENGTH) this.#keyMasks.set(key, mask)
    return mask
  }

  whole(treatment: 'secret' | 'block'): string {
    return this.#masked(treatment === 'block' ? BLOCKED : SECRET)
  }

  #treatment(key: string): Treatment {
    const known = this.#treatments.get(key)
    if (known !== undefined) return known
    const treatment = this.#treatmentOf(key)
    if (this.#treatments.size >= MAX_REMEMBERED) this.#treatments.clear()
    if (key.length <= MAX_REMEMBERED_LENGTH) this.#treatments.set(key, treatment)
    return treatment
  }

  #treatmentOf(key: string): Treatment {
    if (this.#allowed(key)) return 'leave'
    if (this.#blocked(key)) return 'block'
    return this.#findsSecrets && isSecretKey(key) ? 'secret' : 'look'
  }

  /** Shared by all items of one origin, and looked at once. */
  #resource(resource: Resource): Resource {
    const known = this.#resources.get(resource)
    if (known !== undefined) return known
    const attributes = this.#attributes(resource.attributes)
    const masked = attributes === resource.attributes ? resource : { ...resource, attributes }
    this.#resources.set(resource, masked)
    return masked
  }

  #scope(scope: Scope): Scope {
    const known = this.#scopes.get(scope)
    if (known !== undefined) return known
    const name = this.#text(scope.name)
    const masked = name === scope.name ? scope : { ...scope, name }
    this.#scopes.set(scope, masked)
    return masked
  }

  #attributes<T extends AttributeValue | undefined>(
    attributes: Readonly<Record<string, T>>,
  ): Readonly<Record<string, T | AttributeValue>>
  #attributes(attributes: Attributes): Attributes {
    let changed = false
    const entries = Object.entries(attributes).map(([key, value]): [string, AttributeValue | undefined] => {
      if (value === undefined || this.#treatment(key) === 'leave') return [key, value]
      const masked = this.#keyedValue(key, value)
      // A key may be data too, in maps by address or by user.
      const maskedKey = this.#text(key)
      if (masked !== value || maskedKey !== key) changed = true
      return [maskedKey, masked]
    })
    return changed ? distinct(entries) : attributes
  }

  #keyedValue(key: string, value: AttributeValue): AttributeValue {
    const treatment = this.#treatment(key)
    if (treatment === 'block' || (treatment === 'secret' && isText(value))) return this.whole(treatment)
    return this.#value(value)
  }

  #value(value: AttributeValue): AttributeValue {
    if (typeof value === 'string') return this.#text(value)
    if (typeof value === 'number' || typeof value === 'bigint') return this.#number(value)
    if (typeof value !== 'object' || value === null) return value
    if (value instanceof Uint8Array) return this.#bytes(value)
    if (isList(value)) return this.#list(value)
    return this.#attributes(value)
  }

  #list(values: readonly AttributeValue[]): readonly AttributeValue[] {
    const masked = values.map((value) => this.#value(value))
    return masked.some((value, index) => value !== values[index]) ? masked : values
  }

  #number(value: number | bigint): AttributeValue {
    return this.mayHoldNumber(value) && isCardNumber(String(value)) ? this.#masked(CARD) : value
  }

  /** Bytes may be text: one that holds a secret is masked as such. */
  #bytes(bytes: Uint8Array): Uint8Array {
    const text = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('utf8')
    const masked = this.#text(text)
    return masked === text ? bytes : Buffer.from(masked)
  }

  #text(text: string): string {
    if (text.length < MIN_LENGTH || this.#harmless.has(text)) return text
    let masked = text
    for (const detector of this.#detectors) {
      const found = detector.mask(masked)
      if (found.count === 0) continue
      masked = found.text
      this.#onMasked(detector.kind, found.count)
    }
    if (masked === text && text.length <= MAX_REMEMBERED_LENGTH) {
      if (this.#harmless.size >= MAX_REMEMBERED) this.#harmless.clear()
      this.#harmless.add(text)
    }
    return masked
  }

  #masked(kind: string): string {
    this.#onMasked(kind, 1)
    return maskOf(kind)
  }
}

/** Whether a key fits one of some patterns with `*`. */
function anyOf(patterns: readonly string[]): (key: string) => boolean {
  const fits = patterns.map(starPattern)
  return (key) => fits.some((each) => each(key))
}

function isSecretKey(key: string): boolean {
  return SECRET_KEY.test(key) || SECRET_VARIABLE.test(key) || (HUMP.test(key) && SECRET_KEY.test(withoutHumps(key)))
}

/** `clientSecret` as `client_Secret`. */
function withoutHumps(key: string): string {
  return key.replace(/([a-z\d])([A-Z])/g, '$1_$2')
}

/** Keys that are masked alike get numbers: each keeps its value. */
function distinct(
  entries: readonly (readonly [string, AttributeValue | undefined])[],
): Record<string, AttributeValue | undefined> {
  const taken = new Map<string, AttributeValue | undefined>()
  const numbers = new Map<string, number>()
  for (const [key, value] of entries) {
    let name = key
    for (let n = numbers.get(key) ?? 2; taken.has(name); n++) {
      name = `${key} ${n}`
      numbers.set(key, n + 1)
    }
    taken.set(name, value)
  }
  return Object.fromEntries(taken)
}

/** Whether a value is text or bytes, or a list with some. */
function isText(value: AttributeValue): boolean {
  return typeof value === 'string' || value instanceof Uint8Array || (isList(value) && value.some(isText))
}

function isList(value: AttributeValue): value is readonly AttributeValue[] {
  return Array.isArray(value)
}
