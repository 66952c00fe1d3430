import { mkdir, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, onTestFinished, test } from 'vitest'
import type * as z from 'zod'
import type { Consumer, Logger } from '#src/component.ts'
import { FakeIngester } from '#src/delivery/fake-ingester.fixture.ts'
import { GrpcIngester } from '#src/delivery/grpc-ingester.fixture.ts'
import type { OtlpRequest } from '#src/model/otlp-request.ts'
import type { LogRecord, MetricPoint, Span } from '#src/model/telemetry.ts'
import { decodeJsonBody } from '#src/otlp/decode-json-body.ts'
import { ProtobufDecoder } from '#src/otlp/decode-protobuf.ts'
import { jsonToProtobuf } from '#src/otlp/json-to-protobuf.ts'
import { withWholeItems } from '#src/otlp/whole-items.fixture.ts'
import { WHOLE_REQUESTS } from '#src/otlp/whole-requests.fixture.ts'
import { Accounting, unaccounted } from '#src/service/accounting.ts'
import { InputProgress } from '#src/service/input-progress.ts'
import { layoutOf } from '#src/store/layout.ts'
import { type OpenStore, openStore } from '#src/store/open-store.ts'
import { configSchema } from './config.ts'
import { otlp } from './otlp.ts'

const NOW_MS = Date.UTC(2026, 1, 14)

let directory: string
let store: OpenStore
let accounting: Accounting
let logged: unknown[]

beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'agentperf-otlp-'))
  store = await openStore({ directory, mode: 'write', nowMs: () => NOW_MS })
  accounting = new Accounting()
  logged = []
})

afterEach(async () => {
  for (const account of accounting.components().values()) expect(unaccounted(account)).toBe(0)
  await store.close()
  await rm(directory, { recursive: true, force: true })
})

async function started(config: z.input<typeof configSchema>): Promise<Consumer<'telemetry'>> {
  const log: Logger['info'] = (fields) => void logged.push(fields)
  const exporter = otlp.create(configSchema.parse(config), {
    id: 'otlp',
    log: { debug: log, info: log, warn: log, error: log },
    now: () => NOW_MS,
    items: accounting.itemsOf('otlp'),
    progress: new InputProgress().of('otlp'),
    store,
    decisions: { answerHook: () => ({ body: {}, events: [] }), nameAgentTypes() {}, tellAlarms() {} },
  })
  onTestFinished(() => exporter.stop())
  await exporter.start()
  return exporter
}

const json = (value: object): OtlpRequest => {
  const body = Buffer.from(JSON.stringify(value, undefined, 1))
  return { signal: 'traces', encoding: 'json', body, items: 2 }
}
const JSON_REQUEST = json({ ...WHOLE_REQUESTS.traces, unknown: [1] })
const PROTOBUF_REQUEST: OtlpRequest = {
  signal: 'traces',
  encoding: 'protobuf',
  // With a field that nobody knows.
  body: Buffer.concat([jsonToProtobuf('traces', JSON_REQUEST.body), Buffer.from([0xfa, 0x3f, 3, 1, 2, 3])]),
  items: 2,
}

test.for([JSON_REQUEST, PROTOBUF_REQUEST])('a request in $encoding goes out as it came', async (request) => {
  const ingester = await new FakeIngester().start()
  const exporter = await started({ endpoint: `${ingester.url}/prefix`, headers: { 'x-key': 'k' } })
  await exporter.pass?.(request)
  await ingester.untilSeen(1)
  const [seen] = ingester.seen
  expect(seen?.path).toBe('/prefix/v1/traces')
  expect(seen?.headers).toMatchObject({
    'content-type': request.encoding === 'json' ? 'application/json' : 'application/x-protobuf',
    'x-key': 'k',
  })
  expect(seen?.body.equals(request.body)).toBe(true)
  expect(accounting.components().get('otlp')).toMatchObject({ received: 2, settled: { used: 2 } })
})

