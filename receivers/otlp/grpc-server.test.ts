import { setTimeout as sleep } from 'node:timers/promises'
import { status } from '@grpc/grpc-js'
import { describe, expect, onTestFinished, test } from 'vitest'
import type { ByteHold } from '#src/net/byte-budget.ts'
import { NOW_MS } from '#src/net/running-receiver.fixture.ts'
import { encodeProtobuf } from '#src/otlp/otlp-schema.fixture.ts'
import { bytesField, varintField } from '#src/otlp/wire.fixture.ts'
import type { Refusal } from './answer.ts'
import { callGrpc, frame, grpcClient, METHODS, rawCall } from './grpc.fixture.ts'
import { OtlpGrpcServer } from './grpc-server.ts'
import { ItemIntake } from './item-intake.ts'
import { spans } from './receiver.fixture.ts'

const ONE = encodeProtobuf('traces', spans(1))
const MIB = 2 ** 20

interface Started {
  readonly url: string
  readonly items: ItemIntake
  readonly refusals: Refusal[]
  readonly errors: unknown[]
}

interface ServerInput {
  readonly receiveTimeoutMs?: number
  readonly queueBytes?: number
  readonly roomWaitMs?: number
  /** Takes over a request and its memory. */
  readonly accept: (hold: ByteHold) => void
}

async function startServer(input: ServerInput): Promise<Started> {
  const { receiveTimeoutMs = 1000, queueBytes = MIB, roomWaitMs = 0, accept } = input
  const refusals: Refusal[] = []
  const errors: unknown[] = []
  const items = new ItemIntake({
    queueBytes,
    accept: (_items, hold) => accept(hold),
    onPassed: () => {},
    onNotPassed: () => {},
    onSkipped: () => {},
    onImplausible: () => {},
    now: () => NOW_MS,
  })
  const server = new OtlpGrpcServer({
    items,
    onRefused: (refusal, error) => {
      refusals.push(refusal)
      if (error !== undefined) errors.push(error)
    },
    maxMessageBytes: MIB,
    receiveTimeoutMs,
    roomWaitMs,
  })
  onTestFinished(() => server.stop())
  const port = await server.start({ host: '127.0.0.1', port: 0 }, 'endpoint')
  return { url: `http://127.0.0.1:${port}`, items, refusals, errors }
}

test.for([
  { what: 'a part of a message', sent: frame(ONE, { length: 1000 }) },
  { what: 'a message without the end of its call', sent: frame(ONE) },
  { what: 'nothing', sent: Buffer.alloc(0) },
])('senders of $what and no more are ended, and others get their turn', async ({ sent }) => {
  let accepted = 0
  const { url, refusals } = await startServer({
    receiveTimeoutMs: 60,
    accept: (hold) => {
      accepted++
      hold.release()
    },
  })
  const slow = Array.from({ length: 6 }, () => rawCall(url))
  for (const { stream } of slow) stream.write(sent)
  const answer = callGrpc(grpcClient(url), METHODS.traces, ONE)
  const ends = await Promise.all(slow.map(({ ended }) => ended))
  expect(ends).toEqual(slow.map(() => ({ grpcStatus: `${status.DEADLINE_EXCEEDED}`, httpStatus: 200 })))
  expect((await answer).code).toBe(status.OK)
  expect(refusals.map((refusal) => refusal.status)).toEqual(slow.map(() => 408))
  expect(accepted).toBe(1)
})

test('an error inside is told with its cause, not to the sender', async () => {
  const { url, errors, refusals } = await startServer({
    accept: () => {
      throw new Error('secret')
    },
  })
  const { code, details } = await callGrpc(grpcClient(url), METHODS.traces, ONE)
  expect(code).toBe(status.INTERNAL)
  expect(details).not.toContain('secret')
  expect(refusals).toMatchObject([{ status: 500 }])
  expect(errors).toEqual([new Error('secret')])
})

test('when there is no room calls are unavailable, and told to come again in 1 to 3 s', async () => {
  const holds: ByteHold[] = []
  const { url, refusals } = await startServer({ queueBytes: 1, accept: (hold) => holds.push(hold) })
  const client = grpcClient(url)
  expect((await callGrpc(client, METHODS.traces, ONE)).code).toBe(status.OK)
  const message = 'more is waiting than queue_size allows; try again'
  for (const seconds of [1, 2, 3, 1]) {
    const { code, details, richStatus } = await callGrpc(client, METHODS.traces, ONE)
    expect([code, details]).toEqual([status.UNAVAILABLE, message])
    const duration = bytesField(1, varintField(1, seconds))
    const retryInfo = [bytesField(1, 'type.googleapis.com/google.rpc.RetryInfo'), bytesField(2, duration)]
    expect(richStatus).toEqual(
      Buffer.concat([varintField(1, status.UNAVAILABLE), bytesField(2, message), bytesField(3, ...retryInfo)]),
    )
  }
  expect(refusals.map((refusal) => refusal.status)).toEqual([503, 503, 503, 503])
  holds[0]?.release()
  expect((await callGrpc(client, METHODS.traces, ONE)).code).toBe(status.OK)
})

describe('what is being received counts towards the queue', () => {
  const LARGE = encodeProtobuf('traces', spans(4000))

  test.for([
    { what: 'bytes that have come', first: 600_000, second: { bytes: 600_000, compressed: false } },
    { what: 'what compressed ones usually become', first: 200_000, second: { bytes: 80_000, compressed: true } },
  ])('$what: with no room for more, the second is unavailable', async ({ first, second }) => {
    const { url, items, refusals } = await startServer({ receiveTimeoutMs: 60_000, accept: (hold) => hold.release() })
    const one = rawCall(url)
    one.stream.write(frame(Buffer.alloc(first), { length: MIB }))
    while (items.hasRoom(MIB - first)) await sleep(5)
    const other = rawCall(url)
    other.stream.write(frame(Buffer.alloc(second.bytes), { compressed: second.compressed, length: MIB - 1 }))
    expect(await other.ended).toEqual({ grpcStatus: `${status.UNAVAILABLE}`, httpStatus: 200 })
    expect(refusals).toMatchObject([{ status: 503, retryAfterSeconds: 1 }])
    one.stream.close()
    await Promise.all([one.ended, other.ended])
    while (!items.hasRoom(MIB)) await sleep(5)
  })

  test('it goes on when there is room again', async () => {
    const { url, items } = await startServer({
      receiveTimeoutMs: 60_000,
      roomWaitMs: 60_000,
      queueBytes: LARGE.length * 1.5,
      accept: (hold) => hold.release(),
    })
    const stalled = rawCall(url)
    stalled.stream.write(frame(LARGE, { length: LARGE.length + 1 }))
    while (items.hasRoom(LARGE.length)) await sleep(5)
    const answer = callGrpc(grpcClient(url), METHODS.traces, LARGE)
    while (items.hasRoom(16_384)) await sleep(5)
    stalled.stream.close()
    expect((await answer).code).toBe(status.OK)
    expect(items.hasRoom(LARGE.length * 1.5)).toBe(true)
  })
})
