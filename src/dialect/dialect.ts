import type { Observation } from '../model/activity.ts'
import type { Attributes, AttributeValue, LogRecord, Span, Telemetry } from '../model/telemetry.ts'
import type { Fact, SourceKind } from './trust-order.ts'

/** What a dialect makes of a telemetry item that it recognises. */
export type Reading =
  | { readonly kind: 'observed'; readonly observation: Observation }
  /** Understood, and of no use for KPIs. */
  | { readonly kind: 'ignored'; readonly reason: string }
  /** From a source that the dialect knows, under a name that it does not. */
  | { readonly kind: 'unknown'; readonly name: string }

/** Telemetry of one sort from one emitter, as trust distinguishes it. */
export interface Source {
  /** In ledgers and evidence, and in the observations that come from it. */
  readonly name: string
  readonly kind: SourceKind
  /** What it can tell. What it does not name here counts only where it carries an id. */
  readonly tells: readonly Fact[]
}

/** Knows one emitter's names and reads its telemetry into activities. */
export interface Dialect {
  readonly sources: readonly Source[]
  /** @returns `undefined` when the item is not of these sources */
  read(item: Telemetry): Reading | undefined
}

/** The attributes of an item, of which only those under these names are needed. */
export function excerptOf(item: Span | LogRecord, names: ReadonlySet<string>): Attributes {
  return item.excerpt?.(names) ?? item.attributes
}

/** Names of one fact, the current one first: the first that is present wins, even when it is `false`. */
export type Aliases = readonly string[]

export function pick(attributes: Attributes, aliases: Aliases): AttributeValue | undefined {
  for (const name of aliases) {
    const value = attributes[name]
    if (value !== undefined && value !== null) return value
  }
  return undefined
}

/** Longer names are cut: they come from outside, and stand in ledger lines. */
const MAX_TEXT_LENGTH = 300

/** A non-empty string, or a number as text; at most 300 characters. */
export function asText(value: AttributeValue | undefined): string | undefined {
  if (typeof value === 'string') {
    if (value.length > MAX_TEXT_LENGTH) return value.slice(0, MAX_TEXT_LENGTH)
    return value === '' ? undefined : value
  }
  return typeof value === 'number' || typeof value === 'bigint' ? String(value) : undefined
}

/** A finite number, also where the sender wrote it as text. */
export function asNumber(value: AttributeValue | undefined): number | undefined {
  if (typeof value === 'number') return Number.isFinite(value) ? value : undefined
  if (typeof value === 'bigint') return Number(value)
  if (typeof value !== 'string' || value.trim() === '') return undefined
  const number = Number(value)
  return Number.isFinite(number) ? number : undefined
}

/** A boolean, also where the sender wrote it as text. */
export function asBoolean(value: AttributeValue | undefined): boolean | undefined {
  if (typeof value === 'boolean') return value
  if (value === 'true') return true
  return value === 'false' ? false : undefined
}

/** What {@link asText} makes of a fact. */
export function pickText(attributes: Attributes, aliases: Aliases): string | undefined {
  return asText(pick(attributes, aliases))
}

/** What {@link asNumber} makes of a fact. */
export function pickNumber(attributes: Attributes, aliases: Aliases): number | undefined {
  return asNumber(pick(attributes, aliases))
}

/** What {@link asBoolean} makes of a fact. */
export function pickBoolean(attributes: Attributes, aliases: Aliases): boolean | undefined {
  return asBoolean(pick(attributes, aliases))
}
