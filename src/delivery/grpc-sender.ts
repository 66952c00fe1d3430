import {
  Client,
  compressionAlgorithms,
  credentials,
  logVerbosity,
  Metadata,
  type ServiceError,
  setLogVerbosity,
  status,
} from '@grpc/grpc-js'
import { readPartialSuccess } from '../otlp/partial-success.ts'
import { WireReader } from '../otlp/wire-reader.ts'
import type { OutgoingRequest } from '../store/stored-request.ts'
import type { SendOutcome } from './answer.ts'
import type { Sender } from './delivery.ts'
import type { Target } from './http-sender.ts'

// It writes to stderr, between the lines of our own log; what matters of it is told there.
setLogVerbosity(logVerbosity.NONE)

const METHODS: ReadonlyMap<string, string> = new Map([
  ['/v1/traces', 'trace.v1.TraceService'],
  ['/v1/logs', 'logs.v1.LogsService'],
  ['/v1/metrics', 'metrics.v1.MetricsService'],
])

/** OTLP's own list. RESOURCE_EXHAUSTED only when the other side says when. */
const RETRYABLE: ReadonlySet<number> = new Set([
  status.CANCELLED,
  status.DEADLINE_EXCEEDED,
  status.ABORTED,
  status.OUT_OF_RANGE,
  status.UNAVAILABLE,
  status.DATA_LOSS,
])

/** Not the request but the address or the key is wrong: what waits is still good when somebody has corrected them. */
const MISCONFIGURED: ReadonlySet<number> = new Set([
  status.UNAUTHENTICATED,
  status.PERMISSION_DENIED,
  status.UNIMPLEMENTED,
])

const DETAILS = 'grpc-status-details-bin'
const DEFAULT_PORTS: Readonly<Record<string, number>> = { 'http:': 4317, 'https:': 443 }

/** `URL` leaves out the 80 of `http://host:80`. */
const WRITTEN_PORT = /^[^/]*\/\/[^/?#]*:([0-9]+)(?:[/?#]|$)/

const MAX_MESSAGE_LENGTH = 300

export interface GrpcTarget extends Target {
  readonly compression: 'none' | 'gzip'
}

/** Sends requests over gRPC, each once, over one connection that stays open. Their bodies are protobuf. */
export class GrpcSender implements Sender {
  readonly #client: Client
  readonly #metadata = new Metadata()
  readonly #timeoutMs: number

  constructor({ endpoint, headers, timeoutMs, compression }: GrpcTarget) {
    const channel = new URL(endpoint).protocol === 'https:' ? credentials.createSsl() : credentials.createInsecure()
    const algorithm = compression === 'gzip' ? compressionAlgorithms.gzip : compressionAlgorithms.identity
    this.#client = new Client(addressOf(endpoint), channel, {
      'grpc.default_compression_algorithm': algorithm,
      // Delivery waits by itself, and asks again at once after it.
      'grpc.initial_reconnect_backoff_ms': 100,
      'grpc.max_reconnect_backoff_ms': 1000,
    })
    for (const [name, value] of Object.entries(headers)) this.#metadata.set(name.toLowerCase(), value)
    this.#timeoutMs = timeoutMs
  }

  /** Never rejects. @param signal gives the attempt up; whether it arrived is then unknown */
  send({ path, body }: OutgoingRequest, signal: AbortSignal): Promise<SendOutcome> {
    if (signal.aborted) return Promise.resolve({ kind: 'retry', reason: 'stopped' })
    const { promise, resolve } = Promise.withResolvers<SendOutcome>()
    const method = `/opentelemetry.proto.collector.${METHODS.get(path)}/Export`
    const call = this.#client.makeUnaryRequest(
      method,
      toBuffer,
      toBuffer,
      toBuffer(body),
      this.#metadata,
      { deadline: Date.now() + this.#timeoutMs },
      (error, answer) => {
        signal.removeEventListener('abort', cancel)
        if (error === null) resolve(delivered(answer ?? Buffer.alloc(0)))
        else resolve(signal.aborted ? { kind: 'retry', reason: 'stopped' } : outcomeOfError(error))
      },
    )
    const cancel = (): void => call.cancel()
    signal.addEventListener('abort', cancel)
    return promise
  }

  close(): void {
    this.#client.close()
  }
}

/** Host and port of a URL. */
export function addressOf(endpoint: string): string {
  const { protocol, hostname } = new URL(endpoint)
  return `${hostname}:${WRITTEN_PORT.exec(endpoint)?.[1] ?? DEFAULT_PORTS[protocol]}`
}

function toBuffer(bytes: Uint8Array): Buffer {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)
}

function delivered(answer: Buffer): SendOutcome {
  const partial = readPartialSuccess('application/x-protobuf', answer)
  return {
    kind: 'delivered',
    status: status.OK,
    rejected: partial?.rejected ?? 0,
    message: (partial?.message ?? '').slice(0, MAX_MESSAGE_LENGTH),
    understood: partial !== undefined,
  }
}

function outcomeOfError({ code, details, metadata }: ServiceError): SendOutcome {
  const retryAfterMs = retryDelayMs(metadata)
  const message = details.slice(0, MAX_MESSAGE_LENGTH)
  const asked = code === status.RESOURCE_EXHAUSTED && retryAfterMs !== undefined
  if (!asked && !RETRYABLE.has(code) && !MISCONFIGURED.has(code)) return { kind: 'refused', status: code, message }
  return {
    kind: 'retry',
    reason: `grpc_${status[code].toLowerCase()}`,
    status: code,
    message,
    ...(retryAfterMs !== undefined && { retryAfterMs }),
  }
}

/** From a `google.rpc.RetryInfo` among the details of a `google.rpc.Status`. */
function retryDelayMs(metadata: Metadata): number | undefined {
  const [details] = metadata.get(DETAILS)
  if (!Buffer.isBuffer(details)) return undefined
  try {
    return delayIn(new WireReader(details), [3, 2, 1])
  } catch {
    return undefined
  }
}

/** @param path numbers of the fields that lead to the duration: details, value, retry_delay */
function delayIn(wire: WireReader, [field, ...inner]: readonly number[]): number | undefined {
  if (field === undefined) return durationMs(wire)
  let found: number | undefined
  while (wire.more()) {
    const tag = wire.tag()
    if (tag !== field * 8 + 2) {
      wire.skip(tag, 0)
      continue
    }
    const outer = wire.enter()
    found ??= delayIn(wire, inner)
    wire.position = wire.limit
    wire.leave(outer)
  }
  return found
}

function durationMs(wire: WireReader): number {
  let ms = 0
  while (wire.more()) {
    const tag = wire.tag()
    if (tag === 0x08) ms += wire.number() * 1000
    else if (tag === 0x10) ms += wire.number() / 1e6
    else wire.skip(tag, 0)
  }
  return ms
}
