import { SeverityNumber, SpanKind, SpanStatusCode } from '@opentelemetry/api'
import {
  type ISerializer,
  JsonLogsSerializer,
  JsonMetricsSerializer,
  JsonTraceSerializer,
  ProtobufLogsSerializer,
  ProtobufMetricsSerializer,
  ProtobufTraceSerializer,
} from '@opentelemetry/otlp-transformer'
import { resourceFromAttributes } from '@opentelemetry/resources'
import { InMemoryLogRecordExporter, LoggerProvider, SimpleLogRecordProcessor } from '@opentelemetry/sdk-logs'
import { AggregationTemporality, AggregationType, MeterProvider, MetricReader } from '@opentelemetry/sdk-metrics'
import { InMemorySpanExporter, SimpleSpanProcessor, TracerProvider } from '@opentelemetry/sdk-trace'
import { expect, test } from 'vitest'
import type { DecodedRequest } from './decode-json.ts'
import { decodeJsonBody } from './decode-json-body.ts'
import { type OtlpSignal, ProtobufDecoder } from './decode-protobuf.ts'
import { withWholeItems } from './whole-items.fixture.ts'

const START_MS = 1_771_070_400_123.456
const resource = resourceFromAttributes({ 'service.name': 'claude-code-hooks', 'process.pid': 7 })

function decode<T>(signal: OtlpSignal, json: ISerializer<T, unknown>, protobuf: ISerializer<T, unknown>, sent: T) {
  const inJson: DecodedRequest = decodeJsonBody(Buffer.from(json.serializeRequest(sent) ?? []))
  const inProtobuf = new ProtobufDecoder().decode(signal, Buffer.from(protobuf.serializeRequest(sent) ?? []))
  expect(withWholeItems(inProtobuf)).toEqual(inJson)
  return inJson.ok ? inJson.items : []
}

test('spans', async () => {
  const exporter = new InMemorySpanExporter()
  const provider = new TracerProvider({ resource, spanProcessors: [new SimpleSpanProcessor({ exporter })] })
  const tracer = provider.getTracer('hooks', '1.0')
  const attributes = {
    'session.id': 's1',
    ok: true,
    'duration.ms': 1.5,
    count: 12_345_678_901,
    list: ['a', 'ü'],
    none: [],
  }
  for (const code of [SpanStatusCode.UNSET, SpanStatusCode.OK, SpanStatusCode.ERROR]) {
    const span = tracer.startSpan('hook:session-start', { kind: SpanKind.CLIENT, startTime: START_MS, attributes })
    span.addEvent('something', { at: 1 }, START_MS)
    span.setStatus({ code, message: 'why' })
    span.end(START_MS + 1000)
  }
  const items = decode('traces', JsonTraceSerializer, ProtobufTraceSerializer, exporter.getFinishedSpans())
  expect(items).toMatchObject(
    ['unset', 'ok', 'error'].map((status) => ({
      kind: 'span',
      traceId: expect.stringMatching(/^[0-9a-f]{32}$/),
      spanId: expect.stringMatching(/^[0-9a-f]{16}$/),
      name: 'hook:session-start',
      startMs: START_MS,
      endMs: START_MS + 1000,
      status,
      attributes,
      resource: { attributes: { 'service.name': 'claude-code-hooks', 'process.pid': 7 } },
      scope: { name: 'hooks', version: '1.0' },
    })),
  )
  await provider.shutdown()
})

test('log records', async () => {
  const exporter = new InMemoryLogRecordExporter()
  const provider = new LoggerProvider({ resource, processors: [new SimpleLogRecordProcessor({ exporter })] })
  const logger = provider.getLogger('evaluations')
  logger.emit({
    eventName: 'gen_ai.evaluation.result',
    timestamp: START_MS,
    severityNumber: SeverityNumber.INFO,
    body: { nested: { deep: [1, null, 'x'], bytes: new Uint8Array([0, 255]) } },
    attributes: { 'gen_ai.evaluation.score.value': 0.95, big: Number.MAX_SAFE_INTEGER },
  })
  logger.emit({ body: 'text', attributes: { 'event.name': 'api_request' } })
  const items = decode('logs', JsonLogsSerializer, ProtobufLogsSerializer, exporter.getFinishedLogRecords())
  expect(items).toMatchObject([
    {
      kind: 'log',
      eventName: 'gen_ai.evaluation.result',
      timeMs: START_MS,
      severity: 'INFO',
      body: { nested: { deep: [1, null, 'x'], bytes: new Uint8Array([0, 255]) } },
      attributes: { 'gen_ai.evaluation.score.value': 0.95, big: Number.MAX_SAFE_INTEGER },
    },
    { eventName: 'api_request', body: 'text', timeMs: expect.any(Number) },
  ])
  await provider.shutdown()
})

class TestReader extends MetricReader {
  protected override async onForceFlush(): Promise<void> {}
  protected override async onShutdown(): Promise<void> {}
}

test('metric points of every type', async () => {
  const reader = new TestReader({ aggregationTemporalitySelector: () => AggregationTemporality.DELTA })
  const views = [
    { instrumentName: 'exponential', aggregation: { type: AggregationType.EXPONENTIAL_HISTOGRAM } as const },
  ]
  const provider = new MeterProvider({ resource, readers: [reader], views })
  const meter = provider.getMeter('agent')
  meter.createCounter('tokens', { unit: '{token}' }).add(12, { type: 'input' })
  meter.createUpDownCounter('open').add(-0.5)
  meter.createGauge('load').record(1.25)
  meter.createHistogram('duration', { unit: 's' }).record(4)
  meter.createHistogram('exponential').record(8)
  const { resourceMetrics } = await reader.collect()
  const items = decode('metrics', JsonMetricsSerializer, ProtobufMetricsSerializer, resourceMetrics)
  expect(items).toMatchObject([
    { name: 'exponential', type: 'exponential_histogram', value: 8, count: 1 },
    {
      name: 'tokens',
      unit: '{token}',
      type: 'sum',
      temporality: 'delta',
      monotonic: true,
      value: 12,
      attributes: { type: 'input' },
    },
    { name: 'open', type: 'sum', monotonic: false, value: -0.5 },
    { name: 'load', type: 'gauge', value: 1.25 },
    { name: 'duration', type: 'histogram', value: 4, count: 1 },
  ])
  await provider.shutdown()
})
