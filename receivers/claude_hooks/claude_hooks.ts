import type { Context, Next, Receiver, ReceiverFactory } from '#src/component.ts'
import { DeliveryQueue } from '#src/net/delivery-queue.ts'
import { parseEndpoint } from '#src/net/listen.ts'
import { PacedWarnings } from '#src/net/paced-warnings.ts'
import { type Config, configSchema } from './config.ts'
import { HookIntake } from './hook-intake.ts'
import type { HookServer } from './hook-server.ts'

/** Hooks wait for their answer a few seconds at most. */
const REQUEST_TIMEOUT_MS = 10_000

/** Takes in the events of Claude Code's hooks. */
export const claudeHooks: ReceiverFactory<Config, 'telemetry'> = {
  kind: 'receiver',
  type: 'claude_hooks',
  stability: 'beta',
  description: 'Takes in the events of Claude Code’s hooks over HTTP, and answers them at once.',
  produces: 'telemetry',
  configSchema,
  create: (config, context, next) => createReceiver(config, context, next),
}

function createReceiver(config: Config, context: Context, next: Next<'telemetry'>): Receiver {
  const warnings = new PacedWarnings(context)
  const queue = new DeliveryQueue(context, next, warnings)
  const intake = new HookIntake({ config, context, warnings, accept: (records, hold) => queue.accept(records, hold) })
  const endpoint = parseEndpoint(config.endpoint)
  let server: HookServer | undefined
  return {
    async start() {
      queue.start()
      // What it is made of takes long to load and much memory: who does not use it should have neither.
      const { HookServer } = await import('./hook-server.ts')
      server = new HookServer({
        endpoint,
        allowedHosts: config.allowed_hosts,
        take: (request, announcedBytes) => intake.take(request, announcedBytes),
        onRefused: (status, reason, error) => {
          context.items.noticed(`requests_refused_${status}`, 1)
          if (error === undefined) warnings.warn(`${status}`, { status, reason }, 'a request was refused')
          else context.log.error({ stack: error.stack }, 'a hook event could not be taken in')
        },
        requestTimeoutMs: REQUEST_TIMEOUT_MS,
      })
      const port = await server.start(endpoint, `receivers.${context.id}.endpoint`)
      const host = config.endpoint.slice(0, config.endpoint.lastIndexOf(':'))
      context.log.info({ url: `http://${host}:${port}/hooks` }, 'takes in hook events')
    },
    async stop() {
      intake.stop()
      await queue.stop()
      await server?.stop()
    },
  }
}
