const FIRST_MS = 500
const MAX_MS = 30_000
const FACTOR = 2

/** A server that asks for more patience than this is asked again all the same. */
const MAX_RETRY_AFTER_MS = 15 * 60_000

/**
 * How long to wait before a request is sent again: twice as long each time, less up to a half by chance, so that many
 * senders do not come back together.
 *
 * @param attempt 1 after the first failure
 * @param retryAfterMs what the other side asked for; it never gets less
 * @param random from 0 to 1
 */
export function backoffMs(attempt: number, retryAfterMs: number | undefined, random: number): number {
  const nominalMs = Math.min(MAX_MS, FIRST_MS * FACTOR ** (attempt - 1))
  return Math.max(nominalMs * (1 - random / 2), Math.min(retryAfterMs ?? 0, MAX_RETRY_AFTER_MS))
}
