import { connect } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'
import { expect, onTestFinished, test } from 'vitest'
import { ByteBudget } from '#src/net/byte-budget.ts'
import { readBody } from '#src/net/read-body.ts'
import type { Refusal } from './answer.ts'
import { OtlpHttpServer } from './http-server.ts'
import { startReceiver } from './receiver.fixture.ts'

test('a sender that goes on sending a little now and then is ended with 408, and holds no memory any more', async () => {
  const refusals: Refusal[] = []
  const budget = new ByteBudget(1)
  const server = new OtlpHttpServer({
    endpoint: undefined,
    allowedHosts: [],
    take: async (_signal, request) => {
      const hold = budget.open()
      expect(await readBody(request, 900, 1000, hold)).toBe('aborted')
      hold.release()
      return undefined
    },
    onRefused: (refusal) => refusals.push(refusal),
    requestTimeoutMs: 60,
  })
  onTestFinished(() => server.stop())
  const port = await server.start({ host: '127.0.0.1', port: 0 }, 'endpoint')
  const socket = connect(port, '127.0.0.1')
  // What is sent after the answer fails; the answer counts all the same.
  let answer = ''
  const closed = new Promise((resolve) => socket.once('close', resolve))
  socket.setEncoding('utf8').on('data', (piece: string) => (answer += piece))
  socket.on('error', () => {})
  socket.write(
    'POST /v1/logs HTTP/1.1\r\nhost: localhost\r\ncontent-type: application/json\r\ncontent-length: 900\r\n\r\n',
  )
  const drip = setInterval(() => socket.write(' '), 5)
  onTestFinished(() => clearInterval(drip))
  await closed
  expect(answer).toMatch(/^HTTP\/1\.1 408 Request Timeout\r\n.*"code":4/s)
  expect(refusals).toMatchObject([{ status: 408 }])
  while (!budget.hasRoom(1)) await sleep(2)
})

test('an error inside is answered with 500 and told with its cause, not to the sender', async () => {
  const errors: unknown[] = []
  const server = new OtlpHttpServer({
    endpoint: undefined,
    allowedHosts: [],
    take: () => Promise.reject(new Error('secret')),
    onRefused: (_refusal, error) => errors.push(error),
    requestTimeoutMs: 1000,
  })
  onTestFinished(() => server.stop())
  const port = await server.start({ host: '127.0.0.1', port: 0 }, 'endpoint')
  const response = await fetch(`http://127.0.0.1:${port}/v1/logs`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: '{}',
  })
  expect(response.status).toBe(500)
  expect(await response.json()).toEqual({ code: 13, message: expect.not.stringContaining('secret') })
  expect(errors).toEqual([new Error('secret')])
})

test.for([
  { what: 'one that was announced', header: 'content-length: 8000000000', before: '' },
  { what: 'one in chunks', header: 'transfer-encoding: chunked', before: '77359400\r\n' },
])('a body that is too large is not read to its end: $what', async ({ header, before }) => {
  const { url } = await startReceiver({ config: { max_body_size: '1MiB' } })
  const socket = connect(Number(new URL(url).port), '127.0.0.1')
  let answer = ''
  const closed = new Promise((resolve) => socket.once('close', resolve))
  socket.setEncoding('utf8').on('data', (piece: string) => (answer += piece))
  // What is sent after the end fails.
  socket.on('error', () => {})
  socket.write(
    `POST /v1/logs HTTP/1.1\r\nhost: localhost\r\ncontent-type: application/json\r\n${header}\r\n\r\n${before}`,
  )
  const piece = Buffer.alloc(2 ** 20, ' ')
  const goOn = (): void => {
    while (socket.writable && socket.write(piece));
  }
  socket.on('drain', goOn)
  goOn()
  await closed
  expect(answer).toMatch(/^HTTP\/1\.1 413 .*connection: close\r\n.*"code":8/s)
  // Most of it waits in the buffers of the connection.
  expect(socket.bytesWritten).toBeLessThan(64 * 2 ** 20)
})

test('a token is asked for before anything else', async () => {
  const { url } = await startReceiver({ config: { auth: { bearer_token: 'abcdefghijklmnopqrstuvwxyz0123456789' } } })
  const headers = { 'content-type': 'application/json', origin: 'https://example.org' }
  expect((await fetch(`${url}/v1/logs`, { method: 'POST', headers, body: '{}' })).status).toBe(401)
  const shown = { ...headers, authorization: 'Bearer abcdefghijklmnopqrstuvwxyz0123456789' }
  expect((await fetch(`${url}/v1/logs`, { method: 'POST', headers: shown, body: '{}' })).status).toBe(403)
})
