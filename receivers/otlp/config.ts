import * as z from 'zod'
import { allowedHosts, bodySize, HOST_AND_PORT } from '#src/config/listening.ts'

// A socket's path may have 103 bytes on macOS, and it is made in a folder beside it first.
const UNIX_SOCKET = /^unix:\/[^\0]{1,90}$/

const tls = z.strictObject({
  cert_file: z.string().min(1).describe('PEM file with the certificate, and with those between it and its authority.'),
  key_file: z.string().min(1).describe("PEM file with the certificate's private key."),
  client_ca_file: z
    .string()
    .min(1)
    .optional()
    .describe('PEM file with authorities. With it, senders need a certificate that one of them has signed.'),
})

const auth = z.strictObject({
  bearer_token: z
    .string()
    .regex(/^[\x21-\x7e]+$/, 'expected a token of letters, digits and signs, without spaces')
    .describe('Senders must show it as `Authorization: Bearer …`. Take it from the environment.'),
})

const security = {
  tls: tls.optional().describe('Encrypts the connection. By default it is not encrypted.'),
  auth: auth.optional().describe('Who may send. By default everyone who reaches the endpoint.'),
}

const http = z.strictObject({
  endpoint: z
    .string()
    .refine((text) => HOST_AND_PORT.test(text) || (UNIX_SOCKET.test(text) && Buffer.byteLength(text) <= 96), {
      error: 'expected host:port, as 127.0.0.1:4328, or unix:/path with at most 91 bytes of path',
    })
    .default('127.0.0.1:4328')
    .describe('Where OTLP over HTTP is taken in: `/v1/traces`, `/v1/logs` and `/v1/metrics`.'),
  allowed_hosts: allowedHosts(),
  max_body_size: bodySize('64MiB').describe('Larger bodies are refused with 413, as they come over the wire.'),
  max_decompressed_size: bodySize('64MiB').describe('Bodies that become larger than this are refused with 413.'),
  ...security,
})

const grpc = z.strictObject({
  endpoint: z
    .string()
    .regex(HOST_AND_PORT, 'expected host:port, as 127.0.0.1:4327')
    .default('127.0.0.1:4327')
    .describe('Where OTLP over gRPC is taken in: traces, logs and metrics.'),
  max_recv_msg_size: bodySize('64MiB').describe(
    'Messages that are or become larger than this are refused with RESOURCE_EXHAUSTED.',
  ),
  ...security,
})

export const configSchema = z.strictObject({
  protocols: z
    .strictObject({
      http: http.optional().describe('OTLP over HTTP, in protobuf and JSON.'),
      grpc: grpc.optional().describe('OTLP over gRPC.'),
    })
    .refine((protocols) => protocols.http !== undefined || protocols.grpc !== undefined, {
      error: 'expected http, grpc or both, got neither',
    })
    .prefault({ http: {} })
    .describe('How telemetry comes in: what is named here listens; without `protocols` it is `http`.'),
  queue_size: bodySize('24MiB').describe(
    'Memory for what is being received and what waits; when it is full, 503 or UNAVAILABLE.',
  ),
})

export type Config = z.infer<typeof configSchema>
export type HttpConfig = NonNullable<Config['protocols']['http']>
export type GrpcConfig = NonNullable<Config['protocols']['grpc']>
export type TlsConfig = NonNullable<HttpConfig['tls']>
