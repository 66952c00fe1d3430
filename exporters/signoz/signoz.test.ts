import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterEach, beforeEach, describe, expect, onTestFinished, test } from 'vitest'
import type { Consumer } from '#src/component.ts'
import { FakeIngester, type SeenRequest } from '#src/delivery/fake-ingester.fixture.ts'
import type { LedgerLine } from '#src/model/assessment.ts'
import { decodeJsonBody } from '#src/otlp/decode-json-body.ts'
import { ProtobufDecoder } from '#src/otlp/decode-protobuf.ts'
import { withWholeItems } from '#src/otlp/whole-items.fixture.ts'
import { alert, edgarNadyneLine, ledgerLine } from '#src/report/ledger-line.fixture.ts'
import { Accounting, unaccounted } from '#src/service/accounting.ts'
import { InputProgress } from '#src/service/input-progress.ts'
import { type OpenStore, openStore } from '#src/store/open-store.ts'
import { configSchema } from './config.ts'
import { signoz } from './signoz.ts'
import { targetOf } from './target.ts'

const NOW_MS = Date.UTC(2026, 1, 14)

let directory: string
let store: OpenStore
let accounting: Accounting
let logged: string[]

beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'agentperf-signoz-'))
  store = await openStore({ directory, mode: 'write', nowMs: () => NOW_MS })
  accounting = new Accounting()
  logged = []
})

afterEach(async () => {
  for (const account of accounting.components().values()) expect(unaccounted(account)).toBe(0)
  await store.close()
  await rm(directory, { recursive: true, force: true })
})

async function started(config: object, id = 'signoz'): Promise<Consumer<'assessment'>> {
  const log = (fields: Readonly<Record<string, unknown>>, message: string): void => {
    logged.push(`${message} ${JSON.stringify(fields)}`)
  }
  const exporter = signoz.create(configSchema.parse(config), {
    id,
    log: { debug: log, info: log, warn: log, error: log },
    now: () => NOW_MS,
    items: accounting.itemsOf(id),
    progress: new InputProgress().of(id),
    store,
    decisions: { answerHook: () => ({ body: {}, events: [] }), nameAgentTypes() {}, tellAlarms() {} },
  })
  onTestFinished(() => exporter.stop())
  await exporter.start()
  return exporter
}

/** Exports some sessions and gives what came over the wire. */
function sent(config: object, ...lines: LedgerLine[]): Promise<readonly SeenRequest[]> {
  return sentBy('signoz', config, lines)
}

async function sentBy(id: string, config: object, lines: readonly LedgerLine[]): Promise<readonly SeenRequest[]> {
  const ingester = await new FakeIngester().start()
  const exporter = await started({ endpoint: ingester.url, ...config }, id)
  await exporter.consume(lines.map((line) => ({ line, live: false })))
  await exporter.stop()
  return ingester.seen
}

interface WirePoint {
  readonly timeUnixNano: string
  readonly startTimeUnixNano: string
  readonly asDouble?: number
  readonly attributes: readonly { key: string; value: { stringValue?: string } }[]
}

interface WireMetric {
  readonly name: string
  readonly unit: string
  readonly gauge?: { dataPoints: WirePoint[] }
  readonly sum?: { dataPoints: WirePoint[]; aggregationTemporality: number; isMonotonic: boolean }
  readonly histogram?: {
    dataPoints: (WirePoint & { count: number; sum: number; bucketCounts: number[]; explicitBounds: number[] })[]
    aggregationTemporality: number
  }
}

function metricsIn(requests: readonly SeenRequest[]): ReadonlyMap<string, WireMetric> {
  const body = JSON.parse(requests.find(({ path }) => path === '/v1/metrics')?.body.toString() ?? '')
  const metrics: WireMetric[] = body.resourceMetrics[0].scopeMetrics[0].metrics
  return new Map(metrics.map((metric) => [metric.name, metric]))
}

/** The points of a metric as `attributes → value`. */
function pointsOf(metric: WireMetric | undefined): Readonly<Record<string, number | undefined>> {
  const points = metric?.gauge?.dataPoints ?? metric?.sum?.dataPoints ?? []
  return Object.fromEntries(
    points.map(({ attributes, asDouble }) => [
      attributes.map(({ key, value }) => `${key}=${value.stringValue}`).join(' '),
      asDouble,
    ]),
  )
}

const nanos = (iso: string): string => `${Date.parse(iso)}000000`
const OF_EDGAR = 'agent.type=translation-agent gen_ai.request.model=claude-opus-4-6'

