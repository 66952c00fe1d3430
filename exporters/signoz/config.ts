import * as z from 'zod'
import { durationMs, sizeBytes } from '#src/config/units.ts'

const HTTP_URL = { protocol: /^https?$/, error: 'expected a URL such as http://127.0.0.1:4318' }
const MIN_QUEUE_BYTES = 2 ** 20

export const configSchema = z.strictObject({
  endpoint: z
    .union([z.literal(''), z.url(HTTP_URL)], { error: HTTP_URL.error })
    // What an unset variable gives.
    .nullable()
    .default('')
    .describe('Where SigNoz takes in OTLP over HTTP, without `/v1/metrics`. Empty, and no `region`: off.'),
  region: z
    .string()
    .regex(/^[a-z0-9-]+$/, 'expected a region of SigNoz Cloud, as us, eu or in')
    .optional()
    .describe(
      'Region of SigNoz Cloud (`us`, `eu`, `in`), instead of `endpoint`: `https://ingest.{region}.signoz.cloud`.',
    ),
  ingestion_key: z
    .string()
    .nullable()
    .default('')
    .describe('Key of SigNoz Cloud; to be taken from the environment (SIGNOZ_INGESTION_KEY). Self-hosted: none.'),
  encoding: z.enum(['json', 'protobuf']).default('json').describe('How requests are encoded.'),
  compression: z.enum(['none', 'gzip']).default('none').describe('How request bodies are compressed.'),
  timeout: durationMs({ default: '10s' })
    .refine((ms) => ms > 0, { error: 'expected a duration above 0' })
    .describe('How long one attempt to send a request may take.'),
  queue_size: sizeBytes({ default: '256MiB' })
    .refine((bytes) => bytes >= MIN_QUEUE_BYTES, { error: 'expected a size of at least 1MiB' })
    .describe(
      'Room on disk for what waits, and as much for what was refused; when it is full, the oldest goes. At least `1MiB`.',
    ),
  session_records: z
    .boolean()
    .default(true)
    .describe(
      'Send a log record `agent.session` for each revision of a session, with its id and all numbers, to drill down.',
    ),
  environment: z
    .string()
    .default('')
    .describe(
      'Value of the resource attributes `deployment.environment` and `deployment.environment.name`; empty: none.',
    ),
})

export type Config = z.infer<typeof configSchema>
