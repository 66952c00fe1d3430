import * as z from 'zod'
import { durationMs, sizeBytes } from './units.ts'

const HTTP_URL = { protocol: /^https?$/, error: 'expected a URL such as http://127.0.0.1:4318' }

/** Smaller, a queue would have no room for usual requests. */
const MIN_QUEUE_BYTES = 2 ** 20

/** The keys with which an exporter is told how to deliver. */
export const deliveryKeys = {
  timeout: durationMs({ default: '10s' })
    .refine((ms) => ms > 0, { error: 'expected a duration above 0' })
    .describe('How long one attempt to send a request may take.'),
  queue_size: sizeBytes({ default: '256MiB' })
    .refine((bytes) => bytes >= MIN_QUEUE_BYTES, { error: 'expected a size of at least 1MiB' })
    .describe(
      'Room on disk for what waits, and as much for what was refused; when it is full, the oldest goes. At least `1MiB`.',
    ),
} as const

/** Schema of where something is sent; empty, or what an unset variable gives: nowhere. */
export function optionalEndpoint() {
  return z
    .union([z.literal(''), z.url(HTTP_URL)], { error: HTTP_URL.error })
    .nullable()
    .default('')
}
