import * as z from 'zod'
import { claudeHooks } from '#receivers/claude_hooks/claude_hooks.ts'
import type { LoadedConfig } from '#src/config/config.ts'
import { EnvironmentError } from '#src/errors.ts'
import { parseEndpoint } from '#src/net/listen.ts'

const hooksConfig = z.looseObject({ endpoint: z.string() })

/** Where hook events are taken in. */
export function hooksUrl({ receivers }: LoadedConfig): string {
  const receiver = [...receivers.values()].find(({ type }) => type === claudeHooks.type)
  const parsed = hooksConfig.safeParse(receiver?.config).data
  if (parsed === undefined) {
    throw new EnvironmentError('The configuration has no receiver `claude_hooks`: there is nothing to send hooks to.')
  }
  return `http://${reachable(parsed.endpoint)}/hooks`
}

/** Where a server on all addresses is reached from the same machine. */
export function reachable(endpoint: string): string {
  const { host, port } = parseEndpoint(endpoint)
  return `${['0.0.0.0', '::', '[::]'].includes(host) ? '127.0.0.1' : host}:${port}`
}
