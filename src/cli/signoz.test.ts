import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { pathToFileURL } from 'node:url'
import { beforeEach, describe, expect, onTestFinished, test } from 'vitest'
import { type Behaviour, FakeIngester } from '#src/delivery/fake-ingester.fixture.ts'
import { GrpcIngester } from '#src/delivery/grpc-ingester.fixture.ts'
import { memoryIo } from './memory-io.fixture.ts'
import { runProgram } from './program.ts'

const root = pathToFileURL(`${resolve(import.meta.dirname, '../..')}/`)

let directory: string
let ingester: FakeIngester
/** SigNoz's own page, which has a port of its own. */
let page: FakeIngester

beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'agentperf-check-'))
  onTestFinished(() => rm(directory, { recursive: true, force: true }))
  ingester = await new FakeIngester().start()
  page = await new FakeIngester().start()
  page.always = json({ version: 'v0.138.0', ee: 'N', setupCompleted: true })
})

async function check(env: Readonly<Record<string, string>> = {}, ...args: string[]) {
  const all = { HOME: directory, AGENTPERF_HOME: directory, SIGNOZ_OTLP_ENDPOINT: ingester.url, ...env }
  const io = memoryIo({ env: all, cwd: directory })
  const argv = ['signoz', 'check', ...('SIGNOZ_URL' in env ? [] : ['--url', page.url]), ...args]
  const code = await runProgram({ argv, io, packageRoot: root })
  return { code, out: io.written.out, err: io.written.err }
}

function json(body: object): Behaviour {
  return { status: 200, headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) }
}

test('all is well: both probes pass, and the version is told', async () => {
  const { code, out, err } = await check({ SIGNOZ_INGESTION_KEY: 'secret-1' })
  expect({ code, err }).toEqual({ code: 0, err: '' })
  expect(out).toContain(`ok    signoz ${ingester.url}/v1/metrics: takes requests in (200)`)
  expect(out).toContain('version: v0.138.0')
  expect(out).not.toContain('secret-1')
  expect(
    ingester.seen.map(({ path, body, headers }) => [path, body.toString(), headers['signoz-ingestion-key']]),
  ).toEqual([
    ['/v1/metrics', '{"resourceMetrics":[]}', 'secret-1'],
    ['/v1/logs', '{"resourceLogs":[]}', 'secret-1'],
    // Those of agentperf itself.
    ['/v1/metrics', '{"resourceMetrics":[]}', 'secret-1'],
  ])
})

test.for<{ name: string; behaviour: Behaviour; says: string }>([
  { name: 'a wrong key', behaviour: { status: 401, body: 'no' }, says: 'SIGNOZ_INGESTION_KEY' },
  { name: 'a wrong path', behaviour: { status: 404 }, says: 'without /v1/metrics' },
  {
    name: 'the wrong port',
    behaviour: { status: 200, headers: { 'content-type': 'text/html' } },
    says: '8080 is its page',
  },
  { name: 'something that is not HTTP', behaviour: 'garbage', says: 'HPE_' },
  { name: 'a refusal', behaviour: { status: 400, body: 'bad' }, says: 'refuses an empty request (400): bad' },
  {
    name: 'something that says yes to anything',
    behaviour: { status: 200, body: 'hello' },
    says: 'may not be an OTLP',
  },
])('what is wrong is said: $name', async ({ behaviour, says }) => {
  ingester.always = behaviour
  const { code, out } = await check()
  expect(code).toBe(1)
  expect(out).toContain(says)
})

test('a password in the address is sent, and not shown', async () => {
  const { code, out } = await check({ SIGNOZ_OTLP_ENDPOINT: ingester.url.replace('//', '//ada:hunter2@') })
  expect(code).toBe(0)
  expect(out).toContain(`ok    signoz ${ingester.url.replace('//', '//[REDACTED]@')}/v1/metrics: takes`)
  expect(out).not.toContain('hunter2')
  expect(ingester.seen[0]?.headers.authorization).toBe(`Basic ${btoa('ada:hunter2')}`)
})

test('nobody listens', async () => {
  await ingester.stop()
  const { code, out } = await check()
  expect(code).toBe(1)
  expect(out).toContain('ECONNREFUSED')
  expect(out).toContain('first organisation')
})

test('one that is off is said to be off, which is no finding', async () => {
  const { code, out } = await check({ SIGNOZ_OTLP_ENDPOINT: '' })
  expect(code).toBe(0)
  expect(out).toContain('ok    signoz: off: it has no endpoint, and nothing is sent\n      set SIGNOZ_OTLP_ENDPOINT')
  expect(ingester.seen).toEqual([])
})

