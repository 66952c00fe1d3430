import { setTimeout as sleep } from 'node:timers/promises'
import { OTLPLogExporter as GrpcLogExporter } from '@opentelemetry/exporter-logs-otlp-grpc'
import { OTLPLogExporter as JsonLogExporter } from '@opentelemetry/exporter-logs-otlp-http'
import { OTLPLogExporter as ProtobufLogExporter } from '@opentelemetry/exporter-logs-otlp-proto'
import { OTLPMetricExporter as GrpcMetricExporter } from '@opentelemetry/exporter-metrics-otlp-grpc'
import { OTLPMetricExporter as JsonMetricExporter } from '@opentelemetry/exporter-metrics-otlp-http'
import { OTLPMetricExporter as ProtobufMetricExporter } from '@opentelemetry/exporter-metrics-otlp-proto'
import { OTLPTraceExporter as GrpcTraceExporter } from '@opentelemetry/exporter-trace-otlp-grpc'
import { OTLPTraceExporter as JsonTraceExporter } from '@opentelemetry/exporter-trace-otlp-http'
import { OTLPTraceExporter as ProtobufTraceExporter } from '@opentelemetry/exporter-trace-otlp-proto'
import { resourceFromAttributes } from '@opentelemetry/resources'
import { BatchLogRecordProcessor, LoggerProvider } from '@opentelemetry/sdk-logs'
import { MeterProvider, PeriodicExportingMetricReader } from '@opentelemetry/sdk-metrics'
import { BatchSpanProcessor, TracerProvider } from '@opentelemetry/sdk-trace'
import { afterEach, describe, expect, test, vi } from 'vitest'
import { namesOf, send, startReceiver } from './receiver.fixture.ts'

const resource = resourceFromAttributes({ 'service.name': 'real-client' })

afterEach(() => {
  vi.unstubAllEnvs()
})

describe.each([
  { protocol: 'http/json', Traces: JsonTraceExporter, Logs: JsonLogExporter, Metrics: JsonMetricExporter },
  {
    protocol: 'http/protobuf',
    Traces: ProtobufTraceExporter,
    Logs: ProtobufLogExporter,
    Metrics: ProtobufMetricExporter,
  },
  { protocol: 'grpc', Traces: GrpcTraceExporter, Logs: GrpcLogExporter, Metrics: GrpcMetricExporter },
])('the OpenTelemetry SDK over $protocol', ({ protocol, Traces, Logs, Metrics }) => {
  describe.each([{ compression: 'none' }, { compression: 'gzip' }])(
    'with compression $compression',
    ({ compression }) => {
      test('spans, log records and metric points come in once each', async () => {
        vi.stubEnv('OTEL_EXPORTER_OTLP_COMPRESSION', compression)
        const { url, grpcUrl, received, account, untilReceived } = await startReceiver({ grpc: {}, nowMs: Date.now })
        const to = (signal: string) =>
          protocol === 'grpc' ? { url: grpcUrl } : { url: `${url}/v1/${signal}`, keepAlive: false }

        const tracing = new TracerProvider({
          resource,
          spanProcessors: [new BatchSpanProcessor({ exporter: new Traces(to('traces')) })],
        })
        const tracer = tracing.getTracer('test')
        for (let n = 0; n < 600; n++) tracer.startSpan(`span ${n}`, { attributes: { n } }).end()
        await tracing.shutdown()

        const logging = new LoggerProvider({
          resource,
          processors: [new BatchLogRecordProcessor({ exporter: new Logs(to('logs')) })],
        })
        logging.getLogger('test').emit({ eventName: 'something', body: 'text' })
        await logging.shutdown()

        const metering = new MeterProvider({
          resource,
          readers: [new PeriodicExportingMetricReader({ exporter: new Metrics(to('metrics')) })],
        })
        metering.getMeter('test').createCounter('tokens').add(3)
        await metering.shutdown()

        await untilReceived(602)
        const spans = received.filter(({ kind }) => kind === 'span')
        const numbers = spans.map(({ attributes }) => Number(attributes.n)).toSorted((a, b) => a - b)
        expect(numbers).toEqual(Array.from({ length: 600 }, (_, n) => n))
        expect(received.filter(({ kind }) => kind === 'log')).toMatchObject([{ eventName: 'something', body: 'text' }])
        expect(received.filter(({ kind }) => kind === 'metric')).toMatchObject([{ name: 'tokens', value: 3 }])
        for (const item of received) expect(item.resource.attributes['service.name']).toBe('real-client')
        expect(account()).toMatchObject({ received: 602, settled: { used: 602 }, noticed: {} })
      })
    },
  )
})

test('the OpenTelemetry SDK sends again over HTTP what was refused because the queue was full', async () => {
  const gate = Promise.withResolvers<void>()
  let batches = 0
  const { url, received, account, untilReceived } = await startReceiver({
    queueSize: '1KiB',
    nowMs: Date.now,
    next: async () => {
      if (batches++ === 0) await gate.promise
    },
  })
  const sent = sendTenSpans(new ProtobufTraceExporter({ url: `${url}/v1/traces`, keepAlive: false }))
  while (account().noticed.requests_refused_503 === undefined) await sleep(5)
  gate.resolve()
  await sent
  await untilReceived(10)
  expect(new Set(namesOf(received)).size).toBe(10)
})

test('the OpenTelemetry SDK, which never sends again over gRPC, waits for room in the queue', async () => {
  const gate = Promise.withResolvers<void>()
  const { url, grpcUrl, received, account, untilReceived } = await startReceiver({
    grpc: {},
    queueSize: '1KiB',
    nowMs: Date.now,
    next: () => gate.promise,
  })
  const sent = sendTenSpans(new GrpcTraceExporter({ url: grpcUrl }))
  while ((await send(`${url}/v1/traces`, '{}')).status !== 503) await sleep(5)
  expect(account().received).toBe(5)
  gate.resolve()
  await sent
  await untilReceived(10)
  expect(new Set(namesOf(received)).size).toBe(10)
})

/** Two batches of spans that are larger than 1 KiB each. */
function sendTenSpans(exporter: ProtobufTraceExporter | GrpcTraceExporter): Promise<void> {
  const tracing = new TracerProvider({ spanProcessors: [new BatchSpanProcessor({ exporter, maxExportBatchSize: 5 })] })
  const tracer = tracing.getTracer('test')
  for (let n = 0; n < 10; n++) tracer.startSpan(`span ${n}`, { attributes: { text: 'x'.repeat(200) } }).end()
  return tracing.shutdown()
}