describe('metrics', () => {
  test('each KPI is a gauge at the end of its session, with its baseline beside it', async () => {
    const line = { ...edgarNadyneLine(), ended_at: '2026-02-13T03:04:59.250Z' }
    const metrics = metricsIn(await sent({}, line))
    for (const [kpi, value] of Object.entries(line.kpis)) {
      const metric = metrics.get(`agent.performance.${kpi}`)
      expect(pointsOf(metric)).toEqual({ [OF_EDGAR]: value })
      expect(metric?.gauge?.dataPoints[0]?.timeUnixNano).toBe(nanos(line.ended_at))
      const mean = line.baselines[kpi]
      const baseline = metrics.get(`agent.performance.${kpi}.baseline.mean`)
      expect(pointsOf(baseline)).toEqual(mean === undefined ? {} : { [OF_EDGAR]: mean })
      const stdDev = line.std_devs[kpi]
      const spread = metrics.get(`agent.performance.${kpi}.baseline.std_dev`)
      expect(pointsOf(spread)).toEqual(stdDev === undefined ? {} : { [OF_EDGAR]: stdDev })
    }
    expect(metrics.has('agent.performance.quality_faithfulness')).toBe(false)
    const deviations = Object.entries(line.deviations).map(([kpi, value]) => [`${OF_EDGAR} kpi=${kpi}`, value])
    expect(pointsOf(metrics.get('agent.performance.deviation'))).toEqual(Object.fromEntries(deviations))
  })

  test('counts are delta sums, the duration a delta histogram', async () => {
    const line = ledgerLine({
      totals: { fresh_input_tokens: 10, cache_read_tokens: 900, output_tokens: 50, cost_usd: 1.25 },
      alerts: [alert({ severity: 'CRITICAL' }), alert({ metric: 'token_efficiency' })],
      suggestions: edgarNadyneLine().suggestions,
    })
    const metrics = metricsIn(await sent({}, line))
    const base = 'agent.type=code-reviewer gen_ai.request.model=claude-opus-4-6'
    const sums = [
      ['sessions', { [base]: 1 }],
      [
        'tokens',
        {
          [`${base} gen_ai.token.type=fresh_input`]: 10,
          [`${base} gen_ai.token.type=cache_read`]: 900,
          [`${base} gen_ai.token.type=output`]: 50,
        },
      ],
      ['cost', { [base]: 1.25 }],
      [
        'alerts',
        { [`${base} severity=CRITICAL kpi=error_rate`]: 1, [`${base} severity=WARNING kpi=token_efficiency`]: 1 },
      ],
      ['suggestions', { [`${base} state=proposed`]: 2 }],
    ] as const
    for (const [name, points] of sums) {
      const metric = metrics.get(`agent.performance.${name}`)
      expect(pointsOf(metric), name).toEqual(points)
      expect(metric?.sum).toMatchObject({ aggregationTemporality: 1, isMonotonic: true })
      expect(metric?.sum?.dataPoints[0]).toMatchObject({
        startTimeUnixNano: nanos(line.started_at),
        timeUnixNano: nanos(line.ended_at),
      })
    }
    const duration = metrics.get('agent.performance.session.duration')?.histogram
    expect(duration).toMatchObject({
      aggregationTemporality: 1,
      dataPoints: [{ count: 1, sum: 1800, timeUnixNano: nanos(line.ended_at) }],
    })
    const [point] = duration?.dataPoints ?? []
    // Bounds belong to the bucket below them.
    expect(point?.explicitBounds[point.bucketCounts.findIndex((count) => Number(count) === 1)]).toBe(1800)
    expect(point?.bucketCounts).toHaveLength((point?.explicitBounds.length ?? 0) + 1)
  })

  test('what was not measured is not sent, and neither is what is not finite', async () => {
    const line = ledgerLine({ kpis: { error_rate: Number.POSITIVE_INFINITY }, totals: {}, model: null })
    const metrics = metricsIn(await sent({}, line))
    expect([...metrics.keys()]).toEqual(['agent.performance.sessions', 'agent.performance.session.duration'])
    expect(pointsOf(metrics.get('agent.performance.sessions'))).toEqual({ 'agent.type=code-reviewer': 1 })
  })

  test('a custom KPI has its own unit, and cannot take the name of a count', async () => {
    const custom = { label: 'W/R', direction: 'lower', unit: '{write}' } as const
    const line = ledgerLine({ kpis: { writes: 2, sessions: 7 }, custom_kpis: { writes: custom, sessions: custom } })
    const metrics = metricsIn(await sent({}, line))
    expect(metrics.get('agent.performance.writes')?.unit).toBe('{write}')
    expect(metrics.get('agent.performance.sessions')?.gauge).toBeUndefined()
  })

  test('no session id, and a small resource that restarts do not change', async () => {
    const requests = await sent({ environment: 'prod' }, edgarNadyneLine())
    const body = requests.find(({ path }) => path === '/v1/metrics')?.body.toString() ?? ''
    expect(body).not.toContain('d1d142a6')
    expect(body).not.toContain('session.id')
    expect(JSON.parse(body).resourceMetrics[0].resource.attributes).toEqual([
      { key: 'service.name', value: { stringValue: 'agentperf' } },
      { key: 'deployment.environment', value: { stringValue: 'prod' } },
      { key: 'deployment.environment.name', value: { stringValue: 'prod' } },
    ])
    expect(JSON.parse(body).resourceMetrics[0].scopeMetrics[0].scope).toEqual({ name: 'agentperf' })
  })
})

