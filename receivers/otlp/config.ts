import { z } from 'zod'
import { sizeBytes } from '#src/config/units.ts'

const MIB = 2 ** 20

/** A body becomes one text, and the engine's texts end at half a gigabyte. */
const MAX_BYTES = 256 * MIB

function bodySize(byDefault: string) {
  return sizeBytes({ default: byDefault }).refine((bytes) => bytes >= 1024 && bytes <= MAX_BYTES, {
    error: 'expected a size from 1KiB to 256MiB',
  })
}

const http = z.strictObject({
  endpoint: z
    .string()
    .regex(/^([^\s:]+|\[[0-9a-fA-F:]+\]):\d{1,5}$/, 'expected host:port, as 127.0.0.1:4328')
    .default('127.0.0.1:4328')
    .describe('Where OTLP over HTTP is taken in: `/v1/traces`, `/v1/logs` and `/v1/metrics`.'),
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
