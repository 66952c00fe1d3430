import type { Context, Next, Passing, Processor, ProcessorFactory } from '#src/component.ts'
import type { OtlpRequest } from '#src/model/otlp-request.ts'
import { maskJson } from '#src/otlp/mask-json.ts'
import { maskProtobuf } from '#src/otlp/mask-protobuf.ts'
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
  masks: true,
  configSchema,
  create: (config, context, next) => createProcessor(config, context, next),
}

function createProcessor(config: Config, { items }: Context, next: Next<'telemetry'>): Processor<'telemetry'> {
  const masker = new Masker(config, (kind, count) => items.noticed(`masked_${kind}`, count))
  const { passing } = next
  return {
    async start() {},
    async stop() {},
    async consume(batch) {
      items.received(batch.length)
      await next(batch.map((item) => masker.mask(item)))
      items.settled('used', batch.length)
    },
    ...(passing !== undefined && passing.others === undefined && { pass: (request) => pass(request, passing) }),
  }

  async function pass(request: OtlpRequest, { pass: handOn }: Passing): Promise<void> {
    const { signal, encoding, body } = request
    const masked = encoding === 'json' ? maskJson(body, masker) : maskProtobuf(signal, body, masker)
    // Counted when it is decided: what is refused is sent, and received, again.
    await handOn(masked === body ? request : { ...request, body: masked })
    items.received(request.items)
    items.settled('used', request.items)
  }
}
