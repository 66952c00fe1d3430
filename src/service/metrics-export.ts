import { type ExportResult, ExportResultCode } from '@opentelemetry/core'
import { JsonMetricsSerializer } from '@opentelemetry/otlp-transformer'
import { resourceFromAttributes } from '@opentelemetry/resources'
import {
  PeriodicExportingMetricReader,
  type PushMetricExporter,
  type ResourceMetrics,
} from '@opentelemetry/sdk-metrics'
import { NodeSDK } from '@opentelemetry/sdk-node'
import type { Context, Logger } from '../component.ts'
import type { Delivery } from '../delivery/delivery.ts'
import { HttpSender, type Target } from '../delivery/http-sender.ts'
import { openDelivery } from '../delivery/open-delivery.ts'
import { InvalidDataError } from '../errors.ts'
import { MetricDeltas } from './metric-deltas.ts'
import type { OwnMetric } from './own-metrics.ts'

/** Some days of it. */
const QUEUE_BYTES = 16 * 2 ** 20

/** Without a version: that would make new series of all metrics with each release. */
const SCOPE = { name: 'agentperf' }

export interface MetricsExportOptions {
  readonly target: Target
  readonly intervalMs: number
  /** Of the delivery: its queue is on disk, as an exporter's is. */
  readonly context: Context
  readonly collect: () => readonly OwnMetric[]
}

/** Sends agentperf's own metrics as OTLP, through a queue on disk. */
export class MetricsExport {
  readonly #sdk: NodeSDK
  readonly #delivery: Delivery

  private constructor(delivery: Delivery, { target, intervalMs, context, collect }: MetricsExportOptions) {
    this.#delivery = delivery
    // Small and without an id of this process: each of its values would make new series of all metrics.
    const resource = resourceFromAttributes({ 'service.name': 'agentperf' })
    const deltas = new MetricDeltas(context.now())
    const producer = {
      collect: async () => {
        const metrics = deltas.next(collect(), context.now())
        return { resourceMetrics: { resource, scopeMetrics: [{ scope: SCOPE, metrics }] }, errors: [] }
      },
    }
    const exporter = queueingExporter(delivery, deltas, context.log)
    const reader = new PeriodicExportingMetricReader({
      exporter,
      exportIntervalMillis: intervalMs,
      exportTimeoutMillis: Math.min(intervalMs, target.timeoutMs),
      metricProducers: [producer],
    })
    // All is said here but OTEL_SDK_DISABLED: agents' own OTEL_ variables, which may well be in the environment, would send the
    // rest to ourselves.
    this.#sdk = new NodeSDK({
      resource,
      autoDetectResources: false,
      metricReaders: [reader],
      spanProcessors: [],
      logRecordProcessors: [],
      textMapPropagator: null,
    })
  }

  static async start(options: MetricsExportOptions): Promise<MetricsExport> {
    const { context, target } = options
    const delivery = await openDelivery(context, new HttpSender(target), QUEUE_BYTES)
    const started = new MetricsExport(delivery, options)
    delivery.start()
    started.#sdk.start()
    return started
  }

  /** Sends a last time, for a moment; what does not go out waits on disk. @param withinMs how long that may take */
  async stop(withinMs: number): Promise<void> {
    await this.#sdk.shutdown()
    await this.#delivery.stop(withinMs)
  }
}

function queueingExporter(delivery: Delivery, deltas: MetricDeltas, log: Logger): PushMetricExporter {
  let failed = false
  return {
    export(metrics: ResourceMetrics, done: (result: ExportResult) => void) {
      enqueue(delivery, metrics).then(
        () => {
          failed = false
          done({ code: ExportResultCode.SUCCESS })
        },
        (error: Error) => {
          deltas.giveBack(metrics.scopeMetrics.flatMap((scope) => scope.metrics))
          if (!failed) log.error({ error: error.message }, 'its own metrics cannot be queued; they go with later ones')
          failed = true
          done({ code: ExportResultCode.FAILED, error })
        },
      )
    },
    async forceFlush() {},
    async shutdown() {},
  }
}

async function enqueue(delivery: Delivery, metrics: ResourceMetrics): Promise<void> {
  const body = JsonMetricsSerializer.serializeRequest(metrics)
  if (body === undefined) throw new InvalidDataError('Expected metrics, got what is no request.')
  const items = metrics.scopeMetrics
    .flatMap((scope) => scope.metrics)
    .reduce((sum, { dataPoints }) => sum + dataPoints.length, 0)
  await delivery.enqueue([{ path: '/v1/metrics', contentType: 'application/json', items, body }])
}
