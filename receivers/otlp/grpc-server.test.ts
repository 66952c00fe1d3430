import { status } from '@grpc/grpc-js'
import { expect, onTestFinished, test } from 'vitest'
import { encodeProtobuf } from '#src/otlp/otlp-schema.fixture.ts'
import type { Refusal } from './answer.ts'
import { callGrpc, frame, grpcClient, METHODS, rawCall } from './grpc.fixture.ts'
import { OtlpGrpcServer } from './grpc-server.ts'
import { ItemIntake } from './item-intake.ts'
import { NOW_MS, spans } from './receiver.fixture.ts'

const ONE = encodeProtobuf('traces', spans(1))

interface Started {
  readonly url: string
  readonly refusals: Refusal[]
  readonly errors: unknown[]
}

async function startServer(receiveTimeoutMs: number, accept: () => void): Promise<Started> {
  const refusals: Refusal[] = []
  const errors: unknown[] = []
  const server = new OtlpGrpcServer({
    items: new ItemIntake({
      queueBytes: 2 ** 20,
      accept: (_items, hold) => {
        accept()
        hold.release()
      },
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
  const { url, refusals } = await startServer(60, () => accepted++)
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
  const { url, errors, refusals } = await startServer(1000, () => {
    throw new Error('secret')
  })
  const { code, details } = await callGrpc(grpcClient(url), METHODS.traces, ONE)
  expect(code).toBe(status.INTERNAL)
  expect(details).not.toContain('secret')
  expect(refusals).toMatchObject([{ status: 500 }])
  expect(errors).toEqual([new Error('secret')])
})
