import { connect } from 'node:net'
import { text } from 'node:stream/consumers'
import { deflateSync, gzipSync, zstdCompressSync } from 'node:zlib'
import { describe, expect, test } from 'vitest'
import { EnvironmentError } from '#src/errors.ts'
import { NOW_MS } from '#src/net/running-receiver.fixture.ts'
import type { OtlpSignal } from '#src/otlp/decode-protobuf.ts'
import { encodeProtobuf } from '#src/otlp/otlp-schema.fixture.ts'
import { bytesField, varintField } from '#src/otlp/wire.fixture.ts'
import {
  type Answer,
  ID,
  JSON_TYPE,
  namesOf,
  nanoseconds,
  PROTOBUF_TYPE,
  send,
  spans,
  startReceiver,
} from './receiver.fixture.ts'

const ONE = JSON.stringify(spans(1))
const ONE_PROTOBUF = encodeProtobuf('traces', spans(1))

/** A `google.rpc.Status` in the encoding of an answer. */
function statusOf({ headers, body }: Answer): { code: number; message: string } {
  if (headers.get('content-type') === 'application/json') return JSON.parse(body.toString())
  const [codeTag, code = -1, messageTag, first = 0, second = 0] = body
  expect([headers.get('content-type'), codeTag, messageTag]).toEqual(['application/x-protobuf', 0x08, 0x12])
  const start = first < 0x80 ? 4 : 5
  const length = first < 0x80 ? first : (first & 0x7f) + second * 128
  expect(body.length).toBe(start + length)
  return { code, message: body.subarray(start).toString() }
}

describe('what is taken in', () => {
  const COMPRESSIONS = [
    ['identity', (body: Buffer) => body],
    ['gzip', gzipSync],
    ['GZIP', gzipSync],
    ['deflate', deflateSync],
    ['zstd', zstdCompressSync],
  ] as const
  const FORMS = [
    { type: 'application/json', body: Buffer.from(ONE), answer: '{}', answerType: 'application/json' },
    { type: 'Application/JSON; charset=utf-8', body: Buffer.from(ONE), answer: '{}', answerType: 'application/json' },
    { type: 'application/x-protobuf', body: ONE_PROTOBUF, answer: '', answerType: 'application/x-protobuf' },
  ]

  test.for(COMPRESSIONS.flatMap(([name, compress]) => FORMS.map((form) => ({ ...form, name, compress }))))(
    '$type with $name',
    async ({ type, body, answer, answerType, name, compress }) => {
      const running = await startReceiver()
      const headers = { 'content-type': type, 'content-encoding': name }
      const answered = await send(`${running.url}/v1/traces`, compress(body), headers)
      expect([answered.status, answered.body.toString()]).toEqual([200, answer])
      expect(answered.headers.get('content-type')).toBe(answerType)
      await running.untilReceived(1)
      expect(running.received).toMatchObject([{ kind: 'span', name: '0' }])
      expect(running.account()).toMatchObject({ received: 1, held: 0, settled: { used: 1 } })
    },
  )

  test.for(['traces', 'logs', 'metrics'] as const)('%s: an empty request is a success', async (signal) => {
    const running = await startReceiver()
    expect(await send(`${running.url}/v1/${signal}`, '{}')).toMatchObject({ status: 200, body: Buffer.from('{}') })
    const protobuf = await send(`${running.url}/v1/${signal}`, Buffer.alloc(0), PROTOBUF_TYPE)
    expect(protobuf).toMatchObject({ status: 200, body: Buffer.alloc(0) })
    expect(protobuf.headers.get('content-type')).toBe('application/x-protobuf')
  })

  test('integers of 64 bits are exact in both encodings', async () => {
    const running = await startReceiver()
    const body = (value: string) =>
      `{"resourceLogs":[{"scopeLogs":[{"logRecords":[{"timeUnixNano":"${nanoseconds(NOW_MS)}","attributes":[{"key":"k","value":{"intValue":${value}}}]}]}]}]}`
    await send(`${running.url}/v1/logs`, body('9007199254740993'))
    await send(`${running.url}/v1/logs`, encodeProtobuf('logs', JSON.parse(body('"9007199254740993"'))), PROTOBUF_TYPE)
    await running.untilReceived(2)
    expect(running.received.map(({ attributes }) => attributes.k)).toEqual([
      9_007_199_254_740_993n,
      9_007_199_254_740_993n,
    ])
  })

  test('data points without a value are counted', async () => {
    const running = await startReceiver()
    const dataPoints = [{ asInt: 1, timeUnixNano: nanoseconds(NOW_MS) }, { flags: 1 }, {}]
    const metrics = { resourceMetrics: [{ scopeMetrics: [{ metrics: [{ name: 'm', gauge: { dataPoints } }] }] }] }
    expect(await send(`${running.url}/v1/metrics`, JSON.stringify(metrics))).toMatchObject({ status: 200 })
    await running.untilReceived(1)
    expect(running.account()).toMatchObject({ received: 1, settled: { used: 1 }, noticed: { points_without_value: 2 } })
  })

  test('a query and a chunked body', async () => {
    const running = await startReceiver()
    const body = new ReadableStream({
      async start(controller) {
        for (const letter of ONE) controller.enqueue(Buffer.from(letter))
        controller.close()
      },
    })
    const response = await fetch(`${running.url}/v1/traces?x=1`, {
      method: 'POST',
      headers: JSON_TYPE,
      body,
      duplex: 'half',
    } as RequestInit)
    expect(response.status).toBe(200)
  })
})

