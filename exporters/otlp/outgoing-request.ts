import { promisify } from 'node:util'
import { gzip } from 'node:zlib'
import type { OtlpEncoding, OtlpRequest } from '#src/model/otlp-request.ts'
import { jsonToProtobuf } from '#src/otlp/json-to-protobuf.ts'
import { protobufToJson } from '#src/otlp/protobuf-to-json.ts'
import type { OutgoingRequest } from '#src/store/stored-request.ts'
import type { Config } from './config.ts'

const compress = promisify(gzip)

const CONTENT_TYPES: Readonly<Record<OtlpEncoding, string>> = {
  json: 'application/json',
  protobuf: 'application/x-protobuf',
}

/** A request as it goes over the wire: its body is the one that came, unless the configuration wants another encoding. */
export async function outgoingRequest(
  { signal, encoding: received, body, items }: OtlpRequest,
  { protocol, encoding, compression }: Pick<Config, 'protocol' | 'encoding' | 'compression'>,
): Promise<OutgoingRequest> {
  const wanted = protocol === 'grpc' ? 'protobuf' : encoding === 'as_received' ? received : encoding
  const encoded =
    wanted === received ? body : wanted === 'json' ? protobufToJson(signal, body) : jsonToProtobuf(signal, body)
  const plain = { path: `/v1/${signal}`, contentType: CONTENT_TYPES[wanted], items, body: encoded }
  // Of gRPC each message is compressed by its library.
  if (compression === 'none' || protocol === 'grpc') return plain
  return { ...plain, contentEncoding: compression, body: await compress(encoded) }
}
