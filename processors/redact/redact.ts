import type { Context, Next, Processor, ProcessorFactory } from '#src/component.ts'
import { type Config, configSchema } from './config.ts'
import { Masker } from './masker.ts'

/** Masks secrets and personal data in telemetry. */
export const redact: ProcessorFactory<Config, 'telemetry', 'telemetry'> = {
  kind: 'processor',
  type: 'redact',
  stability: 'beta',
  description: 'Masks secrets and personal data in telemetry that goes on to others.',
  consumes: 'telemetry',
  produces: 'telemetry',
  configSchema,
  create: (config, context, next) => createProcessor(config, context, next),
}

function createProcessor(config: Config, { items }: Context, next: Next<'telemetry'>): Processor<'telemetry'> {
  const masker = new Masker(config, (kind, count) => items.noticed(`masked_${kind}`, count))
  return {
    async start() {},
    async stop() {},
    async consume(batch) {
      items.received(batch.length)
      await next(batch.map((item) => masker.mask(item)))
      items.settled('used', batch.length)
    },
  }
}
