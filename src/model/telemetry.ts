/** An attribute's value, as OTLP has it. 64-bit integers beyond 2^53 are bigint; an absent value is `null`. */
export type AttributeValue =
  | string
  | number
  | bigint
  | boolean
  | null
  | Uint8Array
  | readonly AttributeValue[]
  | { readonly [key: string]: AttributeValue }

export type Attributes = Readonly<Record<string, AttributeValue | undefined>>

/** Who emitted the telemetry. Shared by reference between all items of one origin. */
export interface Resource {
  readonly attributes: Attributes
}

export interface Scope {
  readonly name: string
  readonly version?: string
}

export type SpanStatus = 'unset' | 'ok' | 'error'

/** What came with ids and attributes that are read when somebody asks for them: a copy by spread may lack them. */
interface Excerptible {
  /** The attributes under these names; what else it holds says nothing. The others need not be read. */
  excerpt?(names: ReadonlySet<string>): Attributes
}

/** One OTLP span. Times are epoch milliseconds (fractions allowed). */
export interface Span extends Excerptible {
  readonly kind: 'span'
  readonly traceId: string
  readonly spanId: string
  readonly parentSpanId?: string
  readonly name: string
  readonly startMs: number
  readonly endMs: number
  readonly status: SpanStatus
  readonly attributes: Attributes
  readonly resource: Resource
  readonly scope: Scope
}

/** One OTLP log record; `eventName` is its event name wherever the sender put it. */
export interface LogRecord extends Excerptible {
  readonly kind: 'log'
  readonly timeMs: number
  readonly eventName?: string
  readonly severity?: string
  readonly body?: AttributeValue
  readonly traceId?: string | undefined
  readonly spanId?: string | undefined
  readonly attributes: Attributes
  readonly resource: Resource
  readonly scope: Scope
}

/** One point of an OTLP metric. `value` is a histogram's or summary's sum. */
export interface MetricPoint {
  readonly kind: 'metric'
  readonly name: string
  readonly unit: string
  readonly type: 'gauge' | 'sum' | 'histogram' | 'exponential_histogram' | 'summary'
  readonly temporality: 'delta' | 'cumulative' | 'unspecified'
  readonly monotonic: boolean
  readonly startMs: number | undefined
  readonly timeMs: number
  readonly value: number
  readonly count?: number
  readonly attributes: Attributes
  readonly resource: Resource
  readonly scope: Scope
}

/** What a receiver hands on: one span, log record or metric point. */
export type Telemetry = Span | LogRecord | MetricPoint
