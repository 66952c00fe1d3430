import { fastify } from 'fastify'
import { afterEach, expect, test } from 'vitest'
import { EnvironmentError } from '../errors.ts'
import { listen, parseEndpoint } from './listen.ts'

const servers: ReturnType<typeof fastify>[] = []

afterEach(() => Promise.all(servers.splice(0).map((server) => server.close())))

function server(): ReturnType<typeof fastify> {
  const made = fastify()
  servers.push(made)
  return made
}

test.for([
  { text: '127.0.0.1:4328', endpoint: { host: '127.0.0.1', port: 4328 } },
  { text: 'localhost:0', endpoint: { host: 'localhost', port: 0 } },
  { text: '[::1]:4328', endpoint: { host: '::1', port: 4328 } },
])('$text', ({ text, endpoint }) => {
  expect(parseEndpoint(text)).toEqual(endpoint)
})

test('port 0 takes a free port and tells which', async () => {
  expect(await listen(server(), { host: '127.0.0.1', port: 0 }, 'service.admin.endpoint')).toBeGreaterThan(0)
})

test('a taken port says by whom, and how to choose another', async () => {
  const port = await listen(server(), { host: '127.0.0.1', port: 0 }, 'service.admin.endpoint')
  const second = listen(server(), { host: '127.0.0.1', port }, 'service.admin.endpoint')
  await expect(second).rejects.toThrow(EnvironmentError)
  await expect(second).rejects.toThrow(`--set service.admin.endpoint=127.0.0.1:<port>`)
  if (process.platform === 'linux') await expect(second).rejects.toThrow(`(pid ${process.pid})`)
})
