import { deflateSync, gzipSync, zstdCompressSync } from 'node:zlib'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { RunningReceiver } from '#src/net/running-receiver.fixture.ts'
import type { OtlpSignal } from '#src/otlp/decode-protobuf.ts'
import { encodeProtobuf } from '#src/otlp/otlp-schema.fixture.ts'
import { REQUESTS } from '#src/otlp/request.fixture.ts'
import { bytesField, nestedValue, requestWith } from '#src/otlp/wire.fixture.ts'
import { JSON_TYPE, PROTOBUF_TYPE, send, spans, startReceiver } from './receiver.fixture.ts'

const SEED = 20_261_120
const MIB = 2 ** 20
const SIGNALS: readonly OtlpSignal[] = ['traces', 'logs', 'metrics']

/** How many mutated requests are sent: more than in every test run with `AGENTPERF_MUTATED_REQUESTS=100000`. */
const MUTATED_REQUESTS = Number(process.env.AGENTPERF_MUTATED_REQUESTS ?? 1000)
const REQUESTS_A_ROUND = 250

async function expectAlive({ url }: RunningReceiver): Promise<void> {
  expect(await send(`${url}/v1/traces`, JSON.stringify(spans(1)))).toMatchObject({ status: 200 })
}

test.for([
  { name: 'gzip', bomb: gzipSync(Buffer.alloc(65 * MIB), { level: 1 }) },
  { name: 'deflate', bomb: deflateSync(Buffer.alloc(65 * MIB), { level: 1 }) },
  { name: 'zstd', bomb: zstdCompressSync(Buffer.alloc(65 * MIB)) },
])('a bomb of $name is refused when it has grown to 64 MiB', async ({ name, bomb }) => {
  const running = await startReceiver()
  expect(bomb.length).toBeLessThan(MIB)
  for (const type of [JSON_TYPE, PROTOBUF_TYPE]) {
    const answer = await send(`${running.url}/v1/logs`, bomb, { ...type, 'content-encoding': name })
    expect(answer.status).toBe(413)
  }
  await expectAlive(running)
})

describe('in JSON', () => {
  const attributes = (list: string) => `{"resourceSpans":[{"scopeSpans":[{"spans":[{"attributes":${list}}]}]}]}`
  const value = (json: string) => attributes(`[{"key":"k","value":${json}}]`)
  const nested = (levels: number) =>
    `${'{"arrayValue":{"values":['.repeat(levels)}{"boolValue":true}${']}}'.repeat(levels)}`

  test.for<{ what: string; body: string; status: number }>([
    { what: 'a list of lists, a million deep', body: '['.repeat(MIB), status: 400 },
    { what: 'objects in each other, a million deep', body: '{"resourceSpans":'.repeat(MIB), status: 400 },
    { what: '99 levels around a value', body: value(nested(99)), status: 200 },
    { what: '100 levels around a value', body: value(nested(100)), status: 400 },
    { what: '10,000 levels around a value', body: value(nested(10_000)), status: 400 },
    { what: 'NaN', body: value('{"doubleValue":NaN}'), status: 400 },
    { what: 'NaN as text', body: value('{"doubleValue":"NaN"}'), status: 200 },
    { what: 'a number beyond all doubles', body: value('{"doubleValue":1e999}'), status: 200 },
    { what: 'an integer out of range', body: value('{"intValue":9223372036854775808}'), status: 400 },
    { what: 'an integer with a fraction', body: value('{"intValue":1.5}'), status: 400 },
    { what: 'an integer of a million digits', body: value(`{"intValue":${'9'.repeat(MIB)}}`), status: 400 },
    { what: 'a key of a megabyte', body: attributes(`[{"key":"${'k'.repeat(MIB)}"}]`), status: 200 },
    { what: 'a key of __proto__', body: attributes('[{"key":"__proto__","value":{"boolValue":true}}]'), status: 200 },
    { what: '__proto__ as a field', body: '{"__proto__":{"resourceSpans":7}}', status: 200 },
    { what: 'empty values', body: attributes('[{},{"key":"a","value":{}},{"key":"b","value":null}]'), status: 200 },
    { what: 'null in place of all', body: '{"resourceSpans":null,"resourceLogs":null}', status: 200 },
    { what: 'null', body: 'null', status: 400 },
    { what: 'a list', body: '[]', status: 400 },
    { what: 'text', body: '"resourceSpans"', status: 400 },
    { what: 'a request that is cut off', body: value('{"boolValue":true}').slice(0, -4), status: 400 },
    { what: 'a zero byte', body: value('{"stringValue":"\0"}'), status: 400 },
    { what: 'half a surrogate pair', body: value(String.raw`{"stringValue":"\ud800"}`), status: 200 },
    { what: 'millions of empty spans', body: `{"resourceSpans":[${'{},'.repeat(2 ** 21)}{}]}`, status: 400 },
  ])('$what is answered with $status', async ({ body, status }) => {
    const running = await startReceiver()
    expect((await send(`${running.url}/v1/traces`, body)).status).toBe(status)
    await expectAlive(running)
  })
})

