import { readFileSync } from 'node:fs'
import { dirname, join, resolve } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { expect, onTestFinished, test, vi } from 'vitest'
import type { Logger } from '#src/component.ts'
import { components } from '#src/components.ts'
import { loadConfig } from '#src/config/load.ts'
import { FakeIngester } from '#src/delivery/fake-ingester.fixture.ts'
import { decodeJsonBody } from '#src/otlp/decode-json-body.ts'
import { parsePrometheus, type Sample } from '#src/service/prometheus.fixture.ts'
import { Service } from '#src/service/service.ts'
import { openStore } from '#src/store/open-store.ts'
import { NOW_MS, workspace } from './harness.ts'

const root = resolve(import.meta.dirname, '../..')

interface Running {
  readonly url: string
  readonly logged: readonly object[]
  samples(): Promise<readonly Sample[]>
  stop(): Promise<void>
}

async function started(endpoint: string, passTo: string): Promise<Running> {
  const directory = join(await workspace(), 'state')
  const config = {
    receivers: { otlp: { protocols: { http: { endpoint: '127.0.0.1:0' } } } },
    processors: { session_grouping: {}, kpi_aggregation: {}, redact: {} },
    exporters: { jsonl: {}, otlp: { endpoint: passTo } },
    service: {
      storage: { directory },
      telemetry: { metrics: { endpoint, interval: '60s', headers: { 'x-key': 'k' } } },
      pipelines: {
        sessions: { receivers: ['otlp'], processors: ['session_grouping', 'kpi_aggregation'], exporters: ['jsonl'] },
        passthrough: { receivers: ['otlp'], processors: ['redact'], exporters: ['otlp'] },
      },
    },
  }
  const store = await openStore({ directory, mode: 'write', nowMs: () => NOW_MS })
  let url = ''
  const logged: object[] = []
  const log: Logger['info'] = (fields) => {
    logged.push(fields)
    if (typeof fields.url === 'string') url = fields.url
  }
  const service = new Service({
    config: loadConfig({ sources: [{ file: 't', text: JSON.stringify(config) }], sets: [], env: {} }, components),
    store,
    nowMs: () => NOW_MS,
    loggerFor: () => ({ debug: log, info: log, warn: log, error: log }),
  })
  let stopped = false
  const stop = async (): Promise<void> => {
    if (stopped) return
    stopped = true
    await service.stop()
    await store.close()
  }
  onTestFinished(stop)
  await service.startMetricsExport()
  await service.start()
  const port = await service.startAdmin({ host: '127.0.0.1', port: 0 })
  return {
    url,
    logged,
    stop,
    async samples() {
      const response = await fetch(`http://127.0.0.1:${port}/metrics`)
      expect(response.headers.get('content-type')).toBe('text/plain; version=0.0.4; charset=utf-8')
      return parsePrometheus(await response.text())
    },
  }
}

const logs = JSON.stringify({
  resourceLogs: [
    {
      resource: { attributes: [{ key: 'service.name', value: { stringValue: 'claude-code' } }] },
      scopeLogs: [
        {
          scope: { name: 'com.anthropic.claude_code.events' },
          logRecords: [1, 2, 3].map((n) => ({
            timeUnixNano: `${NOW_MS + n}000000`,
            attributes: [
              { key: 'session.id', value: { stringValue: 's1' } },
              { key: 'event.name', value: { stringValue: 'user_prompt' } },
              { key: 'prompt.id', value: { stringValue: `p${n}` } },
            ],
          })),
        },
      ],
    },
  ],
})

/** What people set for their agents, whose telemetry is to come here. */
function setAgentsVariables(endpoint: string): void {
  for (const signal of ['TRACES', 'METRICS', 'LOGS']) vi.stubEnv(`OTEL_${signal}_EXPORTER`, 'otlp')
  vi.stubEnv('OTEL_EXPORTER_OTLP_ENDPOINT', endpoint)
  vi.stubEnv('OTEL_METRIC_EXPORT_INTERVAL', '100')
  vi.stubEnv('OTEL_RESOURCE_ATTRIBUTES', 'user=ada')
  vi.stubEnv('OTEL_SERVICE_NAME', 'agent')
  onTestFinished(() => {
    vi.unstubAllEnvs()
  })
}

