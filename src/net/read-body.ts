import type { IncomingMessage } from 'node:http'
import type { ByteHold } from './byte-budget.ts'

/** The body of a request, or why it was not read to its end. */
export type ReadBody = Buffer | 'too_large' | 'no_room' | 'aborted'

/** Memory for a body is taken when this share of it has come: what is only announced costs nothing. */
const SHARE_BEFORE_MEMORY = 1 / 16

/**
 * Collects a request's body. What comes after it was given up is read and thrown away, so that the client sees the
 * answer instead of a broken connection.
 *
 * @param announcedBytes how long the request says it is
 * @param hold grows with what has come
 */
export function readBody(
  request: IncomingMessage,
  announcedBytes: number | undefined,
  maxBytes: number,
  hold: ByteHold,
): Promise<ReadBody> {
  const { promise, resolve } = Promise.withResolvers<ReadBody>()
  const body = new BodyBytes(announcedBytes)
  const onData = (chunk: Buffer): void => {
    const bytes = body.length + chunk.length
    if (bytes > maxBytes) finish('too_large')
    else if (!hold.resize(bytes)) finish('no_room')
    else body.add(chunk)
  }
  const onEnd = (): void => finish(body.whole())
  const onClose = (): void => finish('aborted')
  request.on('data', onData).on('end', onEnd).on('close', onClose).on('error', onClose)
  return promise

  function finish(result: ReadBody): void {
    request.off('data', onData).off('end', onEnd).off('close', onClose)
    request.resume()
    resolve(result)
  }
}

/** The bytes of one body, as few times in memory as possible. */
class BodyBytes {
  length = 0
  readonly #announcedBytes: number
  #chunks: Buffer[] = []
  #target: Buffer | undefined

  constructor(announcedBytes: number | undefined) {
    this.#announcedBytes = announcedBytes ?? Number.POSITIVE_INFINITY
  }

  add(chunk: Buffer): void {
    if (this.#target === undefined) this.#chunks.push(chunk)
    else chunk.copy(this.#target, this.length)
    this.length += chunk.length
    const isPart = this.length < this.#announcedBytes
    if (isPart && this.#target === undefined && this.length >= this.#announcedBytes * SHARE_BEFORE_MEMORY) {
      this.#target = Buffer.allocUnsafeSlow(this.#announcedBytes)
      let at = 0
      for (const before of this.#chunks) at += before.copy(this.#target, at)
      this.#chunks = []
    }
  }

  whole(): Buffer {
    if (this.#target !== undefined) return this.#target.subarray(0, this.length)
    const [only] = this.#chunks
    return only !== undefined && this.#chunks.length === 1 ? only : Buffer.concat(this.#chunks)
  }
}
