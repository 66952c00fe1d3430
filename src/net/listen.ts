import type { FastifyInstance } from 'fastify'
import { EnvironmentError } from '../errors.ts'
import { portOwner } from './port-owner.ts'

/** A host and port to listen on; port 0 takes any free one. */
export interface Endpoint {
  readonly host: string
  readonly port: number
}

/** @param text `host:port` or `[address]:port`, as checked by the configuration's schema */
export function parseEndpoint(text: string): Endpoint {
  const colon = text.lastIndexOf(':')
  return { host: text.slice(0, colon).replace(/^\[|\]$/g, ''), port: Number(text.slice(colon + 1)) }
}

/**
 * Makes a server listen.
 *
 * @param configPath where the user changes the endpoint, for the message
 * @returns the port that it listens on
 * @throws EnvironmentError when the port is taken or not allowed; says by whom and how to change it
 */
export async function listen(server: FastifyInstance, { host, port }: Endpoint, configPath: string): Promise<number> {
  try {
    await server.listen({ host, port })
  } catch (error) {
    throw await explainListenError(error, { host, port }, configPath)
  }
  const address = server.server.address()
  return typeof address === 'object' && address !== null ? address.port : port
}

/** What to tell when a server could not listen: of a taken port by whom, and how to choose another. */
export async function explainListenError(error: unknown, { host, port }: Endpoint, configPath: string): Promise<Error> {
  const code = codeOf(error)
  if (code === 'EADDRINUSE') {
    const owner = (await portOwner(port)) ?? 'another process'
    return new EnvironmentError(
      `cannot listen on ${host}:${port}: the port is taken by ${owner}. ` +
        `Stop it, or choose another with --set ${configPath}=${host}:<port>.`,
      { cause: error },
    )
  }
  if (code === 'EACCES' || code === 'EADDRNOTAVAIL') {
    return new EnvironmentError(
      `cannot listen on ${host}:${port} (${code}). Choose another with --set ${configPath}=<host>:<port>.`,
      { cause: error },
    )
  }
  return error instanceof Error ? error : new Error(String(error))
}

// gRPC's library tells the code in its message only.
function codeOf(error: unknown): unknown {
  if (!(error instanceof Error)) return undefined
  return 'code' in error ? error.code : /\bE[A-Z]{4,}\b/.exec(error.message)?.[0]
}
