import * as z from 'zod'
import { sizeBytes } from './units.ts'

/** A body becomes one text, and the engine's texts end at half a gigabyte. */
const MAX_BYTES = 256 * 2 ** 20

const PORT = '(?:\\d|[1-9]\\d{1,3}|[1-5]\\d{4}|6[0-4]\\d{3}|65[0-4]\\d{2}|655[0-2]\\d|6553[0-5])'

/** `host:port`, with IPv6 addresses in brackets. */
export const HOST_AND_PORT = new RegExp(`^([^\\s:]+|\\[[0-9a-fA-F:]+\\]):${PORT}$`)

/** Schema of where a component listens. @param example also its default, as `127.0.0.1:4328` */
export function endpoint(example: string) {
  return z.string().regex(HOST_AND_PORT, `expected host:port, as ${example}`).default(example)
}

/** Schema of names under which a server is reached. */
export function allowedHosts() {
  return z
    .array(z.string().regex(/^[^\s/]+$/, 'expected a host name, as agentperf, or host:port'))
    .default([])
    .describe(
      'Host names under which senders reach it, beside `localhost` and that of `endpoint`. Where it listens on this machine only, others are refused with 403; elsewhere only when some are named here.',
    )
}

/** Schema of how large a body, or what waits of them, may become. @param size its default, as `64MiB` */
export function bodySize(size: string) {
  return sizeBytes({ default: size }).refine((bytes) => bytes >= 1024 && bytes <= MAX_BYTES, {
    error: 'expected a size from 1KiB to 256MiB',
  })
}
