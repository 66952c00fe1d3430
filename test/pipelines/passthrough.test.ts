import { readFileSync } from 'node:fs'
import { mkdir, readdir, rm, writeFile } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { describe, expect, onTestFinished, test } from 'vitest'
import type { Logger } from '#src/component.ts'
import { components } from '#src/components.ts'
import { loadConfig } from '#src/config/load.ts'
import { FakeIngester } from '#src/delivery/fake-ingester.fixture.ts'
import { jsonToProtobuf } from '#src/otlp/json-to-protobuf.ts'
import { WHOLE_REQUESTS } from '#src/otlp/whole-requests.fixture.ts'
import { unaccounted } from '#src/service/accounting.ts'
import { Service } from '#src/service/service.ts'
import { layoutOf } from '#src/store/layout.ts'
import { openStore } from '#src/store/open-store.ts'
import { NOW_MS, workspace } from './harness.ts'

const EXAMPLE = resolve(import.meta.dirname, '../../examples/passthrough.yaml')

interface Passing {
  readonly url: string
  readonly hooksUrl: string
  readonly directory: string
  readonly service: Service
  readonly errors: readonly string[]
  stop(): Promise<void>
}

/** Runs the example on free ports. @param sets further settings, as `--set` takes them */
async function passing(endpoint: string, sets: readonly string[] = []): Promise<Passing> {
  const directory = join(await workspace(), 'state')
  const text = readFileSync(EXAMPLE, 'utf8')
  const config = loadConfig(
    {
      sources: [{ file: EXAMPLE, text }],
      sets: [
        `service.storage.directory=${directory}`,
        'receivers.otlp.protocols.http.endpoint=127.0.0.1:0',
        'receivers.otlp.protocols.grpc.endpoint=127.0.0.1:0',
        'receivers.claude_hooks.endpoint=127.0.0.1:0',
        ...sets,
      ],
      env: { HOME: directory, OTLP_ENDPOINT: endpoint },
    },
    components,
  )
  expect(config.warnings).toEqual([])
  const store = await openStore({ directory, mode: 'write', nowMs: () => NOW_MS })
  const urls = new Map<string, string>()
  const errors: string[] = []
  const loggerFor = (component: string): Logger => {
    const log: Logger['info'] = (fields) => {
      if (typeof fields.url === 'string' && !urls.has(component)) urls.set(component, fields.url)
    }
    return { debug: log, info: log, warn: log, error: (_, message) => errors.push(message) }
  }
  const service = new Service({ config, store, nowMs: () => NOW_MS, loggerFor })
  let stopped = false
  const stop = async (): Promise<void> => {
    if (stopped) return
    stopped = true
    await service.stop()
    await store.close()
    for (const [component, account] of service.accounts()) expect(unaccounted(account), component).toBe(0)
  }
  onTestFinished(stop)
  await service.start()
  return { url: urls.get('otlp') ?? '', hooksUrl: urls.get('claude_hooks') ?? '', directory, service, errors, stop }
}

async function post(url: string, body: string | Buffer, type = 'application/json'): Promise<number> {
  const response = await fetch(url, {
    method: 'POST',
    headers: { 'content-type': type },
    body: new Uint8Array(Buffer.from(body)),
  })
  await response.arrayBuffer()
  return response.status
}

/** A request of one log record of Claude Code, by hand: with spaces, a member from the future and a number of 19 digits. */
const written = (text: string, mail: string): string =>
  `{ "resourceLogs": [ {"resource": {"attributes": [{"key": "service.name", "value": {"stringValue": "claude-code"}}]},
     "scopeLogs": [ {"scope": {"name": "com.anthropic.claude_code.events"}, "logRecords": [
       {"timeUnixNano": 1770920884123456789, "body": {"stringValue": "${text}"}, "fromTheFuture": [1.0, {"a": null}],
        "attributes": [{"key": "session.id", "value": {"stringValue": "s1"}}, {"key": "event.name", "value": {"stringValue": "user_prompt"}},
          {"key": "user.email", "value": {"stringValue": "${mail}"}}]} ]} ]} ] }`