describe('a session with more than one revision', () => {
  const opus = 'agent.type=code-reviewer gen_ai.request.model=claude-opus-4-6'
  const [suggestion] = edgarNadyneLine().suggestions
  const first = ledgerLine({
    duration_seconds: 600,
    totals: { output_tokens: 1000, cost_usd: 1.5 },
    alerts: [alert({ metric: 'token_efficiency' })],
  })
  const second = ledgerLine({
    revision: 2,
    ended_at: '2026-02-10T11:00:00.000Z',
    duration_seconds: 7200,
    totals: { output_tokens: 10_000, cache_read_tokens: 0, cost_usd: 21.75 },
    alerts: [alert({ severity: 'CRITICAL' }), alert({ metric: 'token_efficiency' })],
    suggestions: suggestion === undefined ? [] : [suggestion],
  })

  /** Exports batches, each by a run of its own. @returns the requests with metrics */
  async function sentByRuns(...runs: readonly (readonly LedgerLine[])[]): Promise<readonly SeenRequest[]> {
    const ledger = [first, ...runs.flat()].toSorted((a, b) => a.revision - b.revision)
    await store.commit(ledger.map((line) => ({ line, live: false })))
    const seen: SeenRequest[] = []
    for (const lines of runs) {
      seen.push(...(await sent({}, ...lines)))
      await store.close()
      store = await openStore({ directory, mode: 'write', nowMs: () => NOW_MS })
    }
    return seen.filter(({ path }) => path === '/v1/metrics')
  }

  test('the sums get what is new, the gauges all of it, the histogram nothing again', async () => {
    const [, request] = await sentByRuns([first], [second])
    const metrics = metricsIn(request === undefined ? [] : [request])
    const sums = [...metrics].filter(([, { gauge }]) => gauge === undefined)
    expect(Object.fromEntries(sums.map(([name, metric]) => [name, pointsOf(metric)]))).toEqual({
      'agent.performance.tokens': {
        [`${opus} gen_ai.token.type=output`]: 9000,
        // Measured for the first time.
        [`${opus} gen_ai.token.type=cache_read`]: 0,
      },
      'agent.performance.cost': { [opus]: 20.25 },
      'agent.performance.alerts': { [`${opus} severity=CRITICAL kpi=error_rate`]: 1 },
      'agent.performance.suggestions': { [`${opus} state=proposed`]: 1 },
    })
    expect(metrics.get('agent.performance.cost')?.sum?.dataPoints[0]?.timeUnixNano).toBe(nanos(second.ended_at))
    expect(pointsOf(metrics.get('agent.performance.error_rate'))).toEqual({ [opus]: 0.05 })
  })

  const third = ledgerLine({ ...second, revision: 3, totals: { output_tokens: 12_000, cost_usd: 25 } })
  const corrected = ledgerLine({ ...second, revision: 2, totals: { output_tokens: 400, cost_usd: 1 }, alerts: [] })
  const renamed = { agent_type: 'planner', model: 'claude-haiku-4-5' }

  test.for<{ title: string; runs: readonly (readonly LedgerLine[])[]; tokens: number; cost: number; alerts: number }>([
    { title: 'in one batch', runs: [[first, second, third]], tokens: 12_000, cost: 25, alerts: 2 },
    { title: 'by three runs', runs: [[first], [second], [third]], tokens: 12_000, cost: 25, alerts: 2 },
    {
      title: 'sent again',
      runs: [
        [first, second],
        [first, second, third],
      ],
      tokens: 12_000,
      cost: 25,
      alerts: 2,
    },
    { title: 'the first of which was not exported', runs: [[second]], tokens: 10_000, cost: 21.75, alerts: 2 },
    { title: 'the first of which comes last', runs: [[second], [first]], tokens: 10_000, cost: 21.75, alerts: 2 },
    { title: 'corrected downwards', runs: [[first], [corrected]], tokens: 1000, cost: 1.5, alerts: 1 },
    { title: 'corrected, then higher', runs: [[first, corrected], [third]], tokens: 12_000, cost: 25, alerts: 2 },
    {
      title: 'of another agent type',
      runs: [[first, { ...second, ...renamed }]],
      tokens: 10_000,
      cost: 21.75,
      alerts: 2,
    },
  ])('counts as one: $title', async ({ runs, tokens, cost, alerts }) => {
    const requests = await sentByRuns(...runs)
    expect(totalOf(requests, 'sessions')).toBe(1)
    expect(totalOf(requests, 'tokens', 'output')).toBe(tokens)
    expect(totalOf(requests, 'cost')).toBeCloseTo(cost, 9)
    expect(totalOf(requests, 'alerts')).toBe(alerts)
    expect(pointsIn(requests, 'session.duration')).toHaveLength(1)
    expect(pointsIn(requests, 'error_rate')).toHaveLength(new Set(runs.flat()).size)
  })

  function totalOf(requests: readonly SeenRequest[], name: string, tokenType?: string): number {
    return pointsIn(requests, name)
      .filter(
        ({ attributes }) => tokenType === undefined || attributes.some(({ value }) => value.stringValue === tokenType),
      )
      .reduce((sum, { asDouble = 0 }) => sum + asDouble, 0)
  }

  function pointsIn(requests: readonly SeenRequest[], name: string): readonly WirePoint[] {
    return requests.flatMap((request) => {
      const metric = metricsIn([request]).get(`agent.performance.${name}`)
      return (metric?.gauge ?? metric?.sum ?? metric?.histogram)?.dataPoints ?? []
    })
  }
})

