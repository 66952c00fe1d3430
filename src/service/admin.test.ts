import { request } from 'node:http'
import { expect, onTestFinished, test } from 'vitest'
import { AdminServer } from './admin.ts'

async function started(allowedHosts: readonly string[]): Promise<number> {
  const server = new AdminServer({ host: '127.0.0.1', port: 0 }, allowedHosts, {
    ready: () => true,
    accounts: () => new Map(),
    uptimeMs: () => 1000,
    metrics: () => [],
  })
  onTestFinished(() => server.stop())
  return await server.start()
}

/** `fetch` does not let anyone choose the host. */
function get(port: number, path: string, headers: Readonly<Record<string, string>>): Promise<number | undefined> {
  const { promise, resolve, reject } = Promise.withResolvers<number | undefined>()
  const sent = request({ host: '127.0.0.1', port, path, headers }, (response) => {
    response.resume().on('end', () => resolve(response.statusCode))
  })
  sent.on('error', reject).end()
  return promise
}

test.for<{ headers: Readonly<Record<string, string>>; status: number }>([
  { headers: { host: '127.0.0.1' }, status: 200 },
  { headers: { host: 'localhost:13133' }, status: 200 },
  { headers: { host: 'prometheus-target:13133' }, status: 200 },
  { headers: { host: 'rebound.example.org:13133' }, status: 403 },
  { headers: { host: 'localhost', origin: 'https://example.org' }, status: 403 },
])('$headers: $status, on every path', async ({ headers, status }) => {
  const port = await started(['prometheus-target'])
  for (const path of ['/healthz', '/status', '/metrics']) expect(await get(port, path, headers)).toBe(status)
})
