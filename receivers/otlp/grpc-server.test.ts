import { status } from '@grpc/grpc-js'
import { expect, onTestFinished, test } from 'vitest'
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

interface Started {
  readonly url: string
  readonly refusals: Refusal[]
  readonly errors: unknown[]
}

interface ServerInput {
  readonly receiveTimeoutMs?: number
  readonly queueBytes?: number
  /** Takes over a request and its memory. */
  readonly accept: (hold: ByteHold) => void
}

async function startServer({ receiveTimeoutMs = 1000, queueBytes = 2 ** 20, accept }: ServerInput): Promise<Started> {
  const refusals: Refusal[] = []
  const errors: unknown[] = []
  const server = new OtlpGrpcServer({
    items: new ItemIntake({
      queueBytes,
      accept: (_items, hold) => accept(hold),
      onPassed: () => {},
      onNotPassed: () => {},
      onSkipped: () => {},
      onImplausible: () => {},
      now: () => NOW_MS,
    }),
    onRefused: (refusal, error) => {
      refusals.push(refusal)
      if (error !== undefined) errors.push(error)
    },
    maxMessageBytes: 2 ** 20,
    receiveTimeoutMs,
    roomWaitMs: 0,
  })
  onTestFinished(() => server.stop())
  const port = await server.start({ host: '127.0.0.1', port: 0 }, 'endpoint')
  return { url: `http://127.0.0.1:${port}`, refusals, errors }
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