test('a password in the address is sent, and not told', async () => {
  const ingester = await new FakeIngester().start()
  const exporter = await started({ endpoint: ingester.url.replace('//', '//ada:hunter2@') })
  await exporter.pass?.(JSON_REQUEST)
  await ingester.untilSeen(1)
  expect(ingester.seen[0]?.headers.authorization).toBe(`Basic ${btoa('ada:hunter2')}`)
  expect(logged[0]).toMatchObject({ endpoint: ingester.url.replace('//', '//[REDACTED]@') })
  expect(JSON.stringify(logged)).not.toContain('hunter2')
})

test('with gzip the same bytes arrive, compressed', async () => {
  const ingester = await new FakeIngester().start()
  const exporter = await started({ endpoint: ingester.url, compression: 'gzip' })
  await exporter.pass?.(PROTOBUF_REQUEST)
  await ingester.untilSeen(1)
  expect(ingester.seen[0]?.headers['content-encoding']).toBe('gzip')
  expect(ingester.seen[0]?.body.equals(PROTOBUF_REQUEST.body)).toBe(true)
})

test.for(['json', 'protobuf'] as const)('both encodings can be sent as %s', async (encoding) => {
  const ingester = await new FakeIngester().start()
  const exporter = await started({ endpoint: ingester.url, encoding })
  await exporter.pass?.(JSON_REQUEST)
  await exporter.pass?.(PROTOBUF_REQUEST)
  await ingester.untilSeen(2)
  const decoded = ingester.seen.map(({ body }) =>
    encoding === 'json' ? decodeJsonBody(body) : withWholeItems(new ProtobufDecoder().decode('traces', body)),
  )
  const expected = decodeJsonBody(JSON_REQUEST.body)
  expect(expected.ok).toBe(true)
  expect(decoded).toEqual([expected, expected])
})

test('gRPC has the same bytes, and JSON becomes protobuf', async () => {
  const ingester = await new GrpcIngester().start()
  const exporter = await started({ endpoint: ingester.url, protocol: 'grpc', compression: 'gzip' })
  await exporter.pass?.(PROTOBUF_REQUEST)
  await exporter.pass?.(JSON_REQUEST)
  await exporter.stop()
  expect(ingester.seen.map(({ body }) => body)).toEqual([
    PROTOBUF_REQUEST.body,
    jsonToProtobuf('traces', JSON_REQUEST.body),
  ])
})

const origin = {
  resource: { attributes: { 'service.name': 'hooks', n: 2n ** 62n } },
  scope: { name: 's', version: '1' },
}
const log: LogRecord = {
  kind: 'log',
  timeMs: NOW_MS + 0.123,
  eventName: 'e',
  severity: 'WARN',
  body: ['text', 1, 1.5, true, null, { inner: Uint8Array.from([1, 2]) }],
  traceId: '0af7651916cd43dd8448eb211c80319c',
  spanId: 'b7ad6b7169203331',
  attributes: { a: 'b' },
  ...origin,
}
const span: Span = {
  kind: 'span',
  traceId: '0af7651916cd43dd8448eb211c80319c',
  spanId: 'b7ad6b7169203331',
  parentSpanId: '00f067aa0ba902b7',
  name: 'n',
  startMs: NOW_MS,
  endMs: NOW_MS + 1,
  status: 'error',
  attributes: {},
  ...origin,
}
const point: MetricPoint = {
  kind: 'metric',
  name: 'm',
  unit: 's',
  type: 'sum',
  temporality: 'delta',
  monotonic: true,
  startMs: NOW_MS,
  timeMs: NOW_MS,
  value: 1.5,
  attributes: {},
  ...origin,
}
const histogram: MetricPoint = { ...point, type: 'histogram', monotonic: false, count: 3 }