describe('what is passed on', () => {
  const EXAMPLE = resolve(import.meta.dirname, '../../examples/passthrough.yaml')
  const checkPassing = (endpoint: string, ...sets: string[]) => {
    const args = ['--config', EXAMPLE, ...sets.flatMap((set) => ['--set', set])]
    return check({ OTLP_ENDPOINT: endpoint, SIGNOZ_OTLP_ENDPOINT: '' }, ...args)
  }

  test.for([
    { encoding: 'as_received', bodies: ['{"resourceSpans":[]}', '{"resourceMetrics":[]}', '{"resourceLogs":[]}'] },
    { encoding: 'protobuf', bodies: ['', '', ''] },
  ])('all three signals are tried out, over HTTP with $encoding', async ({ encoding, bodies }) => {
    const { code, out } = await checkPassing(ingester.url, `exporters.otlp.encoding=${encoding}`)
    expect(code, out).toBe(0)
    for (const signal of ['traces', 'metrics', 'logs'])
      expect(out).toContain(`ok    otlp ${ingester.url}/v1/${signal}: takes requests in (200)`)
    expect(out).toContain('ok    otlp dead letters: none')
    expect(ingester.seen.map(({ body }) => body.toString())).toEqual(bodies)
  })

  test('over gRPC too', async () => {
    const grpc = await new GrpcIngester().start()
    const { code, out } = await checkPassing(grpc.url, 'exporters.otlp.protocol=grpc')
    expect(code, out).toBe(0)
    expect(out).toContain(`ok    otlp ${grpc.url}/v1/traces: takes requests in (OK)`)
    expect(grpc.seen).toHaveLength(3)
  })

  test('nobody listens: no hint of SigNoz’s, and no version of it', async () => {
    await ingester.stop()
    const { code, out } = await checkPassing(ingester.url)
    expect(code).toBe(1)
    expect(out).toContain('ECONNREFUSED')
    expect(out).toContain('nothing listens there')
    expect(out).not.toContain('SigNoz')
    expect(out).not.toContain('version')
  })

  test.for<{ behaviour: Behaviour; says: string }>([
    { behaviour: { status: 404 }, says: 'there is no OTLP at this address' },
    { behaviour: { status: 200, headers: { 'content-type': 'text/html' } }, says: 'a web page answers there' },
    { behaviour: { status: 503 }, says: 'it is starting or overloaded' },
  ])('what is wrong is said as of any receiver: $says', async ({ behaviour, says }) => {
    ingester.always = behaviour
    const { out } = await checkPassing(ingester.url)
    expect(out).toContain(says)
    expect(out).not.toMatch(/SigNoz|8080/)
  })

  test('a wrong key, and where it is set', async () => {
    ingester.always = { status: 401 }
    const { code, out } = await checkPassing(ingester.url)
    expect(code).toBe(1)
    expect(out).toContain('the key is missing or wrong: see `headers` of the exporter')
  })
})

test('a configuration that sends nothing', async () => {
  const config = join(directory, 'pipelines.yaml')
  const pipeline = '{ receivers: [otlp], processors: [session_grouping, kpi_aggregation], exporters: [jsonl] }'
  await writeFile(
    config,
    `receivers: { otlp: }
processors: { session_grouping: , kpi_aggregation: }
exporters: { jsonl: }
service: { pipelines: { sessions: ${pipeline} } }
`,
  )
  const { code, out } = await check({}, '--config', config)
  expect(code, out).toBe(1)
  expect(out).toContain('no exporter of this type')
})

test('a SigNoz without an organisation', async () => {
  page.always = json({ version: 'v0.138.0', setupCompleted: false })
  const { code, out } = await check()
  expect(code).toBe(1)
  expect(out).toContain('sign up at')
})

test('where its page is may stand in the environment; --url comes before it', async () => {
  page.always = json({ version: 'v0.138.0', setupCompleted: false })
  const { code, out } = await check({ SIGNOZ_URL: page.url })
  expect(code).toBe(1)
  expect(out).toContain(`sign up at ${page.url}`)
  const other = await new FakeIngester().start()
  other.always = json({ version: 'v0.139.0', setupCompleted: true })
  expect(await check({ SIGNOZ_URL: page.url }, '--url', other.url)).toMatchObject({
    code: 0,
    out: expect.stringContaining('v0.139.0'),
  })
})

test('where agentperf’s own metrics go is asked as well', async () => {
  const own = await new FakeIngester().start()
  const sets = [`endpoint=${own.url}`, 'headers.key=secret-1'].flatMap((set) => [
    '--set',
    `service.telemetry.metrics.${set}`,
  ])
  const { code, out } = await check({}, ...sets)
  expect(code, out).toBe(0)
  expect(out).toContain(`ok    service.telemetry.metrics ${own.url}/v1/metrics: takes requests in (200)`)
  expect(own.seen.map(({ headers, body }) => [headers.key, body.toString()])).toEqual([
    ['secret-1', '{"resourceMetrics":[]}'],
  ])
})

test('a page that is no SigNoz has no version', async () => {
  page.always = json({ hello: 'world' })
  const { code, out } = await check({}, '--json')
  expect(code).toBe(0)
  expect(JSON.parse(out)).toContainEqual(
    expect.objectContaining({ check: 'signoz version', ok: true, found: expect.stringContaining('unknown') }),
  )
})
