import { readdirSync, readFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import type { Attributes, HrTime, SpanStatusCode } from '@opentelemetry/api'
import { OTLPLogExporter as JsonLogExporter } from '@opentelemetry/exporter-logs-otlp-http'
import { OTLPLogExporter as ProtobufLogExporter } from '@opentelemetry/exporter-logs-otlp-proto'
import { OTLPTraceExporter as JsonTraceExporter } from '@opentelemetry/exporter-trace-otlp-http'
import { OTLPTraceExporter as ProtobufTraceExporter } from '@opentelemetry/exporter-trace-otlp-proto'
import { resourceFromAttributes } from '@opentelemetry/resources'
import { BatchLogRecordProcessor, LoggerProvider } from '@opentelemetry/sdk-logs'
import { BatchSpanProcessor, TracerProvider } from '@opentelemetry/sdk-trace'
import { expect, test } from 'vitest'
import type { Logger } from '#src/component.ts'
import { components } from '#src/components.ts'
import { loadConfig } from '#src/config/load.ts'
import type { LedgerLine } from '#src/model/assessment.ts'
import { unaccounted } from '#src/service/accounting.ts'
import { Service } from '#src/service/service.ts'
import { openStore } from '#src/store/open-store.ts'
import { NOW_MS, onlyLine, readLedgerFile, runPipeline, workspace } from './harness.ts'

const SAMPLES = resolve(import.meta.dirname, '../../samples/edgar-nadyne')
const SENT_MS = Date.UTC(2026, 1, 12)
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
])(
  'hooks that export $protocol with the OpenTelemetry SDK give the same ledger line as their files',
  async ({ Traces, Logs }) => {
    const spans = linesOf<SpanLine>('traces-')
    const evaluations = linesOf<EvaluationLine>('evaluations-')
    const ledger = await runOtlp(spans.length + evaluations.length, async (url) => {
      const exporter = new Traces({ url: `${url}/v1/traces`, keepAlive: false })
      const tracing = new TracerProvider({ resource, spanProcessors: [new BatchSpanProcessor({ exporter })] })
      const tracer = tracing.getTracer('claude-code-hooks')
      for (const { name, startTime, endTime, status, attributes } of spans) {
        tracer.startSpan(name, { startTime, attributes }).setStatus(status).end(endTime)
      }
      const logging = new LoggerProvider({
        resource,
        processors: [new BatchLogRecordProcessor({ exporter: new Logs({ url: `${url}/v1/logs`, keepAlive: false }) })],
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

/** Runs the default pipeline with OTLP as its only input. The conservation law is checked. */
async function runOtlp(items: number, send: (url: string) => Promise<void>): Promise<LedgerLine[]> {
  const directory = join(await workspace(), 'state')
  const processors = ['session_grouping', 'kpi_aggregation', 'baseline_ema', 'alerting', 'suggestion_rules']
  const text = JSON.stringify({
    receivers: { otlp: { protocols: { http: { endpoint: '127.0.0.1:0' } } } },
    processors: Object.fromEntries(processors.map((type) => [type, {}])),
    exporters: { jsonl: {} },
    service: {
      storage: { directory },
      pipelines: { sessions: { receivers: ['otlp'], processors, exporters: ['jsonl'] } },
    },
  })
  const listening = Promise.withResolvers<string>()
  const log: Logger = {
    debug() {},
    info({ url }) {
      if (typeof url === 'string') listening.resolve(url)
    },
    warn() {},
    error() {},
  }
  // The session is going on while it is sent, and has been idle for long afterwards.
  let timeMs = SENT_MS
  const nowMs = (): number => timeMs
  const committed = Promise.withResolvers<void>()
  const store = await openStore({ directory, mode: 'write', nowMs })
  const config = loadConfig({ sources: [{ file: 'test.yaml', text }], sets: [], env: {} }, components)
  const onCommitted = (): void => committed.resolve()
  const service = new Service({ config, store, nowMs, loggerFor: () => log, onCommitted })
  try {
    await service.start()
    await send(await listening.promise)
    while (service.accounts().get('receiver/otlp')?.settled.used !== items) await sleep(2)
    timeMs = NOW_MS
    await committed.promise
  } finally {
    await service.stop()
    await store.close()
  }
  for (const [component, account] of service.accounts()) expect(unaccounted(account), component).toBe(0)
  return readLedgerFile(directory)
}
