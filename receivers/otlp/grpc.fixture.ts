import { type ClientHttp2Stream, connect } from 'node:http2'
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

/** A call below the library: it sends what it likes, and how much of it. */
export interface RawCall {
  readonly stream: ClientHttp2Stream
  /** The status of its end: of gRPC, or of HTTP where it is no call at all. */
  readonly ended: Promise<{ readonly grpcStatus: string | undefined; readonly httpStatus: number | undefined }>
}

/** Opens a call on a connection of its own. */
export function rawCall(url: string, headers: Readonly<Record<string, string>> = {}): RawCall {
  const session = connect(url)
  session.on('error', () => {})
  onTestFinished(() => session.destroy())
  const stream = session.request({
    ':method': 'POST',
    ':path': METHODS.traces,
    'content-type': 'application/grpc',
    te: 'trailers',
    ...headers,
  })
  stream.on('error', () => {}).resume()
  const { promise, resolve } = Promise.withResolvers<Awaited<RawCall['ended']>>()
  let grpcStatus: string | undefined
  let httpStatus: number | undefined
  const note = (got: Record<string, unknown>): void => {
    if (got['grpc-status'] !== undefined) grpcStatus = String(got['grpc-status'])
    if (got[':status'] !== undefined) httpStatus = Number(got[':status'])
  }
  stream.on('response', note).on('trailers', note)
  // A refusal comes before the sender is done.
  stream.once('end', () => resolve({ grpcStatus, httpStatus })).once('close', () => resolve({ grpcStatus, httpStatus }))
  return { stream, ended: promise }
}

/** A message as gRPC frames it; it may say that it is compressed, and that it is longer than it is. */
export function frame(body: Uint8Array, { compressed = false, length = body.length } = {}): Buffer {
  const prefix = Buffer.alloc(5)
  prefix.writeUInt8(compressed ? 1 : 0)
  prefix.writeUInt32BE(length, 1)
  return Buffer.concat([prefix, body])
}
