import { expect, onTestFinished, test } from 'vitest'
import { closeHttpServer, httpServer } from './http-server.ts'
import { parseEndpoint } from './listen.ts'
import { refuseWebPages } from './web-pages.ts'

const PAGE = { origin: 'https://example.org' }

interface Row {
  readonly endpoint: string | undefined
  readonly allowed?: readonly string[]
  readonly headers: Readonly<Record<string, string>>
  readonly status: number
}

test.for<Row>([
  { endpoint: '127.0.0.1:1', headers: { host: '127.0.0.1:1' }, status: 200 },
  { endpoint: '127.0.0.1:1', headers: { host: 'LOCALHOST' }, status: 200 },
  { endpoint: '127.0.0.1:1', headers: { host: 'a.localhost:1' }, status: 200 },
  { endpoint: '127.0.0.1:1', headers: { host: '127.0.0.1.example.org' }, status: 403 },
  { endpoint: '127.0.0.1:1', headers: { host: '192.168.0.7:1' }, status: 403 },
  { endpoint: '127.0.0.1:1', headers: { host: 'agentperf:1' }, status: 403 },
  { endpoint: '127.0.0.1:1', headers: { host: 'localhost', ...PAGE }, status: 403 },
  { endpoint: '127.0.0.1:1', headers: { host: 'localhost', origin: 'null' }, status: 403 },
  { endpoint: '[::1]:1', headers: { host: '[::1]:1' }, status: 200 },
  { endpoint: '[::1]:1', headers: { host: 'x:1' }, status: 403 },
  { endpoint: 'localhost:1', headers: { host: 'x:1' }, status: 403 },
  { endpoint: '127.0.0.1:1', allowed: ['agentperf'], headers: { host: 'agentperf:1' }, status: 200 },
  { endpoint: '127.0.0.1:1', allowed: ['[fd00::1]:1'], headers: { host: '[fd00::1]' }, status: 200 },
  { endpoint: '0.0.0.0:1', headers: { host: 'anything' }, status: 200 },
  { endpoint: '0.0.0.0:1', headers: { host: 'anything', ...PAGE }, status: 200 },
  { endpoint: '0.0.0.0:1', allowed: ['agentperf'], headers: { host: 'agentperf:1' }, status: 200 },
  { endpoint: '0.0.0.0:1', allowed: ['agentperf'], headers: { host: 'localhost:1' }, status: 200 },
  { endpoint: '0.0.0.0:1', allowed: ['agentperf'], headers: { host: 'anything' }, status: 403 },
  { endpoint: '0.0.0.0:1', allowed: ['agentperf'], headers: { host: 'localhost', ...PAGE }, status: 403 },
  { endpoint: 'agentperf.lan:1', allowed: ['x'], headers: { host: 'agentperf.lan:1' }, status: 200 },
  { endpoint: undefined, headers: { host: 'anything', ...PAGE }, status: 200 },
])('on $endpoint with $allowed, $headers: $status', async ({ endpoint, allowed = [], headers, status }) => {
  const server = httpServer({})
  onTestFinished(() => closeHttpServer(server))
  const at = endpoint === undefined ? undefined : parseEndpoint(endpoint)
  refuseWebPages(server, { endpoint: at, allowedHosts: allowed }, (_request, reply, message) =>
    reply.code(403).send({ message }),
  )
  server.get('/', () => ({}))
  const { statusCode } = await server.inject({ url: '/', headers })
  expect(statusCode).toBe(status)
})
