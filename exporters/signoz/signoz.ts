import { join } from 'node:path'
import type { Context, ExporterFactory } from '#src/component.ts'
import { withoutCredentials } from '#src/config/secret.ts'
import type { Delivery } from '#src/delivery/delivery.ts'
import type { Assessment } from '#src/model/assessment.ts'
import { safeFileName } from '#src/store/atomic-file.ts'
import { layoutOf } from '#src/store/layout.ts'
import { type Config, configSchema } from './config.ts'
import type { ExportLedger } from './export-ledger.ts'
import type { RequestEncoder } from './request-encoder.ts'
import { targetOf } from './target.ts'

/** What is only there when the exporter is on. */
interface Export {
  readonly encoder: RequestEncoder
  readonly delivery: Delivery
  readonly exported: ExportLedger
}

/** Sends KPIs, baselines, deviations and counts as OTLP metrics, and each session as a log record. */
export const signoz: ExporterFactory<Config, 'assessment'> = {
  kind: 'exporter',
  type: 'signoz',
  stability: 'alpha',
  description: 'Sends session KPIs to SigNoz, or any OTLP backend, as metrics and log records.',
  consumes: 'assessment',
  configSchema,

  create(config, context) {
    const target = targetOf(config)
    let running: Export | undefined
    let work: Promise<void> = Promise.resolve()

    async function take(batch: readonly Assessment[]): Promise<void> {
      const ended = batch.filter(({ live }) => !live).map(({ line }) => line)
      settle('ignored', batch.length - ended.length, 'live')
      if (running === undefined) return settle('ignored', ended.length, 'off')
      const { encoder, delivery, exported } = running
      const fresh = exported.fresh(ended)
      if (fresh.length > 0) {
        await delivery.enqueue(await encoder.encode(fresh, context.now()))
        await exported.add(fresh)
      }
      settle('used', fresh.length)
      settle('duplicate', ended.length - fresh.length)
    }

    // Counted when it is decided: what failed is received again.
    function settle(outcome: 'used' | 'duplicate' | 'ignored', count: number, reason?: string): void {
      if (count === 0) return
      context.items.received(count)
      context.items.settled(outcome, count, reason)
    }

    return {
      async start() {
        if (target === undefined) {
          context.log.info({}, 'off: no endpoint is configured (SIGNOZ_OTLP_ENDPOINT); nothing is sent to SigNoz')
          return
        }
        running = await open(config, context, target)
        const endpoint = withoutCredentials(target.endpoint)
        context.log.info({ endpoint, encoding: config.encoding }, 'sends sessions to SigNoz')
        running.delivery.start()
      },
      async stop(withinMs) {
        await work
        const stopped = running
        running = undefined
        await stopped?.delivery.stop(withinMs)
        await stopped?.exported.close()
      },
      consume(batch) {
        const done = work.then(() => take(batch))
        work = done.catch(() => {})
        return done
      },
    }
  },
}

/** Loads what only an exporter that is on needs: it takes longer than all of agentperf to start. */
async function open(
  config: Config,
  context: Context,
  target: NonNullable<ReturnType<typeof targetOf>>,
): Promise<Export> {
  const [{ ExportLedger }, { RequestEncoder }, { openDelivery }, { HttpSender }, { KeyLog }] = await Promise.all([
    import('./export-ledger.ts'),
    import('./request-encoder.ts'),
    import('#src/delivery/open-delivery.ts'),
    import('#src/delivery/http-sender.ts'),
    import('#src/store/key-log.ts'),
  ])
  const { exported } = layoutOf(context.store.directory)
  return {
    encoder: new RequestEncoder(config),
    delivery: await openDelivery(context, new HttpSender(target), config.queue_size),
    exported: new ExportLedger(
      await KeyLog.open(join(exported, `${safeFileName(context.id)}.keys`)),
      context.store.history,
    ),
  }
}
