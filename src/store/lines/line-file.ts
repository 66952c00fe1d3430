import type { BigIntStats } from 'node:fs'
import type { LineSink } from './line-consumer.ts'
import type { FilePosition } from './position.ts'

/** One file that is read, and how far. It stays this file when its name changes. */
export class LineFile {
  readonly identity: string
  readonly sink: LineSink
  path: string
  sizeBytes = 0
  mtimeMs = 0
  /** Behind the last line that was delivered. */
  offset = 0
  /** Fingerprint of the bytes before `offset`. */
  tail = ''
  headBytes = 0
  head = ''
  /** Size of a gzip file when it was read to its end. */
  gzipBytes: number | undefined
  /** Of a line that is too long: up to here there is no line end. 0 when there is no such line. */
  scannedTo = 0
  /** Whether no pattern leads to it any more; what is open is read to its end. */
  gone = false
  /** Number of scans for which a gone file did not grow. */
  quietScans = 0
  #mtimeNs = -1n
  #examinedBytes = -1
  #examinedMtimeNs = -1n

  constructor(identity: string, path: string, sink: LineSink, position: FilePosition | undefined) {
    this.identity = identity
    this.path = path
    this.sink = sink
    if (position === undefined) return
    this.offset = position.offset
    this.tail = position.tail
    this.headBytes = position.headBytes
    this.head = position.head
    this.gzipBytes = position.gzipBytes
  }

  observe(stats: BigIntStats): void {
    this.sizeBytes = Number(stats.size)
    this.mtimeMs = Number(stats.mtimeMs)
    this.#mtimeNs = stats.mtimeNs
  }

  /** Notes that everything was read that was there at the last `observe`. */
  examined(): void {
    this.#examinedBytes = this.sizeBytes
    this.#examinedMtimeNs = this.#mtimeNs
  }

  /** Whether something may have been written since it was last read to its end. */
  get changed(): boolean {
    if (this.gzipBytes === this.sizeBytes) return false
    return this.#examinedBytes !== this.sizeBytes || this.#examinedMtimeNs !== this.#mtimeNs
  }

  get unreadBytes(): number {
    return this.gzipBytes === undefined ? Math.max(0, this.sizeBytes - this.offset) : 0
  }

  /** Starts again at the beginning. */
  restart(): void {
    this.offset = 0
    this.tail = ''
    this.headBytes = 0
    this.head = ''
    this.gzipBytes = undefined
    this.scannedTo = 0
  }

  position(): FilePosition {
    const { path, offset, headBytes, head, tail, gzipBytes } = this
    return { path, offset, headBytes, head, tail, ...(gzipBytes === undefined ? undefined : { gzipBytes }) }
  }
}