test('each session is a log record with its id and all numbers', async () => {
  const line = edgarNadyneLine()
  const requests = await sent({}, line)
  const decoded = decodeJsonBody(requests.find(({ path }) => path === '/v1/logs')?.body ?? Buffer.alloc(0))
  expect(decoded).toMatchObject({
    ok: true,
    items: [
      {
        kind: 'log',
        timeMs: Date.parse(line.ended_at),
        severity: 'ERROR',
        body: 'agent.session',
        attributes: {
          'session.id': line.session_id,
          'agent.type': 'translation-agent',
          'alert.level': 'CRITICAL',
          'kpi.error_rate': 0,
          'deviation.token_efficiency': 3.915,
          'baseline.mean.cache_efficiency': 0.94,
          duration_s: 31_019,
          'totals.tool_calls': 41,
        },
      },
    ],
  })
  expect(JSON.stringify(decoded)).not.toContain('kpi.quality_faithfulness')
})

test('log records can be left out', async () => {
  const requests = await sent({ session_records: false }, ledgerLine())
  expect(requests.map(({ path }) => path)).toEqual(['/v1/metrics'])
})

test.for(['none', 'gzip'])('protobuf tells the same as JSON, with compression %s', async (compression) => {
  const lines = [edgarNadyneLine(), ledgerLine()]
  const byEncoding = await Promise.all(
    ['json', 'protobuf'].map((encoding) => sentBy(`signoz/${encoding}`, { encoding, compression }, lines)),
  )
  const [json = [], protobuf = []] = byEncoding
  expect(protobuf.map(({ headers }) => headers['content-type'])).toEqual(Array(2).fill('application/x-protobuf'))
  for (const { headers } of [...json, ...protobuf]) {
    expect(headers['content-encoding']).toBe(compression === 'gzip' ? 'gzip' : undefined)
  }
  const decoder = new ProtobufDecoder()
  for (const [i, signal] of (['metrics', 'logs'] as const).entries()) {
    const expected = decodeJsonBody(json[i]?.body ?? Buffer.alloc(0))
    const decoded = decoder.decode(signal, protobuf[i]?.body ?? Buffer.alloc(0))
    expect(expected.ok && expected.items.length).toBeGreaterThan(1)
    expect(withWholeItems(decoded)).toEqual(expected)
  }
})

