import { pipeline } from 'node:stream'
import { createGunzip, type Gunzip } from 'node:zlib'
import type { ByteSource, PlainSource } from './plain-source.ts'

const CHUNK_BYTES = 512 * 1024

/** A gzip file's content, decompressed on the way. Positions are offsets in the content; they only go forward. */
export class GzipSource implements ByteSource {
  readonly #gunzip: Gunzip
  readonly #chunks: AsyncIterator<unknown>
  #failure: unknown
  /** What was decompressed and not yet asked for; it ends at `#end`. */
  #rest: Buffer = Buffer.alloc(0)
  #end = 0
  /** The window that was filled last, and where its bytes stand. */
  #last: Buffer = Buffer.alloc(0)
  #lastBase = 0
  #lastLength = 0

  constructor(file: PlainSource) {
    this.#gunzip = createGunzip({ chunkSize: CHUNK_BYTES })
    // Its errors arrive where the chunks are awaited.
    pipeline(chunksOf(file), this.#gunzip, () => {})
    this.#chunks = this.#gunzip[Symbol.asyncIterator]()
  }

  /** Why the content ends where it ends, if that is not the file's own end: it is damaged or was cut off. */
  get failure(): unknown {
    return this.#failure
  }

  async read(window: Buffer, position: number): Promise<number> {
    let filled = this.#repeat(window, position)
    while (filled < window.length) {
      if (this.#rest.length === 0 && !(await this.#pull())) break
      const start = this.#end - this.#rest.length
      const skipped = Math.min(Math.max(position + filled - start, 0), this.#rest.length)
      const copied = this.#rest.copy(window, filled, skipped)
      filled += copied
      this.#rest = this.#rest.subarray(skipped + copied)
    }
    this.#last = window
    this.#lastBase = position
    this.#lastLength = filled
    return filled
  }

  close(): void {
    this.#gunzip.destroy()
  }

  #repeat(window: Buffer, position: number): number {
    const from = position - this.#lastBase
    return from < this.#lastLength ? this.#last.copy(window, 0, from, this.#lastLength) : 0
  }

  async #pull(): Promise<boolean> {
    try {
      const { done, value } = await this.#chunks.next()
      if (done === true || !Buffer.isBuffer(value)) return false
      this.#rest = value
      this.#end += value.length
      return true
    } catch (error) {
      this.#failure = error
      return false
    }
  }
}

function* chunksOf(file: PlainSource): Generator<Buffer> {
  for (let position = 0; ; ) {
    const chunk = Buffer.allocUnsafe(CHUNK_BYTES)
    const count = file.read(chunk, position)
    if (count === 0) return
    position += count
    yield chunk.subarray(0, count)
  }
}
