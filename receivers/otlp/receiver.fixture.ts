import type * as z from 'zod'
import type { Next } from '#src/component.ts'
import type { Telemetry } from '#src/model/telemetry.ts'
import { NOW_MS, type RunningReceiver, runReceiver } from '#src/net/running-receiver.fixture.ts'
import { configSchema } from './config.ts'
import { otlp } from './otlp.ts'

export const ID = 'otlp/test'

type ProtocolsInput = NonNullable<z.input<typeof configSchema>['protocols']>
type HttpInput = NonNullable<ProtocolsInput['http']>
type GrpcInput = NonNullable<ProtocolsInput['grpc']>

/** The receiver that listens, with its second address. */
export interface RunningOtlp extends RunningReceiver {
  /** Of gRPC, where the test asked for it. */
  readonly grpcUrl: string
}

export interface ReceiverInput {
  /** Of HTTP. */
  readonly config?: HttpInput
  /** Absent: HTTP only. */
  readonly grpc?: GrpcInput
  readonly queueSize?: string
  /** Stands before what keeps the items. */
  readonly next?: Next<'telemetry'>
  /** A folder with the state of an earlier run. */
  readonly directory?: string
  readonly nowMs?: () => number
}

/** Starts a receiver on a free port; it is stopped when the test is over. */
export async function startReceiver({
  config = {},
  grpc,
  queueSize,
  ...rest
}: ReceiverInput = {}): Promise<RunningOtlp> {
  const parsed = configSchema.parse({
    protocols: {
      http: { endpoint: '127.0.0.1:0', ...config },
      ...(grpc === undefined ? undefined : { grpc: { endpoint: '127.0.0.1:0', ...grpc } }),
    },
    ...(queueSize === undefined ? undefined : { queue_size: queueSize }),
  })
  const running = await runReceiver({ factory: otlp, id: ID, config: parsed, ...rest })
  const [, grpcUrl = ''] = running.logged.flatMap(({ fields }) => ('url' in fields ? [String(fields.url)] : []))
  return { ...running, grpcUrl }
}

/** The body of an answer in JSON or protobuf: a `google.rpc.Status`. */
export interface Answer {
  readonly status: number
  readonly headers: Headers
  readonly body: Buffer
}

export const JSON_TYPE = { 'content-type': 'application/json' }
export const PROTOBUF_TYPE = { 'content-type': 'application/x-protobuf' }

export async function send(
  url: string,
  body: string | Uint8Array | undefined,
  headers: Readonly<Record<string, string>> = JSON_TYPE,
  method = 'POST',
): Promise<Answer> {
  const response = await fetch(url, {
    method,
    headers,
    ...(body === undefined ? undefined : { body: typeof body === 'string' ? Buffer.from(body) : Buffer.from(body) }),
  })
  return { status: response.status, headers: response.headers, body: Buffer.from(await response.arrayBuffer()) }
}

/** A request of some spans, as OTLP/JSON has it; their names are numbers from `first`. */
export function spans(count: number, first = 0): object {
  const startTimeUnixNano = nanoseconds(NOW_MS)
  const named = Array.from({ length: count }, (_, n) => ({ name: `${first + n}`, startTimeUnixNano }))
  return { resourceSpans: [{ scopeSpans: [{ spans: named }] }] }
}

/** A time as OTLP/JSON has it. */
export function nanoseconds(timeMs: number): string {
  return `${timeMs}000000`
}

export function namesOf(items: readonly Telemetry[]): string[] {
  return items.map((item) => (item.kind === 'log' ? (item.eventName ?? '') : item.name))
}
