import * as z from 'zod'
import { deliveryKeys, optionalEndpoint } from '#src/config/sending.ts'

export const configSchema = z.strictObject({
  endpoint: optionalEndpoint().describe(
    'Where SigNoz takes in OTLP over HTTP, without `/v1/metrics`. Empty, and no `region`: off.',
  ),
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
  ...deliveryKeys,
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
