import { isIPv6 } from 'node:net'
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { type Endpoint, parseEndpoint } from './listen.ts'

/** Whom a server answers. */
export interface AllowedHosts {
  /** Where it listens; absent of a unix socket, which no web page reaches. */
  readonly endpoint: Endpoint | undefined
  /** Names under which it is reached beside that of its endpoint. */
  readonly allowedHosts: readonly string[]
}

const LOOPBACK = /^(?:localhost|(?:.+\.)?localhost|127(?:\.\d{1,3}){3}|::1)$/

/**
 * Refuses what a web page may have sent: pages reach servers on the machine of who looks at them, also under a name of their
 * own that leads there. Requests of pages have an `Origin`; those to a name of theirs have it as `Host`. A server that listens
 * for other machines is reached under names that it cannot know: there hosts are checked only where some are named.
 */
export function refuseWebPages(
  server: FastifyInstance,
  { endpoint, allowedHosts }: AllowedHosts,
  refuse: (request: FastifyRequest, reply: FastifyReply, message: string) => unknown,
): void {
  if (endpoint === undefined) return
  const onLoopback = LOOPBACK.test(endpoint.host)
  const hosts = new Set([endpoint.host, ...allowedHosts].map(nameIn))
  const checksHosts = onLoopback || allowedHosts.length > 0
  server.addHook('onRequest', (request, reply, done) => {
    const { origin, host } = request.headers
    if (checksHosts && origin !== undefined)
      refuse(request, reply, 'expected no web page, got a request with an origin')
    else if (checksHosts && host !== undefined && !isKnown(host, hosts))
      refuse(request, reply, 'expected a host that is named in allowed_hosts, got another')
    else done()
  })
}

function isKnown(hostAndPort: string, hosts: ReadonlySet<string>): boolean {
  const host = nameIn(hostAndPort)
  return LOOPBACK.test(host) || hosts.has(host)
}

/** Without its port and brackets. */
function nameIn(hostAndPort: string): string {
  const text = hostAndPort.toLowerCase()
  const hasPort = !isIPv6(text) && /:\d+$/.test(text)
  return hasPort ? parseEndpoint(text).host : text.replace(/^\[|\]$/g, '')
}
