import { readdirSync, readFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import type { Attributes, HrTime, SpanStatusCode } from '@opentelemetry/api'
import { OTLPLogExporter as GrpcLogExporter } from '@opentelemetry/exporter-logs-otlp-grpc'
import { OTLPLogExporter as JsonLogExporter } from '@opentelemetry/exporter-logs-otlp-http'
import { OTLPLogExporter as ProtobufLogExporter } from '@opentelemetry/exporter-logs-otlp-proto'
import { OTLPTraceExporter as GrpcTraceExporter } from '@opentelemetry/exporter-trace-otlp-grpc'
import { OTLPTraceExporter as JsonTraceExporter } from '@opentelemetry/exporter-trace-otlp-http'
import { OTLPTraceExporter as ProtobufTraceExporter } from '@opentelemetry/exporter-trace-otlp-proto'
import { resourceFromAttributes } from '@opentelemetry/resources'
import { BatchLogRecordProcessor, LoggerProvider } from '@opentelemetry/sdk-logs'
import { BatchSpanProcessor, TracerProvider } from '@opentelemetry/sdk-trace'
import { expect, test } from 'vitest'
import { onlyLine, runPipeline } from './harness.ts'
import { runOtlp } from './otlp-run.ts'

const SAMPLES = resolve(import.meta.dirname, '../../samples/edgar-nadyne')
const SENT_MS = Date.UTC(2026, 1, 12, 18)
const resource = resourceFromAttributes({ 'service.name': 'claude-code-hooks', 'service.version': '1.0.0' })

/** A line of `traces-*.jsonl`. */
interface SpanLine {
  readonly name: string
  readonly startTime: HrTime
  readonly endTime: HrTime
  readonly status: { readonly code: SpanStatusCode }
  readonly attributes: Attributes
}

/** A line of `evaluations-*.jsonl`. */
interface EvaluationLine {
  readonly name: string
  readonly timestamp: string
  readonly attributes: Attributes
}

const files = Object.fromEntries(readdirSync(SAMPLES).map((name) => [name, readFileSync(join(SAMPLES, name), 'utf8')]))

function linesOf<T>(beginning: string): T[] {
  const texts = Object.entries(files).filter(([name]) => name.startsWith(beginning))
  return texts.flatMap(([, text]) => text.trim().split('\n')).map((line) => JSON.parse(line))
}

test.for([
  { protocol: 'http/json', Traces: JsonTraceExporter, Logs: JsonLogExporter },
  { protocol: 'http/protobuf', Traces: ProtobufTraceExporter, Logs: ProtobufLogExporter },
  { protocol: 'grpc', Traces: GrpcTraceExporter, Logs: GrpcLogExporter },
])(
  'hooks that export $protocol with the OpenTelemetry SDK give the same ledger line as their files',
  async ({ protocol, Traces, Logs }) => {
    const spans = linesOf<SpanLine>('traces-')
    const evaluations = linesOf<EvaluationLine>('evaluations-')
    const items = spans.length + evaluations.length
    const { ledger } = await runOtlp({ items, sentMs: SENT_MS }, async (url, grpcUrl) => {
      const to = (signal: string) =>
        protocol === 'grpc' ? { url: grpcUrl } : { url: `${url}/v1/${signal}`, keepAlive: false }
      const exporter = new Traces(to('traces'))
      const tracing = new TracerProvider({ resource, spanProcessors: [new BatchSpanProcessor({ exporter })] })
      const tracer = tracing.getTracer('claude-code-hooks')
      for (const { name, startTime, endTime, status, attributes } of spans) {
        tracer.startSpan(name, { startTime, attributes }).setStatus(status).end(endTime)
      }
      const logging = new LoggerProvider({
        resource,
        processors: [new BatchLogRecordProcessor({ exporter: new Logs(to('logs')) })],
      })
      const logger = logging.getLogger('claude-code-hooks')
      for (const { name, timestamp, attributes } of evaluations) {
        logger.emit({ eventName: name, timestamp: new Date(timestamp), attributes })
      }
      await Promise.all([tracing.shutdown(), logging.shutdown()])
    })
    expect(ledger).toEqual([onlyLine(await runPipeline({ files }))])
  },
)
