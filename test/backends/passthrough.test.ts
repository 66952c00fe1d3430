import { writeFile } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import { describe, expect, test } from 'vitest'
import * as z from 'zod'
import { FakeIngester } from '#src/delivery/fake-ingester.fixture.ts'
import type { OtlpSignal } from '#src/model/otlp-request.ts'
import { jsonToProtobuf } from '#src/otlp/json-to-protobuf.ts'
import { protobufToJson } from '#src/otlp/protobuf-to-json.ts'
import { WHOLE_REQUESTS } from '#src/otlp/whole-requests.fixture.ts'
import { AgentperfProcess, until } from '../crash/agentperf-process.ts'
import { workspace } from '../pipelines/harness.ts'
import { freePort, programOf, startBackend } from './backend-process.ts'

const SIGNALS: readonly OtlpSignal[] = ['traces', 'logs', 'metrics']
const EXAMPLE = resolve(import.meta.dirname, '../../examples/passthrough.yaml')

const statusSchema = z.object({ components: z.record(z.string(), z.object({ received: z.number() })) })

const collector = programOf('AGENTPERF_COLLECTOR')

/** Starts a Collector that sends everything on to these places. @returns where it listens, for HTTP and gRPC */
async function startCollector(directory: string, to: readonly string[]): Promise<{ http: string; grpc: string }> {
  const http = `127.0.0.1:${await freePort()}`
  const grpc = `127.0.0.1:${await freePort()}`
  const exporters = to.map((endpoint, n) => [`otlp_http/${n}`, { endpoint, compression: 'none' }] as const)
  const pipeline = { receivers: ['otlp'], exporters: exporters.map(([id]) => id) }
  const config = {
    receivers: { otlp: { protocols: { http: { endpoint: http }, grpc: { endpoint: grpc } } } },
    exporters: Object.fromEntries(exporters),
    service: {
      telemetry: { metrics: { level: 'none' } },
      pipelines: { traces: pipeline, metrics: pipeline, logs: pipeline },
    },
  }
  const file = join(directory, 'collector.json')
  await writeFile(file, JSON.stringify(config))
  await startBackend(collector ?? '', ['--config', file], `http://${http}/`)
  return { http: `http://${http}`, grpc: `http://${grpc}` }
}

async function startAgentperf(sets: readonly string[], config?: string): Promise<AgentperfProcess> {
  const place = await workspace()
  const agentperf = new AgentperfProcess({
    directory: join(place, 'state'),
    input: place,
    sets,
    ...(config !== undefined && { config }),
  })
  await agentperf.ready()
  return agentperf
}

async function sendAll(url: string, encoding: 'json' | 'protobuf'): Promise<void> {
  for (const signal of SIGNALS) {
    const json = Buffer.from(JSON.stringify(WHOLE_REQUESTS[signal]))
    const response = await fetch(`${url}/v1/${signal}`, {
      method: 'POST',
      headers: { 'content-type': encoding === 'json' ? 'application/json' : 'application/x-protobuf' },
      body: new Uint8Array(encoding === 'json' ? json : jsonToProtobuf(signal, json)),
    })
    expect(response.status, await response.text()).toBe(200)
  }
}

/** What came of one signal, in OTLP/JSON. */
function seenOf({ seen }: FakeIngester, signal: OtlpSignal): unknown {
  const body = seen.find(({ path }) => path === `/v1/${signal}`)?.body ?? Buffer.alloc(0)
  return JSON.parse(protobufToJson(signal, body).toString())
}

/** What the Collector itself makes of the requests, without agentperf. */
async function throughCollectorAlone(encoding: 'json' | 'protobuf'): Promise<FakeIngester> {
  const behind = await new FakeIngester().start()
  const { http } = await startCollector(await workspace(), [behind.url])
  await sendAll(http, encoding)
  await behind.untilSeen(3)
  return behind
}

describe.runIf(collector !== undefined)('a real OpenTelemetry Collector', () => {
  test.for([
    { encoding: 'json', protocol: 'http', compression: 'none' },
    { encoding: 'protobuf', protocol: 'http', compression: 'gzip' },
    { encoding: 'json', protocol: 'grpc', compression: 'none' },
    { encoding: 'protobuf', protocol: 'grpc', compression: 'gzip' },
  ] as const)(
    'behind agentperf it gets what it would get from the agent: $encoding over $protocol, $compression',
    async ({ encoding, protocol, compression }) => {
      const expected = await throughCollectorAlone(encoding)
      const behind = await new FakeIngester().start()
      const at = await startCollector(await workspace(), [behind.url])
      const sets = [`processors.redact={ kinds: [], block: [] }`]
      const otlp = { endpoint: protocol === 'http' ? at.http : at.grpc, protocol, compression }
      const agentperf = await startAgentperf([...sets, `exporters.otlp=${JSON.stringify(otlp)}`], EXAMPLE)
      await sendAll(agentperf.urlOf('takes in OTLP'), encoding)
      await behind.untilSeen(3)
      expect(await agentperf.stop()).toBe(0)
      for (const signal of SIGNALS) expect(seenOf(behind, signal), signal).toEqual(seenOf(expected, signal))
    },
  )

  test('in front of agentperf it fans out: the backend has everything, agentperf its sessions', async () => {
    const backend = await new FakeIngester().start()
    const agentperf = await startAgentperf([])
    const { http } = await startCollector(await workspace(), [backend.url, agentperf.urlOf('takes in OTLP')])
    await sendAll(http, 'protobuf')
    await backend.untilSeen(3)
    const [, admin = ''] = /(http:\S+)\/healthz/.exec(agentperf.stderr) ?? []
    const received = async (): Promise<number> => {
      const status = statusSchema.parse(await (await fetch(`${admin}/status`)).json())
      return status.components['receiver/otlp']?.received ?? 0
    }
    // One span, two log records and five points; one span has a time of 1970, and one point no value.
    await until(async () => (await received()) >= 8, 'agentperf has received it', agentperf)
    expect(await agentperf.stop()).toBe(0)
  })
})