describe('items with an implausible time', () => {
  const DAY_MS = 86_400_000
  const now = nanoseconds(NOW_MS)
  const span = (name: string, start: string, end?: string) => ({
    name,
    startTimeUnixNano: start,
    ...(end === undefined ? undefined : { endTimeUnixNano: end }),
  })
  const record = (eventName: string, time: string | undefined, observed?: string) => ({
    eventName,
    ...(time === undefined ? undefined : { timeUnixNano: time }),
    ...(observed === undefined ? undefined : { observedTimeUnixNano: observed }),
  })
  const metric = (name: string, timeUnixNano: string, startTimeUnixNano = '0') => ({
    name,
    gauge: { dataPoints: [{ asInt: 1, timeUnixNano, startTimeUnixNano }] },
  })

  const TABLE: readonly { signal: OtlpSignal; request: object; used: readonly string[]; rejected: number }[] = [
    {
      signal: 'traces',
      request: {
        resourceSpans: [
          {
            scopeSpans: [
              {
                spans: [
                  span('fine', now, now),
                  span('without an end', now),
                  span('without a start', '0', now),
                  span('start in 1970', '2000000000', now),
                  span('start in 2017', nanoseconds(Date.UTC(2018, 0, 1) - 1), now),
                  span('end the day after tomorrow', now, nanoseconds(NOW_MS + DAY_MS + 1)),
                  span('end tomorrow', now, nanoseconds(NOW_MS + DAY_MS)),
                  span('end in 2554', now, '18446744073709551615'),
                ],
              },
            ],
          },
        ],
      },
      used: ['fine', 'without an end', 'end tomorrow'],
      rejected: 5,
    },
    {
      signal: 'logs',
      request: {
        resourceLogs: [
          {
            scopeLogs: [
              {
                logRecords: [
                  record('fine', now),
                  record('only observed', undefined, now),
                  record('observed, and 0', '0', now),
                  record('no time', undefined),
                  record('0 and 0', '0', '0'),
                  record('time of 1970, observed now', '2000000000', now),
                  record('time now, observed in 1970', now, '2000000000'),
                ],
              },
            ],
          },
        ],
      },
      used: ['fine', 'only observed', 'observed, and 0', 'time now, observed in 1970'],
      rejected: 3,
    },
    {
      signal: 'metrics',
      request: {
        resourceMetrics: [
          { scopeMetrics: [{ metrics: [metric('fine', now, now), metric('no start', now), metric('no time', '0')] }] },
        ],
      },
      used: ['fine', 'no start'],
      rejected: 1,
    },
  ]
  const REJECTED_NAMES = { traces: 'rejectedSpans', logs: 'rejectedLogRecords', metrics: 'rejectedDataPoints' } as const
  const MESSAGE = 'items with a time that is unknown, before 2018 or more than a day ahead were left out'

  test.for(TABLE)('$signal: they are left out, counted and told', async ({ signal, request, used, rejected }) => {
    const running = await startReceiver()
    const url = `${running.url}/v1/${signal}`
    const json = await send(url, JSON.stringify(request))
    expect(json.status).toBe(200)
    expect(JSON.parse(json.body.toString())).toEqual({
      partialSuccess: { [REJECTED_NAMES[signal]]: `${rejected}`, errorMessage: MESSAGE },
    })
    const protobuf = await send(url, encodeProtobuf(signal, request), PROTOBUF_TYPE)
    expect(protobuf.status).toBe(200)
    expect(protobuf.headers.get('content-type')).toBe('application/x-protobuf')
    expect(protobuf.body).toEqual(bytesField(1, varintField(1, rejected), bytesField(2, MESSAGE)))

    await running.untilReceived(2 * used.length)
    expect(namesOf(running.received)).toEqual([...used, ...used])
    expect(running.account()).toMatchObject({
      received: 2 * (used.length + rejected),
      held: 0,
      settled: { used: 2 * used.length, 'dropped:implausible_time': 2 * rejected },
    })
    const warnings = running.logged.filter(({ level }) => level === 'warn')
    expect(warnings).toMatchObject([{ fields: { items: rejected, reason: 'implausible_time' } }])
  })

  test('a log record that was only observed has that time, in both encodings', async () => {
    const running = await startReceiver()
    const logs = { resourceLogs: [{ scopeLogs: [{ logRecords: [record('x', '0', nanoseconds(NOW_MS - 5))] }] }] }
    await send(`${running.url}/v1/logs`, JSON.stringify(logs))
    await send(`${running.url}/v1/logs`, encodeProtobuf('logs', logs), PROTOBUF_TYPE)
    await running.untilReceived(2)
    expect(running.received).toMatchObject([{ timeMs: NOW_MS - 5 }, { timeMs: NOW_MS - 5 }])
  })

  test('a request of nothing else is a success that took in nothing', async () => {
    const running = await startReceiver()
    const request = { resourceSpans: [{ scopeSpans: [{ spans: [{ name: 'x' }] }] }] }
    expect(await send(`${running.url}/v1/traces`, JSON.stringify(request))).toMatchObject({ status: 200 })
    expect(running.account()).toMatchObject({ received: 1, held: 0, settled: { 'dropped:implausible_time': 1 } })
  })
})