test('what flows, waits and is open is told to Prometheus and over OTLP', async () => {
  const ingester = await new FakeIngester().start()
  const agents = await new FakeIngester().start()
  setAgentsVariables(agents.url)
  const away = await new FakeIngester().start()
  away.always = { status: 503 }
  const endpoint = ingester.url.replace('//', '//ada:hunter2@')
  const { url, logged, samples, stop } = await started(endpoint, away.url)
  const headers = { 'content-type': 'application/json' }
  expect((await fetch(`${url}/v1/logs`, { method: 'POST', headers, body: logs })).status).toBe(200)
  const valueIn = (all: readonly Sample[], name: string, labels: Readonly<Record<string, string>> = {}) =>
    all.find(
      (sample) => sample.name === name && Object.entries(labels).every(([key, value]) => sample.labels[key] === value),
    )?.value
  let all = await samples()
  while (valueIn(all, 'agentperf_processor_sessions_open') !== 1) {
    await sleep(20)
    all = await samples()
  }
  const toGrouping = { component_id: 'otlp', peer_id: 'sessions/session_grouping', outcome: 'success' }
  const toRedact = { component_id: 'otlp', peer_id: 'passthrough/redact', outcome: 'success' }
  const toExporter = { component_id: 'otlp', peer_id: 'passthrough/redact', signal: 'telemetry', outcome: 'success' }
  expect(valueIn(all, 'agentperf_receiver_produced_items_total', toGrouping)).toBe(3)
  expect(valueIn(all, 'agentperf_receiver_produced_items_total', toRedact)).toBe(3)
  expect(valueIn(all, 'agentperf_exporter_consumed_items_total', toExporter)).toBe(3)
  expect(valueIn(all, 'agentperf_component_received_items_total', { component_id: 'passthrough/redact' })).toBe(3)
  expect(valueIn(all, 'agentperf_exporter_queue_size', { component_id: 'otlp' })).toBe(1)
  expect(valueIn(all, 'agentperf_exporter_queue_used_bytes', { component_id: 'otlp' })).toBeGreaterThan(logs.length)
  expect(valueIn(all, 'agentperf_exporter_queue_capacity_bytes', { component_id: 'otlp' })).toBe(256 * 2 ** 20)
  expect(valueIn(all, 'agentperf_process_memory_rss_bytes')).toBeGreaterThan(1e7)
  while (valueIn(all, 'agentperf_process_event_loop_delay_seconds', { quantile: '0.99' }) === undefined) {
    await sleep(20)
    all = await samples()
  }
  await stop()
  const [seen] = ingester.seen
  expect(seen).toMatchObject({ path: '/v1/metrics', headers: { 'x-key': 'k' } })
  expect(seen?.headers.authorization).toBe(`Basic ${btoa('ada:hunter2')}`)
  expect(logged).toContainEqual({ endpoint: ingester.url.replace('//', '//[REDACTED]@') })
  expect(JSON.stringify(logged)).not.toContain('hunter2')
  const decoded = decodeJsonBody(seen?.body ?? Buffer.alloc(0))
  const points = decoded.ok ? decoded.items.flatMap((item) => (item.kind === 'metric' ? [item] : [])) : []
  const grouped = points.find(
    ({ name, attributes }) =>
      name === 'agentperf.receiver.produced.items' &&
      attributes['peer.id'] === 'sessions/session_grouping' &&
      attributes.outcome === 'success',
  )
  expect(grouped).toMatchObject({ type: 'sum', temporality: 'delta', monotonic: true, value: 3, timeMs: NOW_MS })
  expect(grouped?.resource.attributes).toEqual({ 'service.name': 'agentperf' })
  expect(seen?.body.toString()).not.toContain('s1"')
  expect(agents.seen).toEqual([])
})

test('nothing of OpenTelemetry’s SDK is loaded while it is off', () => {
  const seen = new Set<string>()
  const packages = new Set<string>()
  const visit = (file: string): void => {
    if (seen.has(file)) return
    seen.add(file)
    const source = readFileSync(file, 'utf8')
    // What is imported when it is needed, and what is only a type, is not loaded at the start.
    for (const [, names = '', from = ''] of source.matchAll(/^import (?!type )([^'"]*?)from '([^']+)'/gm)) {
      if (/^\{(\s*type [^,}]+,?)+\s*\}\s*$/.test(names)) continue
      if (from.startsWith('.')) visit(resolve(dirname(file), from))
      else if (from.startsWith('#')) visit(resolve(root, from.slice(1)))
      else packages.add(from)
    }
  }
  visit(join(root, 'src/cli/run.ts'))
  visit(join(root, 'src/components.ts'))
  expect(seen.size).toBeGreaterThan(100)
  expect([...packages].filter((name) => name.startsWith('@opentelemetry/') || name.startsWith('@grpc/'))).toEqual([])
})
