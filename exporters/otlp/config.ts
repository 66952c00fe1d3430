import * as z from 'zod'
import { durationMs, sizeBytes } from '#src/config/units.ts'

const HTTP_URL = { protocol: /^https?$/, error: 'expected a URL such as http://127.0.0.1:4318' }
const MIN_QUEUE_BYTES = 2 ** 20

export const configSchema = z
  .strictObject({
    endpoint: z
      .union([z.literal(''), z.url(HTTP_URL)], { error: HTTP_URL.error })
      // What an unset variable gives.
      .nullable()
      .default('')
      .describe('Where OTLP is taken in, without `/v1/traces`; with `https` the connection is encrypted. Empty: off.'),
    protocol: z.enum(['http', 'grpc']).default('http').describe('What requests are sent over.'),
    encoding: z
      .enum(['as_received', 'json', 'protobuf'])
      .default('as_received')
      .describe('How requests over HTTP are encoded; `as_received`: as they came. gRPC has protobuf only.'),
    compression: z.enum(['none', 'gzip']).default('none').describe('How requests are compressed.'),
    headers: z
      .record(z.string().regex(/^[\w-]+$/, 'expected the name of a header'), z.string())
      .default({})
      .describe('Added to each request, as `signoz-ingestion-key`; values are to be taken from the environment.'),
    timeout: durationMs({ default: '10s' })
      .refine((ms) => ms > 0, { error: 'expected a duration above 0' })
      .describe('How long one attempt to send a request may take.'),
    queue_size: sizeBytes({ default: '256MiB' })
      .refine((bytes) => bytes >= MIN_QUEUE_BYTES, { error: 'expected a size of at least 1MiB' })
      .describe(
        'Room on disk for what waits, and as much for what was refused; when it is full, the oldest goes. At least `1MiB`.',
      ),
    redact: z
      .enum(['required', 'off'])
      .default('required')
      .describe('`off`: telemetry may go out with its secrets; otherwise a pipeline to here must have `redact`.'),
  })
  .refine(({ protocol, encoding }) => protocol === 'http' || encoding !== 'json', {
    path: ['encoding'],
    error: 'expected protobuf or as_received with gRPC, got json',
  })

export type Config = z.infer<typeof configSchema>
