import { afterAll, describe, expect, test } from 'vitest'
import { JSON_TYPE, PROTOBUF_TYPE, send, startReceiver } from '#receivers/otlp/receiver.fixture.ts'
import type { Telemetry } from '#src/model/telemetry.ts'
import { type OtlpSignal, ProtobufDecoder } from '#src/otlp/decode-protobuf.ts'
import { encodeProtobuf } from '#src/otlp/otlp-schema.fixture.ts'
import { onlyLine } from '../pipelines/harness.ts'
import { runOtlp } from '../pipelines/otlp-run.ts'
import { capture, captureBytes, capturesIn, HAVE_CAPTURES, reportCaptures } from './captures.ts'
import { expectedOf, expectLogs } from './expected-totals.ts'

afterAll(() => reportCaptures('OTLP over HTTP'))

interface Body {
  readonly signal: OtlpSignal
  readonly bytes: Buffer
  readonly items: number
}

const SCENARIO = 'claude-code-2.1.328/03-protobuf-gzip'
const SENT_MS = Date.UTC(2026, 10, 20, 10, 10)

function signalOf(name: string): OtlpSignal {
  const [, signal] = /otlp-(logs|metrics|traces)-/.exec(name) ?? []
  if (signal === 'logs' || signal === 'metrics' || signal === 'traces') return signal
  throw new Error(`${name} is of no signal`)
}

/** The bodies of a scenario, in the order of their numbers. */
function bodiesOf(signals: readonly OtlpSignal[]): readonly Body[] {
  const decoder = new ProtobufDecoder()
  const orderOf = (name: string): number => Number(/-(\d+)\.pb$/.exec(name)?.[1])
  return capturesIn(SCENARIO, /\.pb$/)
    .toSorted((a, b) => orderOf(a) - orderOf(b))
    .filter((name) => signals.includes(signalOf(name)))
    .map((name) => {
      const signal = signalOf(name)
      const bytes = captureBytes(name)
      const decoded = decoder.decode(signal, bytes)
      if (!decoded.ok) throw new Error(`${name}: ${JSON.stringify(decoded.error)}`)
      return { signal, bytes, items: decoded.items.length }
    })
}

describe.runIf(HAVE_CAPTURES)('Claude Code 2.1.328 over http/protobuf', () => {
  test.for<{ what: string; signals: readonly OtlpSignal[] }>([
    { what: 'logs alone', signals: ['logs'] },
    { what: 'logs, metrics and traces in the order of their arrival', signals: ['logs', 'metrics', 'traces'] },
  ])('its requests, posted as they came: $what', async ({ signals }) => {
    const bodies = bodiesOf(signals)
    expect(bodies.length).toBe(signals.length === 1 ? 5 : 12)
    const items = bodies.reduce((sum, body) => sum + body.items, 0)
    const run = await runOtlp({ items, sentMs: SENT_MS }, async (url) => {
      for (const { signal, bytes } of bodies) {
        const answer = await send(`${url}/v1/${signal}`, bytes, PROTOBUF_TYPE)
        expect(answer).toMatchObject({ status: 200, body: Buffer.alloc(0) })
      }
    })
    expectLogs(onlyLine(run), expectedOf(SCENARIO))
    expect(run.accounts.get('receiver/otlp')).toMatchObject({ received: items, settled: { used: items } })
  })
})

/** What the examples of the OpenTelemetry project say, and how often. */
const EXAMPLES: readonly { file: string; signal: OtlpSignal; items: readonly Partial<Telemetry>[] }[] = [
  {
    file: 'trace.json',
    signal: 'traces',
    items: [
      {
        kind: 'span',
        name: "I'm a server span",
        traceId: '5b8efff798038103d269b633813fc60c',
        spanId: 'eee19b7ec3c1b174',
        parentSpanId: 'eee19b7ec3c1b173',
        startMs: 1_544_712_660_000,
        endMs: 1_544_712_661_000,
        attributes: { 'my.span.attr': 'some value' },
      },
    ],
  },
  {
    file: 'logs.json',
    signal: 'logs',
    items: [
      {
        kind: 'log',
        timeMs: 1_544_712_660_300,
        body: 'Example log record',
        traceId: '5b8efff798038103d269b633813fc60c',
      },
    ],
  },
  {
    file: 'events.json',
    signal: 'logs',
    items: [{ kind: 'log', timeMs: 1_544_712_660_300, eventName: 'browser.page_view' }],
  },
  {
    file: 'metrics.json',
    signal: 'metrics',
    items: [
      { kind: 'metric', name: 'my.counter', type: 'sum', temporality: 'delta', monotonic: true, value: 5 },
      { kind: 'metric', name: 'my.gauge', type: 'gauge', value: 10 },
      { kind: 'metric', name: 'my.histogram', type: 'histogram', value: 2, count: 2 },
      { kind: 'metric', name: 'my.exponential.histogram', type: 'exponential_histogram', value: 10, count: 3 },
    ],
  },
]

describe.runIf(HAVE_CAPTURES)('the examples of the OpenTelemetry project', () => {
  test('are these', () => {
    const files = EXAMPLES.map(({ file }) => `otlp-examples/${file}`)
    expect(capturesIn('otlp-examples', /./)).toEqual(files.toSorted())
  })

  test.for(EXAMPLES)('$file is a full success in both encodings', async ({ file, signal, items }) => {
    const running = await startReceiver()
    const example = capture(`otlp-examples/${file}`)
    const json = await send(`${running.url}/v1/${signal}`, example, JSON_TYPE)
    expect([json.status, json.headers.get('content-type'), `${json.body}`]).toEqual([200, 'application/json', '{}'])
    const request = encodeProtobuf(signal, JSON.parse(example))
    const protobuf = await send(`${running.url}/v1/${signal}`, request, PROTOBUF_TYPE)
    expect(protobuf).toMatchObject({ status: 200, body: Buffer.alloc(0) })
    expect(protobuf.headers.get('content-type')).toBe('application/x-protobuf')
    await running.untilReceived(2 * items.length)
    expect(running.received).toMatchObject([...items, ...items])
    for (const { resource } of running.received) expect(resource.attributes).toEqual({ 'service.name': 'my.service' })
    expect(running.account()).toMatchObject({ received: 2 * items.length, settled: { used: 2 * items.length } })
  })
})
