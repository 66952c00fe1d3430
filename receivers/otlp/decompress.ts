import { promisify } from 'node:util'
import { gunzip, gunzipSync, inflate, inflateSync, zstdDecompress, zstdDecompressSync } from 'node:zlib'

// Above these it is worth a thread: below, handing over costs more than the work.
const MAX_SYNC_BYTES = 256 * 1024
const MAX_SYNC_OUTPUT_BYTES = 4 * 1024 * 1024

// With chunks of 16 KiB, the default, a thread takes three times as long; but a small body needs no large one.
const MIN_CHUNK_BYTES = 16 * 1024
const MAX_CHUNK_BYTES = 1024 * 1024

/** Telemetry becomes at most about so many times as large: JSON more, protobuf about half of it. */
export const USUAL_RATIO = 24

interface Limits {
  readonly chunkSize: number
  readonly maxOutputLength: number
}

const SYNC = { gzip: gunzipSync, deflate: inflateSync, zstd: zstdDecompressSync } as const

const ASYNC = {
  gzip: promisify<Buffer, Limits, Buffer>(gunzip),
  deflate: promisify<Buffer, Limits, Buffer>(inflate),
  zstd: promisify<Buffer, Limits, Buffer>(zstdDecompress),
} as const

export type Compression = keyof typeof SYNC

/** A decompressed body, or why there is none. */
export type Decompressed = Buffer | 'too_large' | 'corrupt'

/** Decompresses bodies, and stops where one becomes too large. */
export class Decompressor {
  readonly #maxBytes: number
  #lastLarge: Promise<unknown> = Promise.resolve()

  constructor(maxBytes: number) {
    this.#maxBytes = maxBytes
  }

  async run(body: Buffer, compression: Compression): Promise<Decompressed> {
    // One chunk that is not much too large: it stays in memory as long as the request does.
    const expected = expectedBytes(body, compression)
    const chunkSize = Math.min(Math.max(expected, MIN_CHUNK_BYTES), MAX_CHUNK_BYTES)
    if (body.length <= MAX_SYNC_BYTES) {
      const maxOutputLength = Math.min(this.#maxBytes, MAX_SYNC_OUTPUT_BYTES)
      const result = attempt(() => SYNC[compression](body, { chunkSize, maxOutputLength }))
      if (result !== 'too_large' || maxOutputLength === this.#maxBytes) return result
    }
    // One after another: each may take as much memory as the limit allows. Put together from chunks it would be there twice.
    const largeChunk = compression === 'gzip' ? Math.min(expected, this.#maxBytes + 1) : MAX_CHUNK_BYTES
    const limits: Limits = { chunkSize: Math.max(largeChunk, MAX_CHUNK_BYTES), maxOutputLength: this.#maxBytes }
    const turn = this.#lastLarge.then(() => ASYNC[compression](body, limits)).catch(reasonOf)
    this.#lastLarge = turn
    return turn
  }
}

/** How large a body will probably become; what gzip says at its end may be wrong, and is modulo 2^32. */
function expectedBytes(body: Buffer, compression: Compression): number {
  // In a chunk that is just full it would begin another one.
  return compression === 'gzip' && body.length >= 4 ? body.readUInt32LE(body.length - 4) + 1 : body.length * USUAL_RATIO
}

function attempt(decompress: () => Buffer): Decompressed {
  try {
    return decompress()
  } catch (error) {
    return reasonOf(error)
  }
}

function reasonOf(error: unknown): 'too_large' | 'corrupt' {
  return error instanceof Error && 'code' in error && error.code === 'ERR_BUFFER_TOO_LARGE' ? 'too_large' : 'corrupt'
}
