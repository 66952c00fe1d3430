import type { IncomingHttpHeaders } from 'node:http'
import { CONTENT_TYPES, type Encoding, type Refusal } from './answer.ts'
import type { Compression } from './decompress.ts'

/** How a request's body is encoded. */
export interface BodyForm {
  readonly encoding: Encoding
  /** `undefined`: none. */
  readonly compression: Compression | undefined
}

const ENCODINGS: ReadonlyMap<string, Encoding> = new Map([
  [CONTENT_TYPES.json, 'json'],
  [CONTENT_TYPES.protobuf, 'protobuf'],
])

const COMPRESSIONS: ReadonlyMap<string, Compression | undefined> = new Map([
  ['', undefined],
  ['identity', undefined],
  ['gzip', 'gzip'],
  ['deflate', 'deflate'],
  ['zstd', 'zstd'],
])

export const UNKNOWN_TYPE: Refusal = {
  status: 415,
  message: `expected the content type ${CONTENT_TYPES.json} or ${CONTENT_TYPES.protobuf}, got another or none`,
  headers: { 'accept-post': `${CONTENT_TYPES.json}, ${CONTENT_TYPES.protobuf}` },
}

const UNKNOWN_COMPRESSION: Refusal = {
  status: 415,
  message: 'expected the content encoding gzip, deflate, zstd or none, got another',
  headers: { 'accept-encoding': 'gzip, deflate, zstd' },
}

/** The encoding that a content type stands for, in any case and with any parameters. */
export function encodingOf({ 'content-type': type = '' }: IncomingHttpHeaders): Encoding | undefined {
  const end = type.indexOf(';')
  return ENCODINGS.get((end === -1 ? type : type.slice(0, end)).trim().toLowerCase())
}

export function bodyFormOf(headers: IncomingHttpHeaders): BodyForm | Refusal {
  const encoding = encodingOf(headers)
  if (encoding === undefined) return UNKNOWN_TYPE
  const name = (headers['content-encoding'] ?? '').trim().toLowerCase()
  return COMPRESSIONS.has(name) ? { encoding, compression: COMPRESSIONS.get(name) } : UNKNOWN_COMPRESSION
}

/** @returns `undefined` when the request does not say how long it is */
export function contentLengthOf({ 'content-length': length }: IncomingHttpHeaders): number | undefined {
  return length === undefined ? undefined : Number(length)
}
