import { connect } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'
import { expect, onTestFinished, test } from 'vitest'
import { ByteBudget } from '#src/net/byte-budget.ts'
import { readBody } from '#src/net/read-body.ts'
import type { Refusal } from './answer.ts'
import { OtlpHttpServer } from './http-server.ts'

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