test('self-hosted: no key; Cloud: the region’s ingester and the key in its header', async () => {
  expect(targetOf(configSchema.parse({ region: 'eu', ingestion_key: 'secret-1' }))).toMatchObject({
    endpoint: 'https://ingest.eu.signoz.cloud',
    headers: { 'signoz-ingestion-key': 'secret-1' },
  })
  const [selfHosted] = await sent({}, ledgerLine())
  expect(selfHosted?.headers).not.toHaveProperty('signoz-ingestion-key')
  expect(selfHosted?.headers['content-type']).toBe('application/json')
  const [cloud] = await sent({ ingestion_key: 'secret-1' }, ledgerLine({ session_id: 'b' }))
  expect(cloud?.headers['signoz-ingestion-key']).toBe('secret-1')
  expect(logged.join()).not.toContain('secret-1')
})

test.for([{ endpoint: '' }, { endpoint: null }, {}])('off, and says so: %o', async (config) => {
  const exporter = await started(config)
  await exporter.consume([{ line: ledgerLine(), live: false }])
  await exporter.stop()
  expect(logged).toEqual([expect.stringMatching(/^off: no endpoint/)])
  expect(accounting.components().get('signoz')?.settled).toEqual({ 'ignored:off': 1 })
})

test.for([{ endpoint: 'localhost:4318' }, { endpoint: 'ftp://signoz' }, { region: 'a.b' }, { timeout: '0s' }])(
  'refuses %o',
  (config) => {
    expect(configSchema.safeParse(config).success).toBe(false)
  },
)

test('a session is sent once, also when it comes again after a restart', async () => {
  const ingester = await new FakeIngester().start()
  const old = ledgerLine({ started_at: '2025-12-01T10:00:00.000Z', ended_at: '2025-12-01T10:20:00.000Z' })
  for (let run = 0; run < 2; run++) {
    const exporter = await started({ endpoint: ingester.url })
    await exporter.consume([{ line: old, live: false, replayed: true }])
    await exporter.consume([{ line: ledgerLine(), live: true }])
    await exporter.stop()
  }
  const gauges = metricsIn(ingester.seen).get('agent.performance.error_rate')?.gauge?.dataPoints
  expect(gauges?.map(({ timeUnixNano }) => timeUnixNano)).toEqual([nanos(old.ended_at)])
  expect(ingester.seen).toHaveLength(2)
  expect(accounting.components().get('signoz')?.settled).toEqual({ used: 1, duplicate: 1, 'ignored:live': 2 })
})

test('what waits when agentperf stops is sent by the next run', async () => {
  const ingester = await new FakeIngester().start()
  await ingester.stop()
  const first = await started({ endpoint: ingester.url })
  await first.consume([{ line: ledgerLine(), live: false }])
  await first.stop()
  await ingester.start()
  const second = await started({ endpoint: ingester.url })
  await ingester.untilSeen(2)
  await second.stop()
  expect(ingester.seen.map(({ path }) => path)).toEqual(['/v1/metrics', '/v1/logs'])
  await sleep(50)
  expect(ingester.seen).toHaveLength(2)
})

test('a password in the address is sent, and not told', async () => {
  const ingester = await new FakeIngester().start()
  const exporter = await started({ endpoint: ingester.url.replace('//', '//ada:hunter2@') })
  await exporter.consume([{ line: ledgerLine(), live: false }])
  await exporter.stop()
  expect(ingester.seen[0]?.headers.authorization).toBe(`Basic ${btoa('ada:hunter2')}`)
  expect(logged.join()).toContain(ingester.url.replace('//', '//[REDACTED]@'))
  expect(logged.join()).not.toContain('hunter2')
})

test('the key is not written to disk', async () => {
  const ingester = await new FakeIngester().start()
  await ingester.stop()
  const exporter = await started({ endpoint: ingester.url, ingestion_key: 'secret-1' })
  await exporter.consume([{ line: ledgerLine(), live: false }])
  await exporter.stop()
  const files = (await readdir(directory, { recursive: true, withFileTypes: true })).filter((entry) => entry.isFile())
  expect(files.some(({ name }) => name.endsWith('.request'))).toBe(true)
  for (const { parentPath, name } of files) {
    expect(await readFile(join(parentPath, name), 'utf8')).not.toContain('secret-1')
  }
})
