import type { Context, Next, Receiver, ReceiverFactory } from '#src/component.ts'
import { DeliveryQueue } from '#src/net/delivery-queue.ts'
import { parseEndpoint } from '#src/net/listen.ts'
import { PacedWarnings } from '#src/net/paced-warnings.ts'
import type { Refusal } from './answer.ts'
import { type Config, configSchema } from './config.ts'
import { OtlpHttpServer } from './http-server.ts'
import { RequestIntake } from './request-intake.ts'

const REQUEST_TIMEOUT_MS = 30_000

/** Takes in OTLP over HTTP: spans, log records and metric points. */
export const otlp: ReceiverFactory<Config, 'telemetry'> = {
  kind: 'receiver',
  type: 'otlp',
  stability: 'beta',
  description: 'Takes in OTLP over HTTP, in protobuf and JSON.',
  produces: 'telemetry',
  configSchema,
  create: (config, context, next) => createReceiver(config, context, next),
}

function createReceiver({ protocols: { http } }: Config, context: Context, next: Next<'telemetry'>): Receiver {
  const warnings = new PacedWarnings(context)
  const queue = new DeliveryQueue(context, next, warnings)
  const requests = new RequestIntake({
    config: http,
    accept: (items, hold) => queue.accept(items, hold),
    onSkipped: (points) => context.items.noticed('points_without_value', points),
    onImplausible: (items) => leaveOut(items, context, warnings),
    now: () => context.now(),
  })
  const server = new OtlpHttpServer({
    take: (signal, request) => requests.take(signal, request),
    onRefused: (refusal, error) => tellRefusal(refusal, error, context, warnings),
    requestTimeoutMs: REQUEST_TIMEOUT_MS,
  })
  return {
    async start() {
      queue.start()
      const configPath = `receivers.${context.id}.protocols.http.endpoint`
      const port = await server.start(parseEndpoint(http.endpoint), configPath)
      const host = http.endpoint.slice(0, http.endpoint.lastIndexOf(':'))
      context.log.info({ url: `http://${host}:${port}` }, 'takes in OTLP')
    },
    async stop() {
      requests.stop()
      await queue.stop()
      await server.stop()
    },
  }
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
