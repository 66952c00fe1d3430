import { promisify } from 'node:util'
import { gzip } from 'node:zlib'
import { type Attributes, SeverityNumber } from '@opentelemetry/api'
import { type ExportResult, ExportResultCode } from '@opentelemetry/core'
import { AggregationTemporalityPreference, OTLPMetricExporterBase } from '@opentelemetry/exporter-metrics-otlp-http'
import { type IOtlpExportDelegate, OTLPExporterBase } from '@opentelemetry/otlp-exporter-base'
import {
  type ISerializer,
  JsonLogsSerializer,
  JsonMetricsSerializer,
  ProtobufLogsSerializer,
  ProtobufMetricsSerializer,
} from '@opentelemetry/otlp-transformer'
import { resourceFromAttributes } from '@opentelemetry/resources'
import type { ReadableLogRecord } from '@opentelemetry/sdk-logs'
import type { MetricData, ResourceMetrics } from '@opentelemetry/sdk-metrics'
import type { AlertLevel, LedgerLine } from '#src/model/assessment.ts'
import type { OutgoingRequest } from '#src/store/stored-request.ts'
import type { Config } from './config.ts'
import { hrTime } from './hr-time.ts'
import { type SessionRevision, sessionMetrics } from './session-metrics.ts'
import { SESSION_RECORD, sessionRecord } from './session-record.ts'

const compress = promisify(gzip)

/** Without a version: that would make new series of all metrics with each release. */
const SCOPE = { name: 'agentperf' }

const SEVERITIES: Readonly<Record<AlertLevel, SeverityNumber>> = {
  PASS: SeverityNumber.INFO,
  WARNING: SeverityNumber.WARN,
  CRITICAL: SeverityNumber.ERROR,
}

/** An exporter of OpenTelemetry's SDK, as far as it is used. */
interface SdkExporter<T> {
  export(items: T, done: (result: ExportResult) => void): void
}

/** Makes the requests that tell SigNoz of some sessions. */
export class RequestEncoder {
  readonly #config: Pick<Config, 'encoding' | 'compression' | 'session_records'>
  readonly #resource: ResourceMetrics['resource']

  constructor(config: Pick<Config, 'encoding' | 'compression' | 'session_records' | 'environment'>) {
    this.#config = config
    this.#resource = resourceFromAttributes(resourceAttributes(config.environment))
  }

  /** @returns the metrics, and the log records when they are wanted; nothing without sessions */
  async encode(revisions: readonly SessionRevision[], nowMs: number): Promise<readonly OutgoingRequest[]> {
    const { encoding, session_records } = this.#config
    const isJson = encoding === 'json'
    const requests: OutgoingRequest[] = []
    const metrics = sessionMetrics(revisions)
    if (metrics.length > 0) {
      const items = { resource: this.#resource, scopeMetrics: [{ scope: SCOPE, metrics }] }
      const serializer = isJson ? JsonMetricsSerializer : ProtobufMetricsSerializer
      const body = encodeBy(metricExporter, serializer, items)
      requests.push(await this.#request('/v1/metrics', body, countPoints(metrics)))
    }
    if (session_records && revisions.length > 0) {
      const records = revisions.map(({ line }) => this.#record(line, nowMs))
      const body = encodeBy(logExporter, isJson ? JsonLogsSerializer : ProtobufLogsSerializer, records)
      requests.push(await this.#request('/v1/logs', body, records.length))
    }
    return requests
  }

  async #request(path: string, body: Uint8Array, items: number): Promise<OutgoingRequest> {
    const { encoding, compression } = this.#config
    const contentType = encoding === 'json' ? 'application/json' : 'application/x-protobuf'
    if (compression === 'none') return { path, contentType, items, body }
    return { path, contentType, contentEncoding: compression, items, body: await compress(body) }
  }

  #record(line: LedgerLine, nowMs: number): ReadableLogRecord {
    return {
      hrTime: hrTime(line.ended_at),
      hrTimeObserved: hrTime(new Date(nowMs).toISOString()),
      severityNumber: SEVERITIES[line.alert_level],
      severityText: SeverityNumber[SEVERITIES[line.alert_level]],
      body: SESSION_RECORD,
      resource: this.#resource,
      instrumentationScope: SCOPE,
      attributes: sessionRecord(line),
      droppedAttributesCount: 0,
    }
  }
}

function resourceAttributes(environment: string): Attributes {
  const service = { 'service.name': 'agentperf' }
  if (environment === '') return service
  // SigNoz's column is filled from the old name, and newer queries ask for the new one.
  return { ...service, 'deployment.environment': environment, 'deployment.environment.name': environment }
}

function metricExporter(delegate: IOtlpExportDelegate<ResourceMetrics>): SdkExporter<ResourceMetrics> {
  return new OTLPMetricExporterBase(delegate, { temporalityPreference: AggregationTemporalityPreference.DELTA })
}

function logExporter(delegate: IOtlpExportDelegate<ReadableLogRecord[]>): SdkExporter<ReadableLogRecord[]> {
  return new OTLPExporterBase(delegate)
}

/**
 * Hands items to an exporter of the SDK and takes what it would send: the SDK's own transport gives up after some
 * seconds, cannot be stopped, and does not tell what was rejected.
 */
function encodeBy<T>(
  exporterWith: (delegate: IOtlpExportDelegate<T>) => SdkExporter<T>,
  serializer: ISerializer<T, unknown>,
  items: T,
): Uint8Array {
  let body: Uint8Array | undefined
  const exporter = exporterWith({
    export(given, done) {
      body = serializer.serializeRequest(given)
      done({ code: ExportResultCode.SUCCESS })
    },
    async forceFlush() {},
    async shutdown() {},
    setMetrics() {},
  })
  exporter.export(items, () => {})
  if (body === undefined) throw new TypeError('Expected a request, got nothing from the serializer.')
  return body
}

function countPoints(metrics: readonly MetricData[]): number {
  return metrics.reduce((sum, { dataPoints }) => sum + dataPoints.length, 0)
}
