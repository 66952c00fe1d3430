import { z } from 'zod'
import { bodySize, endpoint } from '#src/config/listening.ts'

const http = z.strictObject({
  endpoint: endpoint('127.0.0.1:4328').describe(
    'Where OTLP over HTTP is taken in: `/v1/traces`, `/v1/logs` and `/v1/metrics`.',
  ),
  max_body_size: bodySize('64MiB').describe('Larger bodies are refused with 413, as they come over the wire.'),
  max_decompressed_size: bodySize('64MiB').describe('Bodies that become larger than this are refused with 413.'),
  queue_size: bodySize('32MiB').describe('Memory for what is being received and what waits; when it is full, 503.'),
})

export const configSchema = z.strictObject({
  protocols: z
    .strictObject({ http: http.prefault({}).describe('OTLP over HTTP, in protobuf and JSON.') })
    .prefault({})
    .describe('How telemetry comes in.'),
})

export type Config = z.infer<typeof configSchema>
export type HttpConfig = Config['protocols']['http']