describe('in protobuf', () => {
  const attribute = (...parts: readonly Buffer[]) => requestWith(bytesField(9, ...parts))
  const whole = encodeProtobuf('traces', spans(3))

  test.for<{ what: string; body: Buffer; status: number }>([
    { what: '100 levels of values', body: attribute(bytesField(2, nestedValue(100))), status: 200 },
    { what: '101 levels of values', body: attribute(bytesField(2, nestedValue(101))), status: 400 },
    { what: '3,000 levels of values', body: attribute(bytesField(2, nestedValue(3000))), status: 400 },
    { what: 'a key of a megabyte', body: attribute(bytesField(1, 'k'.repeat(MIB))), status: 200 },
    { what: 'a key of __proto__', body: attribute(bytesField(1, '__proto__'), bytesField(2)), status: 200 },
    { what: 'a request that is cut off', body: whole.subarray(0, -1), status: 400 },
    { what: 'ones', body: Buffer.alloc(MIB, 0xff), status: 400 },
    { what: 'zeros', body: Buffer.alloc(MIB), status: 400 },
    {
      what: 'millions of empty spans',
      body: bytesField(1, bytesField(2, Buffer.alloc(8 * MIB, bytesField(2)))),
      status: 400,
    },
    { what: 'millions of empty attributes', body: requestWith(Buffer.alloc(8 * MIB, bytesField(9))), status: 400 },
    { what: 'millions of empty resources', body: Buffer.alloc(8 * MIB, bytesField(1)), status: 200 },
  ])('$what: $status', async ({ body, status }) => {
    const running = await startReceiver()
    expect((await send(`${running.url}/v1/traces`, body, PROTOBUF_TYPE)).status).toBe(status)
    await expectAlive(running)
  })
})

type Form = readonly [
  headers: Readonly<Record<string, string>>,
  encode: (signal: OtlpSignal, request: object) => Buffer,
]

const FORMS: readonly Form[] = [
  [JSON_TYPE, (_signal, request) => Buffer.from(JSON.stringify(request))],
  [PROTOBUF_TYPE, encodeProtobuf],
  [
    { ...PROTOBUF_TYPE, 'content-encoding': 'zstd' },
    (signal, request) => zstdCompressSync(encodeProtobuf(signal, request)),
  ],
]

/** Bytes that change, a piece that is missing, a piece that is there twice. */
function mutate(body: Buffer, [at, length, byte, kind]: readonly [number, number, number, number]): Buffer {
  if (body.length === 0) return Buffer.from([byte])
  const start = at % body.length
  const end = Math.min(body.length, start + 1 + (length % 20))
  if (kind === 0) return Buffer.concat([body.subarray(0, start), body.subarray(end)])
  if (kind === 1) return Buffer.concat([body.subarray(0, end), body.subarray(start)])
  const changed = Buffer.from(body)
  changed.fill(byte, start, kind === 2 ? end : start + 1)
  return changed
}

test(`${MUTATED_REQUESTS} mutated requests are taken in or refused with 400 (seed ${SEED})`, {
  timeout: 30_000 + MUTATED_REQUESTS * 20,
}, async () => {
  const running = await startReceiver()
  const mutation = fc.tuple(fc.nat(), fc.nat(), fc.nat(255), fc.nat(3))
  const statuses: Record<number, number> = {}
  for (let sent = 0, round = 0; sent < MUTATED_REQUESTS; round++) {
    const signal = SIGNALS[round % SIGNALS.length] ?? 'traces'
    const sample = fc.tuple(REQUESTS[signal], fc.array(mutation, { minLength: 1, maxLength: 3 }))
    const batch = fc.sample(sample, {
      seed: SEED + round,
      numRuns: Math.min(REQUESTS_A_ROUND, MUTATED_REQUESTS - sent),
    })
    const answers = batch.map(async ([request, mutations], n) => {
      const [headers, encode] = FORMS[n % FORMS.length] ?? [JSON_TYPE, encodeProtobuf]
      const body = mutations.reduce(mutate, encode(signal, request))
      return (await send(`${running.url}/v1/${signal}`, body, headers)).status
    })
    for (const status of await Promise.all(answers)) statuses[status] = (statuses[status] ?? 0) + 1
    sent += batch.length
  }
  expect(Object.keys(statuses)).toEqual(['200', '400'])
  expect(Math.min(statuses[200] ?? 0, statuses[400] ?? 0)).toBeGreaterThan(MUTATED_REQUESTS / 20)
  await running.receiver.stop()
  const { received, held, settled, noticed } = running.account()
  const { used = 0, 'dropped:implausible_time': implausible = 0 } = settled
  expect(Math.min(used, implausible)).toBeGreaterThan(0)
  expect([held, used + implausible, noticed.requests_refused_400]).toEqual([0, received, statuses[400]])
})
