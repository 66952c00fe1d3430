import { type DecodedRequest, decodeJsonRequest } from './decode-json.ts'
import { jsonExcess, MAX_UNCHECKED_BYTES } from './json-excess.ts'
import { takesMoreThan } from './json-memory.ts'
import { SharedTexts } from './shared-texts.ts'
import { readUsualJson } from './usual-json.ts'

/** A number that may have more digits than a double keeps. It also finds some texts, which only takes longer. */
const LONG_NUMBER = /[:[,]\s*-?[0-9][0-9.]{14,}/

/** A whole number in any form; its fraction is zeros. */
const WHOLE = /^(-?[0-9]+)(?:\.0+)?$/

/** The fields where every digit counts. */
const INTEGERS: ReadonlySet<string> = new Set(['intValue', 'asInt'])

/** So many digits every number holds exactly. */
const EXACT_DIGITS = 15

/** So much memory `JSON.parse` may take for one request. What is written as senders write it, is not given to it. */
const MAX_PARSED_BYTES = 64 * 2 ** 20
/** So many times as much where the engine keeps how each number was written. */
const SOURCES_FACTOR = 4
const SMALLER_OR_USUAL = `OTLP/JSON as SDKs write it, or what takes at most ${MAX_PARSED_BYTES} bytes of memory parsed`

/**
 * Decodes the body of an OTLP/JSON request, as {@link decodeJsonRequest}; integers beyond 2^53 are exact also where
 * they are written as numbers. Bytes that are no UTF-8 get U+FFFD in their place.
 */
export function decodeJsonBody(body: Buffer, texts = new SharedTexts()): DecodedRequest {
  const excess = jsonExcess(body)
  if (excess !== undefined) return { ok: false, error: { path: '', expected: excess, got: 'more' } }
  return readUsualJson(body, texts) ?? decodeAnyJson(body)
}

/** As {@link decodeJsonBody}, for a body that is written in any way: it takes three times as long. */
export function decodeAnyJson(body: Buffer): DecodedRequest {
  const isLarge = body.length > MAX_UNCHECKED_BYTES
  if (isLarge && takesMoreThan(MAX_PARSED_BYTES, body)) return tooMuchMemory()
  let request: unknown
  try {
    const text = body.utf8Slice(0, body.length)
    const isLong = LONG_NUMBER.test(text)
    if (isLong && isLarge && takesMoreThan(MAX_PARSED_BYTES / SOURCES_FACTOR, body)) return tooMuchMemory()
    request = isLong ? JSON.parse(text, withAllDigits) : JSON.parse(text)
  } catch {
    // The engine's message quotes the text.
    return { ok: false, error: { path: '', expected: 'JSON', got: 'text that is none' } }
  }
  return decodeJsonRequest(request)
}

function tooMuchMemory(): DecodedRequest {
  return { ok: false, error: { path: '', expected: SMALLER_OR_USUAL, got: 'other' } }
}

/** Makes text of an integer that its number may have rounded. Typed by hand: the engine knows the last argument. */
function withAllDigits(name: string, value: unknown, { source = '' }: { readonly source?: string } = {}): unknown {
  if (typeof value !== 'number' || source.length <= EXACT_DIGITS || !INTEGERS.has(name)) return value
  // With an exponent it is as exact as a double is.
  return /[eE]/.test(source) ? value : (WHOLE.exec(source)?.[1] ?? source)
}
