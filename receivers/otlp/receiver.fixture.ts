import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { onTestFinished } from 'vitest'
import type { z } from 'zod'
import type { Next, Receiver } from '#src/component.ts'
import type { Telemetry } from '#src/model/telemetry.ts'
import { Accounting, type ComponentAccount } from '#src/service/accounting.ts'
import { InputProgress } from '#src/service/input-progress.ts'
import { openStore } from '#src/store/open-store.ts'
import { configSchema } from './config.ts'
import { otlp } from './otlp.ts'

export const ID = 'otlp/test'
/** What the receiver takes for the present, where a test says nothing else. */
export const NOW_MS = Date.UTC(2026, 1, 13)

type ProtocolsInput = NonNullable<z.input<typeof configSchema>['protocols']>
type HttpInput = NonNullable<ProtocolsInput['http']>
type GrpcInput = NonNullable<ProtocolsInput['grpc']>

export interface Logged {
  readonly level: string
  readonly fields: Readonly<Record<string, unknown>>
  readonly message: string
}

/** A receiver that listens, with what came out of it. */
export interface RunningReceiver {
  readonly url: string
  /** Of gRPC, where the test asked for it. */
  readonly grpcUrl: string
  readonly received: readonly Telemetry[]
  readonly logged: readonly Logged[]
  readonly receiver: Receiver
  readonly directory: string
  checkpoint(): Promise<void>
  account(): ComponentAccount
  /** Waits until so many items were handed on. */
  untilReceived(count: number): Promise<void>
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

export async function temporaryFolder(): Promise<string> {
  const directory = await mkdtemp(join(tmpdir(), 'agentperf-otlp-'))
  onTestFinished(() => rm(directory, { recursive: true, force: true }))
  return directory
}

/** Starts a receiver on a free port; it is stopped when the test is over. */
export async function startReceiver({
  config = {},
  grpc,
  queueSize,
  next,
  directory,
  nowMs = () => NOW_MS,
}: ReceiverInput = {}): Promise<RunningReceiver> {
  const at = directory ?? (await temporaryFolder())
  const store = await openStore({ directory: at, mode: 'write', nowMs })
  const accounting = new Accounting()
  const received: Telemetry[] = []
  const logged: Logged[] = []
  const log = (level: string) => (fields: Readonly<Record<string, unknown>>, message: string) => {
    logged.push({ level, fields, message })
  }
  const context = {
    id: ID,
    log: { debug: log('debug'), info: log('info'), warn: log('warn'), error: log('error') },
    now: nowMs,
    items: accounting.itemsOf(ID),
    progress: new InputProgress().of(ID),
    store,
    decisions: { answerHook: () => ({ body: {}, events: [] }) },
  }
  const receiver = otlp.create(
    configSchema.parse({
      protocols: {
        http: { endpoint: '127.0.0.1:0', ...config },
        ...(grpc === undefined ? undefined : { grpc: { endpoint: '127.0.0.1:0', ...grpc } }),
      },
      ...(queueSize === undefined ? undefined : { queue_size: queueSize }),
    }),
    context,
    async (batch) => {
      await next?.(batch)
      received.push(...batch)
    },
  )
  onTestFinished(async () => {
    await receiver.stop()
    await store.checkpoint()
    await store.close()
  })
  await receiver.start()
  const urls = logged.flatMap(({ fields }) => ('url' in fields ? [String(fields.url)] : []))
  return {
    url: urls[0] ?? '',
    grpcUrl: urls[1] ?? '',
    received,
    logged,
    receiver,
    directory: at,
    checkpoint: () => store.checkpoint(),
    account() {
      const account = accounting.components().get(ID)
      if (account === undefined) throw new Error('nothing was accounted for')
      return account
    },
    async untilReceived(count) {
      while (received.length < count) await sleep(2)
    },
  }
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
