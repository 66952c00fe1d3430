import { z } from 'zod'
import { sizeBytes } from './units.ts'

/** A body becomes one text, and the engine's texts end at half a gigabyte. */
const MAX_BYTES = 256 * 2 ** 20

/** Schema of where a component listens. @param example also its default, as `127.0.0.1:4328` */
export function endpoint(example: string) {
  return z
    .string()
    .regex(/^([^\s:]+|\[[0-9a-fA-F:]+\]):\d{1,5}$/, `expected host:port, as ${example}`)
    .default(example)
}

/** Schema of how large a body, or what waits of them, may become. @param size its default, as `64MiB` */
export function bodySize(size: string) {
  return sizeBytes({ default: size }).refine((bytes) => bytes >= 1024 && bytes <= MAX_BYTES, {
    error: 'expected a size from 1KiB to 256MiB',
  })
}
