import { constants } from 'node:http2'
import { setTimeout as sleep } from 'node:timers/promises'
import { gzipSync } from 'node:zlib'
import { status } from '@grpc/grpc-js'
import { describe, expect, test } from 'vitest'
import { EnvironmentError } from '#src/errors.ts'
import { NOW_MS } from '#src/net/running-receiver.fixture.ts'
import { encodeProtobuf } from '#src/otlp/otlp-schema.fixture.ts'
import { bytesField, varintField } from '#src/otlp/wire.fixture.ts'
import { callGrpc, frame, grpcClient, METHODS, rawCall } from './grpc.fixture.ts'
import { ID, namesOf, nanoseconds, send, spans, startReceiver } from './receiver.fixture.ts'

const ONE = encodeProtobuf('traces', spans(1))
const MIB = 2 ** 20

describe('what is taken in', () => {
  test.for(['traces', 'logs', 'metrics'] as const)('%s: an empty request is a success', async (signal) => {
    const running = await startReceiver({ grpc: {} })
    const answer = await callGrpc(grpcClient(running.grpcUrl), METHODS[signal], Buffer.alloc(0))
    expect(answer).toMatchObject({ code: status.OK, body: Buffer.alloc(0) })
  })

  test.for([
    { encoding: 'gzip', algorithm: 2 },
    { encoding: 'deflate', algorithm: 1 },
    { encoding: 'no compression', algorithm: 0 },
  ])('$encoding', async ({ algorithm }) => {
    const running = await startReceiver({ grpc: {} })
    const client = grpcClient(running.grpcUrl, undefined, { 'grpc.default_compression_algorithm': algorithm })
    const answer = await callGrpc(client, METHODS.traces, encodeProtobuf('traces', spans(300)))
    expect(answer).toMatchObject({ code: status.OK, body: Buffer.alloc(0) })
    await running.untilReceived(300)
    expect(namesOf(running.received)).toEqual(Array.from({ length: 300 }, (_, n) => `${n}`))
    expect(running.account()).toMatchObject({ received: 300, held: 0, settled: { used: 300 }, noticed: {} })
  })

  test('items with an implausible time are left out, counted and told', async () => {
    const running = await startReceiver({ grpc: {} })
    const named = [{ name: 'fine', startTimeUnixNano: nanoseconds(NOW_MS) }, { name: 'without a start' }]
    const request = encodeProtobuf('traces', { resourceSpans: [{ scopeSpans: [{ spans: named }] }] })
    const { code, body } = await callGrpc(grpcClient(running.grpcUrl), METHODS.traces, request)
    expect(code).toBe(status.OK)
    expect(body?.subarray(2)).toEqual(Buffer.concat([varintField(1, 1), bytesField(2, expectedMessage())]))
    await running.untilReceived(1)
    expect(running.account()).toMatchObject({ settled: { used: 1, 'dropped:implausible_time': 1 } })
  })

  function expectedMessage(): string {
    return 'items with a time that is unknown, before 2018 or more than a day ahead were left out'
  }

  test('many calls at the same time on one connection, each once', async () => {
    const running = await startReceiver({ grpc: {} })
    const client = grpcClient(running.grpcUrl)
    const requests = Array.from({ length: 60 }, (_, n) => encodeProtobuf('traces', spans(5, n * 5)))
    const answers = await Promise.all(requests.map((request) => callGrpc(client, METHODS.traces, request)))
    expect(new Set(answers.map(({ code }) => code))).toEqual(new Set([status.OK]))
    await running.untilReceived(300)
    expect(new Set(namesOf(running.received)).size).toBe(300)
  })
})

