import { readPartialSuccess } from '../otlp/partial-success.ts'

/** What became of one attempt to send a request. */
export type SendOutcome =
  | {
      readonly kind: 'delivered'
      readonly status: number
      /** Items that the other side did not take. */
      readonly rejected: number
      readonly message: string
      /** False when the other side said yes with a body that nobody understands. */
      readonly understood: boolean
    }
  | {
      readonly kind: 'retry'
      /** A word: an error's code, `timeout`, `status_503`. */
      readonly reason: string
      readonly status?: number
      readonly message?: string
      readonly retryAfterMs?: number
    }
  /** Sending the same again would give the same. */
  | { readonly kind: 'refused'; readonly status: number; readonly message: string }

export interface Answer {
  readonly status: number
  readonly contentType: string
  readonly retryAfter: string | undefined
  readonly body: Buffer
}

const MAX_MESSAGE_LENGTH = 300

/** OTLP's own list, and 408, which says the same. */
const RETRYABLE: ReadonlySet<number> = new Set([408, 429, 502, 503, 504])

/**
 * Not the request but the address or the key is wrong: what waits is still good when somebody has corrected them.
 */
const MISCONFIGURED: ReadonlySet<number> = new Set([401, 403, 404, 405, 407])

/** Reads an answer to OTLP over HTTP. */
export function outcomeOf(answer: Answer, nowMs: number): SendOutcome {
  const { status, contentType, retryAfter, body } = answer
  if (status >= 200 && status < 300) return readSuccess(answer)
  const message = messageOf(contentType, body)
  if (!RETRYABLE.has(status) && !MISCONFIGURED.has(status) && status >= 400) return { kind: 'refused', status, message }
  const retryAfterMs = readRetryAfter(retryAfter, nowMs)
  return {
    kind: 'retry',
    reason: `status_${status}`,
    status,
    message,
    ...(retryAfterMs !== undefined && { retryAfterMs }),
  }
}

function readSuccess({ status, contentType, body }: Answer): SendOutcome {
  // A web page says yes to everything, as SigNoz's own at its port 8080.
  if (/text\/html/i.test(contentType)) return { kind: 'retry', reason: 'web_page', status, message: '' }
  const partial = readPartialSuccess(contentType, body)
  return {
    kind: 'delivered',
    status,
    rejected: partial?.rejected ?? 0,
    message: cut(partial?.message ?? ''),
    understood: partial !== undefined,
  }
}

/** @returns milliseconds to wait; `undefined` when the header says nothing */
export function readRetryAfter(header: string | undefined, nowMs: number): number | undefined {
  if (header === undefined) return undefined
  if (/^\s*\d+\s*$/.test(header)) return Number(header) * 1000
  const atMs = Date.parse(header)
  return Number.isNaN(atMs) ? undefined : Math.max(0, atMs - nowMs)
}

function messageOf(contentType: string, body: Buffer): string {
  // A protobuf Status: its text is not worth a decoder.
  if (/protobuf|html/i.test(contentType)) return ''
  const text = body.toString('utf8')
  try {
    const parsed: unknown = JSON.parse(text)
    if (typeof parsed === 'object' && parsed !== null && 'message' in parsed) return cut(String(parsed.message))
  } catch {
    // Plain text, then.
  }
  return cut(text)
}

function cut(text: string): string {
  return text.replace(/\s+/g, ' ').trim().slice(0, MAX_MESSAGE_LENGTH)
}
