import { readFileSync } from 'node:fs'
import { writeFile } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import { describe, expect, test } from 'vitest'
import * as z from 'zod'
import { FakeIngester } from '#src/delivery/fake-ingester.fixture.ts'
import type { LedgerLine } from '#src/model/assessment.ts'
import type { Telemetry } from '#src/model/telemetry.ts'
import { ProtobufDecoder } from '#src/otlp/decode-protobuf.ts'
import { onlyLine, runPipeline, workspace } from '../pipelines/harness.ts'
import { freePort, programOf, startBackend } from './backend-process.ts'

const SAMPLES = resolve(import.meta.dirname, '../../samples/edgar-nadyne')
const NAMES = ['traces-2026-02-12', 'traces-2026-02-13', 'evaluations-2026-02-12', 'evaluations-2026-02-13']

const collector = programOf('AGENTPERF_COLLECTOR')
const victoriaMetrics = programOf('AGENTPERF_VICTORIA_METRICS')

/** Runs the whole pipeline over one session, with the exporter on. @returns its ledger line */
async function exported(exporter: Readonly<Record<string, unknown>>): Promise<LedgerLine> {
  const files = NAMES.map((name) => [`${name}.jsonl`, readFileSync(join(SAMPLES, `${name}.jsonl`), 'utf8')])
  const run = await runPipeline({
    files: Object.fromEntries(files),
    sets: [
      `exporters.signoz=${JSON.stringify(exporter)}`,
      'service.pipelines.sessions.exporters=[jsonl, markdown, signoz]',
    ],
  })
  const requests = exporter.session_records === false ? 1 : 2
  expect(run.accounts.get('exporter/signoz')?.noticed).toEqual({
    requests_queued: requests,
    requests_delivered: requests,
  })
  return onlyLine(run)
}

const sampleSchema = z.object({
  metric: z.record(z.string(), z.string()),
  values: z.array(z.number()),
  timestamps: z.array(z.number()),
})

describe.runIf(victoriaMetrics !== undefined)('VictoriaMetrics', () => {
  // It knows no delta temporality and leaves out sums and histograms that have it.
  test('every gauge arrives unchanged, at the session’s end', async () => {
    const directory = await workspace()
    const url = `http://127.0.0.1:${await freePort()}`
    const args = [
      `-storageDataPath=${join(directory, 'vm')}`,
      `-httpListenAddr=${new URL(url).host}`,
      '-retentionPeriod=100y',
    ]
    await startBackend(victoriaMetrics ?? '', args, `${url}/health`)
    const line = await exported({ endpoint: `${url}/opentelemetry`, encoding: 'protobuf', session_records: false })
    await fetch(`${url}/internal/force_flush`)
    const answer = await fetch(`${url}/api/v1/export?match[]={__name__=~"agent.performance.*"}`)
    const samples = (await answer.text())
      .split('\n')
      .filter((text) => text !== '')
      .map((text) => sampleSchema.parse(JSON.parse(text)))
    const valuesOf = (name: string): readonly number[] =>
      samples.filter(({ metric }) => metric.__name__ === `agent.performance.${name}`).flatMap(({ values }) => values)
    for (const [kpi, value] of Object.entries(line.kpis)) {
      expect(valuesOf(kpi), kpi).toHaveLength(1)
      // It keeps decimal digits, and at most 13 to 16 of them.
      expect(Math.abs((valuesOf(kpi)[0] ?? Number.NaN) - value)).toBeLessThanOrEqual(1e-12 * Math.abs(value))
    }
    const times = new Set(samples.flatMap(({ timestamps }) => timestamps))
    expect([...times]).toEqual([Date.parse(line.ended_at)])
    expect(JSON.stringify(samples)).not.toContain(line.session_id)
  })
})

describe.runIf(collector !== undefined)('the OpenTelemetry Collector', () => {
  test.for([
    { encoding: 'json', compression: 'none' },
    { encoding: 'json', compression: 'gzip' },
    { encoding: 'protobuf', compression: 'none' },
    { encoding: 'protobuf', compression: 'gzip' },
  ])('every value arrives unchanged: $encoding, compression $compression', async (format) => {
    const directory = await workspace()
    const endpoint = `127.0.0.1:${await freePort()}`
    const behind = await new FakeIngester().start()
    const config = {
      receivers: { otlp: { protocols: { http: { endpoint } } } },
      exporters: { otlp_http: { endpoint: behind.url, compression: 'none' } },
      service: {
        telemetry: { metrics: { level: 'none' } },
        pipelines: {
          metrics: { receivers: ['otlp'], exporters: ['otlp_http'] },
          logs: { receivers: ['otlp'], exporters: ['otlp_http'] },
        },
      },
    }
    const file = join(directory, 'collector.json')
    await writeFile(file, JSON.stringify(config))
    await startBackend(collector ?? '', ['--config', file], `http://${endpoint}/`)
    const line = await exported({ endpoint: `http://${endpoint}`, ...format })
    await behind.untilSeen(2)
    const points = itemsIn(behind, 'metrics').filter((item) => item.kind === 'metric')
    for (const [kpi, value] of Object.entries(line.kpis)) {
      const found = points.filter(({ name }) => name === `agent.performance.${kpi}`)
      expect(found, kpi).toMatchObject([{ type: 'gauge', value, timeMs: Date.parse(line.ended_at) }])
    }
    expect(points.find(({ name }) => name === 'agent.performance.sessions')).toMatchObject({
      type: 'sum',
      temporality: 'delta',
      monotonic: true,
      value: 1,
      startMs: Date.parse(line.started_at),
    })
    expect(points.find(({ name }) => name === 'agent.performance.session.duration')).toMatchObject({
      type: 'histogram',
      temporality: 'delta',
      count: 1,
      value: line.duration_seconds,
    })
    expect(JSON.stringify(points)).not.toContain(line.session_id)
    expect(itemsIn(behind, 'logs')).toMatchObject([
      { body: 'agent.session', attributes: { 'session.id': line.session_id }, timeMs: Date.parse(line.ended_at) },
    ])
  })
})

/** What the Collector sent on. */
function itemsIn({ seen }: FakeIngester, signal: 'metrics' | 'logs'): readonly Telemetry[] {
  const body = seen.find(({ path }) => path === `/v1/${signal}`)?.body ?? Buffer.alloc(0)
  const decoded = new ProtobufDecoder().decode(signal, body)
  if (!decoded.ok) throw new Error(`expected ${decoded.error.expected} at ${decoded.error.path}`)
  return decoded.items
}