describe('agents → agentperf → another', () => {
  test('what has no secret goes on byte for byte, and is still used for sessions', async () => {
    const ingester = await new FakeIngester().start()
    const { url, service, stop } = await passing(ingester.url, ['processors.redact={ block: [] }'])
    const logs = written('no secret', 'nobody')
    expect(await post(`${url}/v1/logs`, logs)).toBe(200)
    for (const signal of ['traces', 'logs', 'metrics'] as const) {
      const body = jsonToProtobuf(signal, Buffer.from(JSON.stringify(WHOLE_REQUESTS[signal])))
      expect(await post(`${url}/v1/${signal}`, body, 'application/x-protobuf')).toBe(200)
    }
    await ingester.untilSeen(4)
    const [first, ...rest] = ingester.seen
    expect(first?.body.toString()).toBe(logs)
    expect(rest.map(({ path, body }) => [path, body.toString('hex')])).toEqual(
      (['traces', 'logs', 'metrics'] as const).map((signal) => [
        `/v1/${signal}`,
        jsonToProtobuf(signal, Buffer.from(JSON.stringify(WHOLE_REQUESTS[signal]))).toString('hex'),
      ]),
    )
    await stop()
    // One record, two spans, two records, six points of which one has no value.
    expect(service.accounts().get('exporter/otlp')?.settled).toEqual({ used: 11 })
    expect(service.accounts().get('processor/sessions/session_grouping')?.received).toBeGreaterThan(0)
  })

  test('secrets are masked on the way out, and nothing else is touched', async () => {
    const ingester = await new FakeIngester().start()
    const { url } = await passing(ingester.url)
    await post(`${url}/v1/logs`, written('write to ada@example.org', 'ada@example.org'))
    await ingester.untilSeen(1)
    expect(ingester.seen[0]?.body.toString()).toBe(
      written('write to [masked:email]', 'MAIL')
        .replace('"stringValue": "MAIL"', '"stringValue":"MAIL"')
        .replace('{"stringValue":"MAIL"}', '{"stringValue":"[masked:blocked]"}'),
    )
  })

  test('what nobody here recognises goes on all the same, masked too', async () => {
    const ingester = await new FakeIngester().start()
    const { url } = await passing(ingester.url)
    const inSnakeCase = (mail: string, account: object): string => {
      const attributes = [{ key: 'user.account_id', value: account }]
      const record = { body: { string_value: `write to ${mail}` }, attributes }
      return JSON.stringify({ resource_logs: [{ scope_logs: [{ log_records: [record] }] }] })
    }
    const secret = { string_value: 'nobody may know' }
    expect(await post(`${url}/v1/logs`, inSnakeCase('ada@example.org', secret))).toBe(200)
    await ingester.untilSeen(1)
    expect(ingester.seen[0]?.path).toBe('/v1/logs')
    expect(ingester.seen[0]?.body.toString()).toBe(inSnakeCase('[masked:email]', { stringValue: '[masked:blocked]' }))
  })

  test('what came to the path of another signal goes to its own, masked all the same', async () => {
    const ingester = await new FakeIngester().start()
    const { url } = await passing(ingester.url)
    const attribute = { key: 'user.account_id', value: { stringValue: 'nobody may know' } }
    const span = { name: 'n', startTimeUnixNano: '1770920884123456789', attributes: [attribute] }
    const request = { resourceSpans: [{ scopeSpans: [{ spans: [span] }] }] }
    const mixed = { ...request, resourceLogs: [{ scopeLogs: [{ logRecords: [{ attributes: [attribute] }] }] }] }
    expect(await post(`${url}/v1/logs`, JSON.stringify(request))).toBe(200)
    await ingester.untilSeen(1)
    expect(await post(`${url}/v1/logs`, JSON.stringify(mixed))).toBe(200)
    await ingester.untilSeen(3)
    expect(ingester.seen.map(({ path }) => path).toSorted()).toEqual(['/v1/logs', '/v1/traces', '/v1/traces'])
    for (const { body } of ingester.seen) {
      expect(body.toString()).toContain('1770920884123456789')
      expect(body.toString()).not.toContain('nobody may know')
    }
  })

  test('stopping leaves what hangs to the next run, within the time that it has', async () => {
    const ingester = await new FakeIngester().start()
    ingester.always = 'hang'
    const { url, directory, errors, stop } = await passing(ingester.url, ['service.shutdown_timeout=3s'])
    expect(await post(`${url}/v1/logs`, written('text', 'nobody'))).toBe(200)
    await ingester.untilSeen(1)
    await stop()
    expect(errors).toEqual([])
    expect(await readdir(join(layoutOf(directory).queues, 'otlp'))).toHaveLength(1)
  })

  test('hooks go on as log records, masked too', async () => {
    const ingester = await new FakeIngester().start()
    const { hooksUrl } = await passing(ingester.url)
    const event = {
      hook_event_name: 'UserPromptSubmit',
      session_id: 's1',
      prompt: 'my key is sk-ant-api03-abcdefghijklmnopqrstuvwxyz',
    }
    expect(await post(hooksUrl, JSON.stringify(event))).toBe(200)
    await ingester.untilSeen(1)
    expect(ingester.seen[0]?.path).toBe('/v1/logs')
    const text = ingester.seen[0]?.body.toString() ?? ''
    expect(text).toContain('UserPromptSubmit')
    expect(text).not.toContain('abcdefghijklmnopqrstuvwxyz')
  })
})

test('a sender is told yes only when its request is on disk', async () => {
  const ingester = await new FakeIngester().start()
  ingester.always = { status: 503 }
  const { url, directory, service } = await passing(ingester.url)
  const { queues } = layoutOf(directory)
  await mkdir(queues, { recursive: true })
  await writeFile(join(queues, 'otlp'), 'where its folder should be')
  expect(await post(`${url}/v1/logs`, written('a', 'b'))).toBe(503)
  expect(service.accounts().get('receiver/otlp')).toMatchObject({ received: 0, noticed: { requests_not_passed_on: 1 } })
  await rm(join(queues, 'otlp'))
  expect(await post(`${url}/v1/logs`, written('a', 'b'))).toBe(200)
  ingester.always = undefined
  while (service.accounts().get('exporter/otlp')?.noticed.requests_delivered !== 1) await sleep(5)
})

test('a pipeline that sends on what agents say needs redact, unless it says otherwise', async () => {
  const text = (exporter: string): string => `
receivers: { otlp: }
processors: { redact: }
exporters: { otlp: { endpoint: "http://127.0.0.1:1"${exporter} } }
service: { pipelines: { passthrough: { receivers: [otlp], exporters: [otlp] } } }
`
  const load = (exporter: string) =>
    loadConfig(
      { sources: [{ file: 'p.yaml', text: text(exporter) }], sets: [], env: { HOME: '/home/ada' } },
      components,
    )
  expect(() => load('')).toThrow(
    'p.yaml:5:71  service.pipelines.passthrough.exporters[0]  expected a processor that masks secrets (redact) before "otlp", got none',
  )
  expect(load(', redact: off').pipelines).toHaveLength(1)
})
