/** Why a request is not taken in, as it is answered. */
export interface Refusal {
  readonly status: 400 | 404 | 405 | 408 | 413 | 415 | 431 | 500 | 503
  /** What was expected, and what was found; never a payload. */
  readonly message: string
  readonly headers?: Readonly<Record<string, string>>
}

/** What became of a request; `undefined` when its sender has gone. */
export type Answer = { readonly accepted: Encoding } | { readonly refused: Refusal } | undefined

/** How a `Status` is written: as the request, or as JSON where the request is of no known type. */
export type Encoding = 'json' | 'protobuf'

export const CONTENT_TYPES: Readonly<Record<Encoding, string>> = {
  json: 'application/json',
  protobuf: 'application/x-protobuf',
}

/** The codes of `google.rpc.Code`. */
const RPC_CODES: Readonly<Record<Refusal['status'], number>> = {
  400: 3,
  404: 5,
  405: 12,
  408: 4,
  413: 8,
  415: 3,
  431: 8,
  500: 13,
  503: 14,
}

/** The body that OTLP wants of an error: a `google.rpc.Status` with code and message. */
export function statusBody({ status, message }: Refusal, encoding: Encoding): Buffer {
  const code = RPC_CODES[status]
  if (encoding === 'json') return Buffer.from(JSON.stringify({ code, message }))
  const text = Buffer.from(message)
  return Buffer.concat([Buffer.from([0x08, code, 0x12, ...varint(text.length)]), text])
}

function varint(value: number): number[] {
  return value < 0x80 ? [value] : [(value & 0x7f) | 0x80, ...varint(value >>> 7)]
}
