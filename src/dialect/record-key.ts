import { hash } from 'node:crypto'
import type { Attributes, Span } from '../model/telemetry.ts'

/**
 * A digest that is the same for the same attributes in whatever order. Keys are kept on disk, and attributes may hold
 * prompts and mail addresses: the digest tells nothing of them.
 */
export function attributesKey(attributes: Attributes): string {
  return hash('sha256', textOf(inOrder(attributes)), 'base64url').slice(0, DIGEST_LENGTH)
}

/** Of a span without an id, what it holds tells it apart from others. */
export function spanKey({ traceId, spanId, name, startMs, endMs, attributes }: Span): string {
  if (spanId !== '') return traceId + spanId
  return `${traceId}:${attributesKey({ ...attributes, '': name })}:${startMs}:${endMs}`
}

function inOrder(attributes: Attributes): Attributes {
  const names = Object.keys(attributes)
  if (names.every((name, n) => n === 0 || (names[n - 1] ?? '') < name)) return attributes
  const ordered: Record<string, Attributes[string]> = {}
  for (const name of names.sort()) ordered[name] = attributes[name]
  return ordered
}

// A replacer makes it several times slower, and bigints are rare.
function textOf(attributes: Attributes): string {
  try {
    return JSON.stringify(attributes)
  } catch {
    return JSON.stringify(attributes, (_name, value: unknown) => (typeof value === 'bigint' ? String(value) : value))
  }
}

/** 22 characters are 132 bits. */
const DIGEST_LENGTH = 22