describe('what is refused', () => {
  const json = JSON_TYPE
  const protobuf = PROTOBUF_TYPE
  const large = JSON.stringify(spans(500))

  test.for<{
    what: string
    method?: string
    path?: string
    headers?: Record<string, string>
    body?: string | Uint8Array
    status: number
    code: number
    message: RegExp
    also?: Record<string, string>
  }>([
    { what: 'GET', method: 'GET', status: 405, code: 12, message: /expected POST/, also: { allow: 'POST' } },
    { what: 'PATCH', method: 'PATCH', body: ONE, status: 405, code: 12, message: /POST/, also: { allow: 'POST' } },
    { what: 'OPTIONS', method: 'OPTIONS', status: 405, code: 12, message: /POST/, also: { allow: 'POST' } },
    { what: 'an unknown path', path: '/v1/trace', body: ONE, status: 404, code: 5, message: /\/v1\/traces/ },
    { what: 'a path with a slash at its end', path: '/v1/traces/', body: ONE, status: 404, code: 5, message: /path/ },
    { what: 'a path in capitals', path: '/V1/TRACES', body: ONE, status: 404, code: 5, message: /path/ },
    { what: 'a broken path', path: '/v1/%zz', body: ONE, status: 404, code: 5, message: /path/ },
    {
      what: 'profiles',
      path: '/v1development/profiles',
      headers: protobuf,
      body: '',
      status: 404,
      code: 5,
      message: /path/,
    },
    { what: 'no content type', headers: {}, body: ONE, status: 415, code: 3, message: /content type/ },
    {
      what: 'text',
      headers: { 'content-type': 'text/plain' },
      body: ONE,
      status: 415,
      code: 3,
      message: /content type/,
    },
    {
      what: 'a broken content type',
      headers: { 'content-type': 'x' },
      body: ONE,
      status: 415,
      code: 3,
      message: /content type/,
    },
    {
      what: 'an unknown content encoding',
      headers: { ...json, 'content-encoding': 'br' },
      body: ONE,
      status: 415,
      code: 3,
      message: /content encoding/,
      also: { 'accept-encoding': 'gzip, deflate, zstd' },
    },
    {
      what: 'two content encodings',
      headers: { ...json, 'content-encoding': 'gzip, gzip' },
      body: ONE,
      status: 415,
      code: 3,
      message: /encoding/,
    },
    {
      what: 'no gzip',
      headers: { ...json, 'content-encoding': 'gzip' },
      body: ONE,
      status: 400,
      code: 3,
      message: /damaged/,
    },
    {
      what: 'half a gzip',
      headers: { ...json, 'content-encoding': 'gzip' },
      body: gzipSync(ONE).subarray(0, 30),
      status: 400,
      code: 3,
      message: /damaged/,
    },
    {
      what: 'half a zstd',
      headers: { ...json, 'content-encoding': 'zstd' },
      body: zstdCompressSync(large).subarray(0, 30),
      status: 400,
      code: 3,
      message: /damaged/,
    },
    { what: 'an empty JSON body', body: '', status: 400, code: 3, message: /expected JSON/ },
    { what: 'JSON in a protobuf request', headers: protobuf, body: '{}', status: 400, code: 3, message: /at byte/ },
    {
      what: 'protobuf in a JSON request',
      headers: json,
      body: ONE_PROTOBUF,
      status: 400,
      code: 3,
      message: /expected JSON/,
    },
    {
      what: 'a wrong type',
      body: '{"resourceSpans":7}',
      status: 400,
      code: 3,
      message: /expected a list, got a number \(resourceSpans\)/,
    },
    { what: 'a large body', body: large, status: 413, code: 8, message: /at most 4096 bytes/ },
    {
      what: 'a body that becomes large',
      headers: { ...json, 'content-encoding': 'gzip' },
      body: gzipSync(`${' '.repeat(20_000)}${ONE}`),
      status: 413,
      code: 8,
      message: /at most 8192 bytes/,
    },
  ])(
    '$what',
    async ({ method = 'POST', path = '/v1/traces', headers = json, body, status, code, message, also = {} }) => {
      const running = await startReceiver({ config: { max_body_size: '4KiB', max_decompressed_size: '8KiB' } })
      const answer = await send(`${running.url}${path}`, body, headers, method)
      expect(answer.status).toBe(status)
      const inProtobuf = headers['content-type'] === 'application/x-protobuf'
      expect(answer.headers.get('content-type')).toBe(inProtobuf ? 'application/x-protobuf' : 'application/json')
      expect(statusOf(answer)).toEqual({ code, message: expect.stringMatching(message) })
      for (const [name, value] of Object.entries(also)) expect(answer.headers.get(name)).toBe(value)
      expect(running.received).toEqual([])
      expect(running.account().noticed).toEqual({ [`requests_refused_${status}`]: 1 })
      // The connection is still good for a request that is right.
      expect(await send(`${running.url}/v1/traces`, ONE)).toMatchObject({ status: 200 })
    },
  )

  test('a chunked body that does not say how large it is', async () => {
    const running = await startReceiver({ config: { max_body_size: '64KiB' } })
    const socket = connect(Number(new URL(running.url).port), '127.0.0.1')
    socket.write(
      'POST /v1/traces HTTP/1.1\r\nhost: localhost\r\ncontent-type: application/json\r\ntransfer-encoding: chunked\r\n\r\n',
    )
    for (let sent = 0; sent < 80; sent++) socket.write(`400\r\n${' '.repeat(1024)}\r\n`)
    socket.end('0\r\n\r\n')
    expect(await text(socket)).toMatch(/^HTTP\/1\.1 413 .*"code":8/s)
  })

  test.for([
    { what: 'what is no HTTP', sent: 'secret\r\n\r\n', answer: /^HTTP\/1\.1 400 Bad Request.*"code":3/s },
    {
      what: 'very long headers',
      sent: `POST / HTTP/1.1\r\nx: ${'y'.repeat(20_000)}\r\n\r\n`,
      answer: /^HTTP\/1\.1 431 .*"code":8/s,
    },
  ])('$what', async ({ sent, answer }) => {
    const running = await startReceiver()
    const socket = connect(Number(new URL(running.url).port), '127.0.0.1')
    socket.write(sent)
    expect(await text(socket)).toMatch(answer)
    expect(await send(`${running.url}/v1/traces`, ONE)).toMatchObject({ status: 200 })
  })

  test('is logged without its content, and not again and again', async () => {
    const running = await startReceiver()
    for (let n = 0; n < 20; n++) await send(`${running.url}/v1/traces`, '{"resourceSpans":"secret"}')
    const warnings = running.logged.filter(({ level }) => level === 'warn')
    expect(warnings).toMatchObject([{ fields: { status: 400 }, message: 'a request was refused' }])
    expect(JSON.stringify(running.logged)).not.toContain('secret')
    expect(running.account().noticed).toEqual({ requests_refused_400: 20 })
  })
})

test('a taken port says how to choose another', async () => {
  const { url } = await startReceiver()
  const second = startReceiver({ config: { endpoint: new URL(url).host } })
  await expect(second).rejects.toThrow(EnvironmentError)
  await expect(second).rejects.toThrow(`--set receivers.${ID}.protocols.http.endpoint=127.0.0.1:<port>`)
})

test('a field of another type is told by its place', async () => {
  const running = await startReceiver()
  const span = bytesField(1, bytesField(2, bytesField(2, varintField(5, 1))))
  const answer = await send(`${running.url}/v1/traces`, span, PROTOBUF_TYPE)
  expect(statusOf(answer).message).toContain('(resourceSpans[0].scopeSpans[0].spans[0])')
})
