/** What a request holds, as the last part of its URL says. */
export type OtlpSignal = 'traces' | 'logs' | 'metrics'

/** How a request's body is written. */
export type OtlpEncoding = 'json' | 'protobuf'

/** One OTLP export request, as it came. */
export interface OtlpRequest {
  readonly signal: OtlpSignal
  readonly encoding: OtlpEncoding
  /** Decompressed, and checked: it is a request of its signal. */
  readonly body: Buffer
  /** How many spans, log records or metric points it holds. */
  readonly items: number
}
