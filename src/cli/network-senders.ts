import type { Config as OtlpConfig } from '#exporters/otlp/config.ts'
import { otlp } from '#exporters/otlp/otlp.ts'
import { openSender } from '#exporters/otlp/sender.ts'
import type { ExporterFactory } from '#src/component.ts'
import type { ConfiguredComponent, LoadedConfig } from '#src/config/config.ts'
import { withoutCredentials } from '#src/config/secret.ts'
import type { Sender } from '#src/delivery/delivery.ts'
import { HttpSender, type Target } from '#src/delivery/http-sender.ts'
import { metricsTarget, OWN_METRICS } from '#src/service/metrics-target.ts'
import type { OutgoingRequest } from '#src/store/stored-request.ts'
import { type SignozExporter, signozExporters } from './signoz-exporters.ts'

/** What sends requests for one exporter, and where to. */
export interface NetworkSender {
  readonly id: string
  /** As it may be shown; empty when the exporter is off. */
  readonly endpoint: string
  /** How it is switched on. */
  readonly hintWhenOff: string
  /** Where its key is set. */
  readonly keyHint: string
  /** Whether it is known to send to SigNoz: anything may be behind an `otlp`. */
  readonly isSignoz: boolean
  /** Requests that hold nothing, one of each kind that it sends. */
  readonly probes: readonly OutgoingRequest[]
  /** @returns `undefined` when the exporter is off */
  open(): Promise<Sender | undefined>
}

const LISTS = { traces: 'resourceSpans', metrics: 'resourceMetrics', logs: 'resourceLogs' } as const

/** What sends requests over a network in a configuration: exporters, and agentperf's own metrics where they are sent. */
export function networkSenders(config: LoadedConfig): readonly NetworkSender[] {
  const passing = [...config.exporters.values()].filter(isOtlp)
  const own = metricsTarget(config)
  return [
    ...signozExporters(config).map(ofSignoz),
    ...passing.map(ofOtlp),
    ...(own === undefined ? [] : [ofOwnMetrics(own)]),
  ]
}

function ofSignoz({ id, config, target }: SignozExporter): NetworkSender {
  return {
    id,
    endpoint: withoutCredentials(target?.endpoint ?? ''),
    hintWhenOff: 'set SIGNOZ_OTLP_ENDPOINT (as http://127.0.0.1:4318), or `endpoint` or `region` of the exporter',
    keyHint: 'set SIGNOZ_INGESTION_KEY (SigNoz Cloud: Settings, Ingestion)',
    isSignoz: true,
    probes: [probe('metrics', config.encoding), probe('logs', config.encoding)],
    open: async () => (target === undefined ? undefined : new HttpSender(target)),
  }
}

function ofOtlp({ id, config }: { readonly id: string; readonly config: OtlpConfig }): NetworkSender {
  const encoding = config.protocol === 'grpc' || config.encoding === 'protobuf' ? 'protobuf' : 'json'
  return {
    id,
    endpoint: withoutCredentials(config.endpoint ?? ''),
    hintWhenOff: 'set `endpoint` of the exporter (as http://127.0.0.1:4318)',
    keyHint: 'see `headers` of the exporter',
    isSignoz: false,
    probes: [probe('traces', encoding), probe('metrics', encoding), probe('logs', encoding)],
    open: () => openSender(config),
  }
}

function ofOwnMetrics(target: Target): NetworkSender {
  return {
    id: OWN_METRICS,
    endpoint: withoutCredentials(target.endpoint),
    hintWhenOff: `set \`${OWN_METRICS}.endpoint\``,
    keyHint: `see \`${OWN_METRICS}.headers\``,
    isSignoz: false,
    probes: [probe('metrics', 'json')],
    open: async () => new HttpSender(target),
  }
}

/** In protobuf a request that holds nothing is empty. */
function probe(signal: keyof typeof LISTS, encoding: 'json' | 'protobuf'): OutgoingRequest {
  const path = `/v1/${signal}`
  if (encoding === 'protobuf') return { path, contentType: 'application/x-protobuf', items: 0, body: Buffer.alloc(0) }
  return { path, contentType: 'application/json', items: 0, body: Buffer.from(`{"${LISTS[signal]}":[]}`) }
}

type Exporter = ConfiguredComponent<ExporterFactory>

/** Its factory's schema has checked the configuration. */
function isOtlp(exporter: Exporter): exporter is Exporter & { readonly config: OtlpConfig } {
  return exporter.type === otlp.type
}
