import type { Consumer, Context, ExporterFactory } from '#src/component.ts'
import { withoutCredentials } from '#src/config/secret.ts'
import type { Delivery } from '#src/delivery/delivery.ts'
import type { OtlpRequest } from '#src/model/otlp-request.ts'
import { type Config, configSchema } from './config.ts'

/** Sends telemetry on to another collector or backend. */
export const otlp: ExporterFactory<Config, 'telemetry'> = {
  kind: 'exporter',
  type: 'otlp',
  stability: 'alpha',
  description: 'Sends telemetry on to SigNoz or any collector, over HTTP or gRPC, as it came.',
  consumes: 'telemetry',
  configSchema,
  unmasked: ({ redact }) =>
    redact === 'off'
      ? undefined
      : 'what agents send may hold secrets; if it is to go out as it is, say `redact: off` there',
  create: (config, context) => createExporter(config, context),
}

/** What encodes and delivers, loaded when the exporter is on. */
interface Export {
  readonly delivery: Delivery
  readonly outgoingRequest: typeof import('./outgoing-request.ts').outgoingRequest
  readonly encodeTelemetry: typeof import('#src/otlp/encode-telemetry.ts').encodeTelemetry
}

function createExporter(config: Config, context: Context): Consumer<'telemetry'> {
  const { items, log } = context
  let running: Export | 'off' | undefined

  /** Resolves when the requests are safe on disk. @param sender whether they are a sender's, who can be told */
  async function take(
    encode: (running: Export) => readonly OtlpRequest[],
    count: number,
    sender: 'told' | 'none',
  ): Promise<void> {
    if (running === undefined) throw new Error('expected an exporter that runs, got one that is stopped')
    if (running !== 'off') {
      const { delivery, outgoingRequest } = running
      const requests = await Promise.all(encode(running).map((request) => outgoingRequest(request, config)))
      if (sender === 'told') for (const request of requests) delivery.demandRoomFor(request)
      await delivery.enqueue(requests)
    }
    // Counted when it is decided: what failed is received again.
    items.received(count)
    if (running === 'off') items.settled('ignored', count, 'off')
    else items.settled('used', count)
  }

  return {
    async start() {
      running = await open(config, context)
      if (running === 'off') {
        log.info({}, 'off: no endpoint is configured; nothing is sent on')
        return
      }
      const { endpoint, protocol, encoding } = config
      log.info({ endpoint: withoutCredentials(endpoint ?? ''), protocol, encoding }, 'sends telemetry on')
      running.delivery.start()
    },
    async stop(withinMs) {
      const stopped = running
      running = undefined
      if (stopped !== undefined && stopped !== 'off') await stopped.delivery.stop(withinMs)
    },
    consume: (batch) => take(({ encodeTelemetry }) => encodeTelemetry(batch), batch.length, 'none'),
    pass: (request) => take(() => [request], request.items, 'told'),
  }
}

async function open(config: Config, context: Context): Promise<Export | 'off'> {
  if (!config.endpoint) return 'off'
  const [{ openDelivery }, { openSender }, { outgoingRequest }, { encodeTelemetry }] = await Promise.all([
    import('#src/delivery/open-delivery.ts'),
    import('./sender.ts'),
    import('./outgoing-request.ts'),
    import('#src/otlp/encode-telemetry.ts'),
  ])
  const sender = await openSender(config)
  if (sender === undefined) return 'off'
  return { delivery: await openDelivery(context, sender, config.queue_size), outgoingRequest, encodeTelemetry }
}
