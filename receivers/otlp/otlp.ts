import type { Context, Next, Receiver, ReceiverFactory } from '#src/component.ts'
import { DeliveryQueue } from '#src/net/delivery-queue.ts'
import { parseEndpoint } from '#src/net/listen.ts'
import { PacedWarnings } from '#src/net/paced-warnings.ts'
import type { Refusal } from './answer.ts'
import { BearerToken } from './bearer-token.ts'
import { type Config, configSchema, type GrpcConfig, type HttpConfig } from './config.ts'
import type { OtlpGrpcServer } from './grpc-server.ts'
import type { OtlpHttpServer } from './http-server.ts'
import { ItemIntake } from './item-intake.ts'
import { RequestIntake } from './request-intake.ts'
import type { TlsFiles } from './tls-files.ts'

const REQUEST_TIMEOUT_MS = 30_000

/** Shorter than over HTTP: only a few are received at the same time. SDKs give up after 10 s by default. */
const RECEIVE_TIMEOUT_MS = 10_000

/**
 * The OpenTelemetry SDK for JavaScript drops what is refused over gRPC, whatever the status says: better that it waits.
 * Collectors give up after 5 s by default, and would send again.
 */
const ROOM_WAIT_MS = 4000

const UNIX = 'unix:'

/** Takes in OTLP over HTTP and gRPC: spans, log records and metric points. */
export const otlp: ReceiverFactory<Config, 'telemetry'> = {
  kind: 'receiver',
  type: 'otlp',
  stability: 'beta',
  description: 'Takes in OTLP over HTTP, in protobuf and JSON, and over gRPC.',
  produces: 'telemetry',
  configSchema,
  create: (config, context, next) => createReceiver(config, context, next),
}

/** What the servers of both protocols share. */
interface Shared {
  readonly context: Context
  readonly items: ItemIntake
  readonly onRefused: (refusal: Refusal, error?: Error) => void
}

function createReceiver({ protocols, queue_size }: Config, context: Context, next: Next<'telemetry'>): Receiver {
  const warnings = new PacedWarnings(context)
  const { passing } = next
  const queue = new DeliveryQueue(context, passing === undefined ? next : (passing.others ?? nobody), warnings)
  const items = new ItemIntake({
    queueBytes: queue_size,
    accept: (accepted, hold) => queue.accept(accepted, hold),
    passing,
    onPassed: (count) => {
      context.items.received(count)
      context.items.settled('used', count)
    },
    onNotPassed: (error) => tellNotPassed(error, context, warnings),
    onSkipped: (points) => context.items.noticed('points_without_value', points),
    onImplausible: (count) => leaveOut(count, context, warnings),
    now: () => context.now(),
  })
  const onRefused = (refusal: Refusal, error?: Error): void => tellRefusal(refusal, error, context, warnings)
  const shared: Shared = { context, items, onRefused }
  const servers: (OtlpHttpServer | OtlpGrpcServer)[] = []
  return {
    async start() {
      queue.start()
      const { http, grpc } = protocols
      // A server that cannot start is stopped with the others.
      const add = (server: OtlpHttpServer | OtlpGrpcServer): unknown => servers.push(server)
      if (http !== undefined) await startHttp(http, shared, add)
      if (grpc !== undefined) await startGrpc(grpc, shared, add)
    },
    async stop() {
      items.stop()
      await queue.stop()
      await Promise.all(servers.splice(0).map((server) => server.stop()))
    },
  }
}

async function startHttp(
  config: HttpConfig,
  { context, items, onRefused }: Shared,
  add: (server: OtlpHttpServer) => unknown,
): Promise<void> {
  const configPath = `receivers.${context.id}.protocols.http`
  const tls = await tlsOf(config, configPath)
  const requests = new RequestIntake(config, items)
  const { endpoint } = config
  // What it is made of takes long to load and much memory: who does not use it should have neither.
  const { OtlpHttpServer } = await import('./http-server.ts')
  const at = endpoint.startsWith(UNIX) ? undefined : parseEndpoint(endpoint)
  const server = new OtlpHttpServer({
    endpoint: at,
    allowedHosts: config.allowed_hosts,
    take: (signal, request) => requests.take(signal, request),
    onRefused,
    requestTimeoutMs: REQUEST_TIMEOUT_MS,
    tls,
    token: tokenOf(config),
  })
  add(server)
  if (at === undefined) {
    await server.startOnSocket(endpoint.slice(UNIX.length), `${configPath}.endpoint`)
    context.log.info({ url: endpoint }, 'takes in OTLP')
    return
  }
  const port = await server.start(at, `${configPath}.endpoint`)
  context.log.info({ url: urlOf(endpoint, port, tls) }, 'takes in OTLP')
}

async function startGrpc(
  config: GrpcConfig,
  { context, items, onRefused }: Shared,
  add: (server: OtlpGrpcServer) => unknown,
): Promise<void> {
  const configPath = `receivers.${context.id}.protocols.grpc`
  const tls = await tlsOf(config, configPath)
  // Its library takes long to load: who does not use it should not wait for it.
  const { OtlpGrpcServer } = await import('./grpc-server.ts')
  const server = new OtlpGrpcServer({
    items,
    onRefused,
    maxMessageBytes: config.max_recv_msg_size,
    receiveTimeoutMs: RECEIVE_TIMEOUT_MS,
    roomWaitMs: ROOM_WAIT_MS,
    tls,
    token: tokenOf(config),
  })
  add(server)
  const port = await server.start(parseEndpoint(config.endpoint), `${configPath}.endpoint`)
  context.log.info({ url: urlOf(config.endpoint, port, tls), protocol: 'grpc' }, 'takes in OTLP over gRPC')
}

async function tlsOf({ tls }: HttpConfig | GrpcConfig, configPath: string): Promise<TlsFiles | undefined> {
  if (tls === undefined) return undefined
  const { readTlsFiles } = await import('./tls-files.ts')
  return readTlsFiles(tls, `${configPath}.tls`)
}

function tokenOf({ auth }: HttpConfig | GrpcConfig): BearerToken | undefined {
  return auth === undefined ? undefined : new BearerToken(auth.bearer_token)
}

function urlOf(endpoint: string, port: number, tls: TlsFiles | undefined): string {
  const host = endpoint.slice(0, endpoint.lastIndexOf(':'))
  return `${tls === undefined ? 'http' : 'https'}://${host}:${port}`
}

async function nobody(): Promise<void> {}

function tellNotPassed(error: unknown, { items }: Context, warnings: PacedWarnings): void {
  items.noticed('requests_not_passed_on', 1)
  // A message could quote what was refused.
  const name = error instanceof Error ? error.name : 'unknown'
  warnings.warn('not_passed_on', { error: name }, 'a request could not be passed on; its sender is asked to try again')
}

function leaveOut(count: number, { items }: Context, warnings: PacedWarnings): void {
  const reason = 'implausible_time'
  items.received(count)
  items.settled('dropped', count, reason)
  warnings.warn(reason, { items: count, reason }, 'items of a request are left out')
}

function tellRefusal(
  { status, message }: Refusal,
  error: Error | undefined,
  { items, log }: Context,
  warnings: PacedWarnings,
): void {
  items.noticed(`requests_refused_${status}`, 1)
  if (error === undefined) warnings.warn(`${status}`, { status, reason: message }, 'a request was refused')
  else log.error({ stack: error.stack }, 'a request could not be taken in')
}
