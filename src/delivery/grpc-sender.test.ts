import { createServer } from 'node:net'
import { status } from '@grpc/grpc-js'
import { expect, onTestFinished, test } from 'vitest'
import type { OutgoingRequest } from '../store/stored-request.ts'
import type { SendOutcome } from './answer.ts'
import { GrpcIngester } from './grpc-ingester.fixture.ts'
import { addressOf, GrpcSender, type GrpcTarget } from './grpc-sender.ts'

const REQUEST: OutgoingRequest = {
  path: '/v1/logs',
  contentType: 'application/x-protobuf',
  items: 1,
  body: Buffer.from([0x0a, 0]),
}

function senderTo(endpoint: string, target: Partial<GrpcTarget> = {}): GrpcSender {
  const sender = new GrpcSender({ endpoint, headers: {}, timeoutMs: 5000, compression: 'none', ...target })
  onTestFinished(() => sender.close())
  return sender
}

const send = (sender: GrpcSender, signal = new AbortController().signal): Promise<SendOutcome> =>
  sender.send(REQUEST, signal)

test.for(['none', 'gzip'] as const)('bytes arrive as they are, with headers: compression %s', async (compression) => {
  const ingester = await new GrpcIngester().start()
  const sender = senderTo(ingester.url, { headers: { 'Signoz-Ingestion-Key': 'key' }, compression })
  expect(await send(sender)).toEqual({ kind: 'delivered', status: 0, rejected: 0, message: '', understood: true })
  expect(ingester.seen).toMatchObject([{ path: '/v1/logs', body: REQUEST.body }])
  expect(ingester.seen[0]?.metadata.get('signoz-ingestion-key')).toEqual(['key'])
})

test.for([
  ['http://collector', 'collector:4317'],
  ['http://collector:80', 'collector:80'],
  ['http://collector:80/', 'collector:80'],
  ['http://collector:4320/path:81?q=:82', 'collector:4320'],
  ['http://ada:1234@collector', 'collector:4317'],
  ['http://ada:1234@collector:80', 'collector:80'],
  ['HTTP://COLLECTOR:80', 'collector:80'],
  ['http://[::1]', '[::1]:4317'],
  ['http://[::1]:80', '[::1]:80'],
  ['https://collector', 'collector:443'],
  ['https://collector:443', 'collector:443'],
  ['https://collector:4317', 'collector:4317'],
  ['https://collector:80', 'collector:80'],
] as const)('%s is %s', ([endpoint, address]) => {
  expect(addressOf(endpoint)).toBe(address)
})

test('what the other side did not take of a request is told', async () => {
  const ingester = await new GrpcIngester().start()
  ingester.answer = Buffer.from([0x0a, 7, 0x08, 5, 0x12, 3, ...Buffer.from('bad')])
  expect(await send(senderTo(ingester.url))).toMatchObject({ kind: 'delivered', rejected: 5, message: 'bad' })
})

/** A `google.rpc.Status` whose details ask for 7.5 seconds of patience. */
const PATIENCE = ((): Buffer => {
  const field = (number: number, content: Buffer): Buffer =>
    Buffer.concat([Buffer.from([(number << 3) | 2, content.length]), content])
  const duration = Buffer.from([0x08, 7, 0x10, ...[0x80, 0xca, 0xb5, 0xee, 0x01]])
  const any = Buffer.concat([
    field(1, Buffer.from('type.googleapis.com/google.rpc.RetryInfo')),
    field(2, field(1, duration)),
  ])
  return Buffer.concat([Buffer.from([0x08, 8]), field(3, any)])
})()

test.for<{ code: status; details?: Buffer; outcome: object }>([
  { code: status.UNAVAILABLE, outcome: { kind: 'retry', reason: 'grpc_unavailable', status: 14 } },
  { code: status.RESOURCE_EXHAUSTED, outcome: { kind: 'refused', status: 8, message: 'as told' } },
  { code: status.RESOURCE_EXHAUSTED, details: PATIENCE, outcome: { kind: 'retry', retryAfterMs: 7500 } },
  { code: status.UNAVAILABLE, details: Buffer.from([0xff]), outcome: { kind: 'retry', reason: 'grpc_unavailable' } },
  { code: status.UNAUTHENTICATED, outcome: { kind: 'retry', reason: 'grpc_unauthenticated' } },
  { code: status.UNIMPLEMENTED, outcome: { kind: 'retry', reason: 'grpc_unimplemented' } },
  { code: status.INVALID_ARGUMENT, outcome: { kind: 'refused', status: 3 } },
  { code: status.INTERNAL, outcome: { kind: 'refused', status: 13 } },
])('code $code gives $outcome', async ({ code, details, outcome }) => {
  const ingester = await new GrpcIngester().start()
  ingester.failures.push({ code, ...(details !== undefined && { details }) })
  expect(await send(senderTo(ingester.url))).toMatchObject(outcome)
})

test('a server that is not there, and one that never answers, are tried again', async () => {
  const silent = createServer()
  await new Promise<void>((resolve) => silent.listen(0, '127.0.0.1', resolve))
  onTestFinished(() => void silent.close())
  const address = silent.address()
  const port = typeof address === 'object' ? address?.port : undefined
  const waiting = await send(senderTo(`http://127.0.0.1:${port}`, { timeoutMs: 200 }))
  expect(waiting).toMatchObject({ kind: 'retry', reason: 'grpc_deadline_exceeded' })
  const refused = await send(senderTo('http://127.0.0.1:1'))
  expect(refused).toMatchObject({ kind: 'retry', reason: 'grpc_unavailable' })
})

test('an attempt that is given up says that it was stopped', async () => {
  const stopping = new AbortController()
  const outcome = send(senderTo('http://127.0.0.1:1', { timeoutMs: 60_000 }), stopping.signal)
  stopping.abort()
  expect(await outcome).toEqual({ kind: 'retry', reason: 'stopped' })
  expect(await send(senderTo('http://127.0.0.1:1'), stopping.signal)).toEqual({ kind: 'retry', reason: 'stopped' })
})
