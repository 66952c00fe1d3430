/** How a request and its answer are written; the answer to one of no known type is JSON. */
export type Encoding = 'json' | 'protobuf'

export const CONTENT_TYPES: Readonly<Record<Encoding, string>> = {
  json: 'application/json',
  protobuf: 'application/x-protobuf',
}

/** A request that was taken in. */
export interface Accepted {
  readonly encoding: Encoding
  /** Items of it that were not: their times are implausible. */
  readonly rejected: number
}

/** Why a request is not taken in, as it is answered. */
export interface Refusal {
  readonly status: 400 | 401 | 403 | 404 | 405 | 408 | 413 | 415 | 431 | 500 | 503
  /** What was expected, and what was found; never a payload. */
  readonly message: string
  /** When the same request may be tried again; absent where that does not help. */
  readonly retryAfterSeconds?: number
  /** Of an answer over HTTP. */
  readonly headers?: Readonly<Record<string, string>>
}

export const DAMAGED: Refusal = {
  status: 400,
  message: 'expected a body in its content encoding, got one that is damaged',
}

export const UNAUTHENTICATED: Refusal = {
  status: 401,
  message: 'expected the bearer token that agentperf is configured with, got another or none',
  headers: { 'www-authenticate': 'Bearer' },
}

export const FAILED: Refusal = {
  status: 500,
  message: 'the request could not be taken in; the log of agentperf says why',
}

/** What became of a request; `undefined` when its sender has gone. */
export type Answer = { readonly accepted: Accepted } | { readonly refused: Refusal } | undefined