describe('what is refused', () => {
  test.for<{ what: string; body: Buffer; headers?: Record<string, string>; code: number; counted: string }>([
    {
      what: 'no protobuf',
      body: frame(Buffer.alloc(100, 0xff)),
      code: status.INVALID_ARGUMENT,
      counted: 'requests_refused_400',
    },
    {
      what: 'a request that is cut off',
      body: frame(ONE.subarray(0, -1)),
      code: status.INVALID_ARGUMENT,
      counted: 'requests_refused_400',
    },
    {
      what: 'no gzip',
      body: frame(ONE, { compressed: true }),
      headers: { 'grpc-encoding': 'gzip' },
      code: status.INVALID_ARGUMENT,
      counted: 'requests_refused_400',
    },
    {
      what: 'half a gzip',
      body: frame(gzipSync(ONE).subarray(0, 30), { compressed: true }),
      headers: { 'grpc-encoding': 'gzip' },
      code: status.INVALID_ARGUMENT,
      counted: 'requests_refused_400',
    },
    {
      what: 'an unknown compression',
      body: frame(ONE, { compressed: true }),
      headers: { 'grpc-encoding': 'secret' },
      code: status.UNIMPLEMENTED,
      counted: 'requests_refused_415',
    },
    {
      what: 'a message that says that it is large',
      body: frame(ONE, { length: 4097 }),
      code: status.RESOURCE_EXHAUSTED,
      counted: 'requests_refused_413',
    },
    {
      what: 'a message that becomes large',
      body: frame(gzipSync(Buffer.alloc(4097)), { compressed: true }),
      headers: { 'grpc-encoding': 'gzip' },
      code: status.RESOURCE_EXHAUSTED,
      counted: 'requests_refused_413',
    },
  ])('$what', async ({ body, headers, code, counted }) => {
    const running = await startReceiver({ grpc: { max_recv_msg_size: '4KiB' } })
    const { stream, ended } = rawCall(running.grpcUrl, headers)
    stream.end(body)
    expect(await ended).toEqual({ grpcStatus: `${code}`, httpStatus: 200 })
    expect(running.received).toEqual([])
    expect(running.account().noticed).toEqual({ [counted]: 1 })
    expect(JSON.stringify(running.logged)).not.toContain('secret')
    const next = await callGrpc(grpcClient(running.grpcUrl), METHODS.traces, ONE)
    expect(next.code).toBe(status.OK)
  })

  test('a large message: not to be tried again', async () => {
    const running = await startReceiver({ grpc: { max_recv_msg_size: '4KiB' } })
    const request = encodeProtobuf('traces', spans(500))
    const answer = await callGrpc(grpcClient(running.grpcUrl), METHODS.traces, request)
    expect(answer).toMatchObject({ code: status.RESOURCE_EXHAUSTED, richStatus: undefined })
    expect(answer.details).toBe('expected a body of at most 4096 bytes, got a larger one')
  })

  test('a bomb of gzip, when it has grown to 64 MiB', async () => {
    const running = await startReceiver({ grpc: {} })
    const client = grpcClient(running.grpcUrl, undefined, {
      'grpc.default_compression_algorithm': 2,
      'grpc.max_send_message_length': -1,
    })
    const answer = await callGrpc(client, METHODS.logs, Buffer.alloc(65 * MIB))
    expect(answer).toMatchObject({ code: status.RESOURCE_EXHAUSTED, richStatus: undefined })
    expect(await callGrpc(client, METHODS.traces, ONE)).toMatchObject({ code: status.OK })
  })

  test.for([
    '/opentelemetry.proto.collector.profiles.v1development.ProfilesService/Export',
    '/opentelemetry.proto.collector.trace.v1.TraceService/Other',
    '/grpc.health.v1.Health/Check',
  ])('%s is not implemented', async (method) => {
    const running = await startReceiver({ grpc: {} })
    expect((await callGrpc(grpcClient(running.grpcUrl), method, ONE)).code).toBe(status.UNIMPLEMENTED)
  })

  test('what is no gRPC', async () => {
    const running = await startReceiver({ grpc: {} })
    const { stream, ended } = rawCall(running.grpcUrl, { 'content-type': 'application/x-protobuf' })
    stream.end(ONE)
    expect(await ended).toEqual({ grpcStatus: undefined, httpStatus: 415 })
    await expect(fetch(`${running.grpcUrl}/v1/traces`)).rejects.toThrow()
    expect((await callGrpc(grpcClient(running.grpcUrl), METHODS.traces, ONE)).code).toBe(status.OK)
  })

  test('a taken port says how to choose another', async () => {
    const { grpcUrl } = await startReceiver({ grpc: {} })
    const second = startReceiver({ grpc: { endpoint: new URL(grpcUrl).host } })
    await expect(second).rejects.toThrow(EnvironmentError)
    await expect(second).rejects.toThrow(`--set receivers.${ID}.protocols.grpc.endpoint=127.0.0.1:<port>`)
    if (process.platform === 'linux') await expect(second).rejects.toThrow(`(pid ${process.pid})`)
  })
})

