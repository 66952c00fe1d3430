import { execFileSync } from 'node:child_process'
import { join } from 'node:path'
import {
  type ChannelCredentials,
  type ChannelOptions,
  Client,
  credentials,
  Metadata,
  type ServiceError,
  status,
} from '@grpc/grpc-js'
import { onTestFinished } from 'vitest'
import type { OtlpSignal } from '#src/otlp/decode-protobuf.ts'
import { temporaryFolder } from './receiver.fixture.ts'

export const METHODS: Readonly<Record<OtlpSignal, string>> = {
  traces: '/opentelemetry.proto.collector.trace.v1.TraceService/Export',
  logs: '/opentelemetry.proto.collector.logs.v1.LogsService/Export',
  metrics: '/opentelemetry.proto.collector.metrics.v1.MetricsService/Export',
}

/** What a call was answered with. */
export interface GrpcAnswer {
  readonly code: number
  readonly details: string
  /** Of the answer that a call without an error has. */
  readonly body: Buffer | undefined
  /** `google.rpc.Status` with its details, where there is one. */
  readonly richStatus: Buffer | undefined
}

/** A client that sends bytes; it is closed when the test is over. */
export function grpcClient(
  url: string,
  channel: ChannelCredentials = credentials.createInsecure(),
  options: ChannelOptions = {},
): Client {
  const client = new Client(new URL(url).host, channel, options)
  onTestFinished(() => client.close())
  return client
}

export function callGrpc(
  client: Client,
  method: string,
  body: Uint8Array,
  headers: Readonly<Record<string, string>> = {},
): Promise<GrpcAnswer> {
  const { promise, resolve } = Promise.withResolvers<GrpcAnswer>()
  const metadata = new Metadata()
  for (const [name, value] of Object.entries(headers)) metadata.set(name, value)
  client.makeUnaryRequest(
    method,
    (bytes: Buffer) => bytes,
    (bytes: Buffer) => bytes,
    Buffer.from(body),
    metadata,
    (error: ServiceError | null, answer?: Buffer) => {
      const rich = error?.metadata.get('grpc-status-details-bin')[0]
      resolve({
        code: error?.code ?? status.OK,
        details: error?.details ?? '',
        body: answer,
        richStatus: typeof rich === 'string' ? Buffer.from(rich) : rich,
      })
    },
  )
  return promise
}

/** A self-signed certificate of this machine's address, with its key. */
export async function selfSigned(): Promise<{ readonly cert: string; readonly key: string }> {
  const folder = await temporaryFolder()
  const [cert, key] = [join(folder, 'cert.pem'), join(folder, 'key.pem')]
  execFileSync(
    'openssl',
    [
      ...['req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes', '-days', '2'],
      ...['-subj', '/CN=agentperf test', '-addext', 'subjectAltName=IP:127.0.0.1,DNS:localhost'],
      ...['-keyout', key, '-out', cert],
    ],
    { stdio: 'ignore' },
  )
  return { cert, key }
}
