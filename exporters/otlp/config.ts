import * as z from 'zod'
import { deliveryKeys, optionalEndpoint } from '#src/config/sending.ts'

export const configSchema = z
  .strictObject({
    endpoint: optionalEndpoint().describe(
      'Where OTLP is taken in, without `/v1/traces`; with `https` the connection is encrypted. Empty: off.',
    ),
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
    ...deliveryKeys,
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