describe('while the pipeline is slow', () => {
  test('calls fill the queue that HTTP has too, and then wait until there is room', async () => {
    const gate = Promise.withResolvers<void>()
    const running = await startReceiver({ grpc: {}, queueSize: '64KiB', next: () => gate.promise })
    const client = grpcClient(running.grpcUrl)
    const calls = Array.from({ length: 12 }, (_, n) =>
      callGrpc(client, METHODS.traces, encodeProtobuf('traces', spans(50, n * 50))),
    )
    while ((await send(`${running.url}/v1/traces`, '{}')).status !== 503) await sleep(5)
    expect(running.account().received).toBeLessThan(600)
    gate.resolve()
    expect(new Set((await Promise.all(calls)).map(({ code }) => code))).toEqual(new Set([status.OK]))
    await running.untilReceived(600)
    expect(new Set(namesOf(running.received)).size).toBe(600)
  })
})

describe('senders that go away', () => {
  test('calls that are cancelled in the middle take in nothing and leave room for others', async () => {
    const running = await startReceiver({ grpc: {} })
    for (let n = 0; n < 10; n++) {
      const { stream, ended } = rawCall(running.grpcUrl)
      await new Promise((resolve) => stream.write(frame(ONE, { length: 1000 }), resolve))
      stream.close(constants.NGHTTP2_CANCEL)
      await ended
    }
    expect((await callGrpc(grpcClient(running.grpcUrl), METHODS.traces, ONE)).code).toBe(status.OK)
    await running.untilReceived(1)
    expect(running.account()).toMatchObject({ received: 1, settled: { used: 1 }, noticed: {} })
  })

  test('calls do not wait for senders that have stalled', async () => {
    const running = await startReceiver({ grpc: {} })
    const slow = Array.from({ length: 8 }, () => rawCall(running.grpcUrl))
    const ended: unknown[] = []
    for (const each of slow) {
      void each.ended.then((end) => ended.push(end))
      await new Promise((resolve) => each.stream.write(frame(ONE, { length: 1000 }), resolve))
    }
    // Each on its own connection: the server has read of all of them once it has answered this one over HTTP.
    await send(`${running.url}/v1/traces`, '{}')
    const { code } = await callGrpc(grpcClient(running.grpcUrl), METHODS.traces, ONE)
    expect(code).toBe(status.OK)
    expect(ended).toEqual([])
    for (const { stream } of slow) stream.close(constants.NGHTTP2_CANCEL)
    await Promise.all(slow.map((each) => each.ended))
  })
})

describe('stopping', () => {
  test('hands on what waits, refuses what is new, and ends calls that are in the middle', async () => {
    const gate = Promise.withResolvers<void>()
    const running = await startReceiver({ grpc: {}, next: () => gate.promise })
    const client = grpcClient(running.grpcUrl)
    for (let n = 0; n < 5; n++) await callGrpc(client, METHODS.traces, encodeProtobuf('traces', spans(1, n)))
    const { stream, ended } = rawCall(running.grpcUrl)
    await new Promise((resolve) => stream.write(frame(ONE, { length: 1000 }), resolve))
    const stopped = running.receiver.stop()
    expect(await callGrpc(client, METHODS.traces, ONE)).toMatchObject({
      code: status.UNAVAILABLE,
      details: 'agentperf is stopping; try again',
    })
    gate.resolve()
    await stopped
    expect(namesOf(running.received)).toEqual(['0', '1', '2', '3', '4'])
    expect(running.account()).toMatchObject({ received: 5, held: 0, settled: { used: 5 } })
    expect((await ended).grpcStatus).not.toBe('0')
    await expect(fetch(running.grpcUrl)).rejects.toThrow()
  })
})