test('telemetry of other receivers is written as OTLP', async () => {
  const ingester = await new FakeIngester().start()
  const exporter = await started({ endpoint: ingester.url })
  await exporter.consume([log, span, point, { ...log, scope: { name: 'other' } }, histogram])
  await ingester.untilSeen(3)
  const items = ingester.seen.flatMap(({ body }) => {
    const decoded = decodeJsonBody(body)
    return decoded.ok ? decoded.items : []
  })
  expect(items).toEqual([log, { ...log, scope: { name: 'other' } }, span, point, histogram])
  expect(accounting.components().get('otlp')?.settled).toEqual({ used: 5 })
})

test('a request that cannot be kept is not taken', async () => {
  const ingester = await new FakeIngester().start()
  const exporter = await started({ endpoint: ingester.url })
  const { queues } = layoutOf(directory)
  await mkdir(queues, { recursive: true })
  await writeFile(join(queues, 'otlp'), 'where its folder should be')
  await expect(exporter.pass?.(JSON_REQUEST)).rejects.toThrow('Cannot write')
  await rm(join(queues, 'otlp'))
  await exporter.pass?.(JSON_REQUEST)
  await exporter.stop()
  await expect(exporter.pass?.(JSON_REQUEST)).rejects.toThrow('stopped')
  expect(accounting.components().get('otlp')?.received).toBe(2)
})

test('a request that is larger than the whole queue is not taken, and nothing has to go for it', async () => {
  const ingester = await new FakeIngester().start()
  await ingester.stop()
  const exporter = await started({ endpoint: ingester.url, queue_size: '1MiB' })
  await exporter.pass?.(JSON_REQUEST)
  const large = json({ text: 'x'.repeat(2 ** 20) })
  await expect(exporter.pass?.(large)).rejects.toThrow('Expected a request of at most 1048576 bytes')
  await exporter.consume([{ ...log, body: 'x'.repeat(2 ** 20) }])
  await exporter.stop()
  const { received, noticed } = accounting.components().get('otlp') ?? {}
  expect(received).toBe(3)
  expect(noticed).toMatchObject({ requests_queued: 2, requests_too_large: 1, requests_dropped_queue_full: 1 })
})

test('what waits is sent by the next run, also in gzip', async () => {
  const ingester = await new FakeIngester().start()
  await ingester.stop()
  const config = { endpoint: ingester.url, compression: 'gzip' } as const
  const first = await started(config)
  await Promise.all([first.pass?.(JSON_REQUEST), first.pass?.(PROTOBUF_REQUEST)])
  await first.stop()
  await ingester.start()
  await started(config)
  await ingester.untilSeen(2)
  expect(ingester.seen.map(({ body }) => body.length).toSorted()).toEqual(
    [JSON_REQUEST.body.length, PROTOBUF_REQUEST.body.length].toSorted(),
  )
})

test('what is refused goes to the dead letters', async () => {
  const ingester = await new FakeIngester().start()
  ingester.behaviours.push({ status: 400, body: 'no' })
  const exporter = await started({ endpoint: ingester.url })
  await exporter.pass?.(JSON_REQUEST)
  await ingester.untilSeen(1)
  await exporter.stop()
  expect(await readdir(join(directory, '.agentperf/dead-letters/otlp'))).toHaveLength(1)
})

test.for([
  { endpoint: 'localhost:4318' },
  { endpoint: 'http://x', protocol: 'grpc', encoding: 'json' },
  { headers: { 'a b': '1' } },
  { queue_size: '0B' },
  { queue_size: '1023KiB' },
])('the configuration %j is refused', (config) => {
  expect(configSchema.safeParse(config).success).toBe(false)
})

test('off without an endpoint: counted as such', async () => {
  const exporter = await started({ endpoint: null })
  await exporter.pass?.(JSON_REQUEST)
  await exporter.consume([span])
  expect(accounting.components().get('otlp')).toMatchObject({ received: 3, settled: { 'ignored:off': 3 } })
})

test('it must be masked before, unless its configuration says otherwise', () => {
  expect(otlp.unmasked?.(configSchema.parse({}))).toMatch(/redact: off/)
  expect(otlp.unmasked?.(configSchema.parse({ redact: 'off' }))).toBeUndefined()
})
