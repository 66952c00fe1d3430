import { setImmediate } from 'node:timers/promises'
import { errorCode } from '#src/store/file-error.ts'
import { fingerprint, HEAD_BYTES, TAIL_BYTES } from './fingerprint.ts'
import { byteOrderMarkLength, type FrameLimits, frameLines, lineText, type Window } from './framer.ts'
import { GzipSource } from './gzip-source.ts'
import type { OnFileEvent } from './line-consumer.ts'
import type { LineFile } from './line-file.ts'
import type { ByteSource, PlainSource } from './plain-source.ts'

/** With chunks of this size reading costs next to nothing beside parsing. */
const CHUNK_BYTES = 1024 * 1024
const LINE_FEED = 10

export interface Turn {
  /** No line is handed out that starts at or behind this offset. */
  readonly untilBytes: number
  /** Ends the turn early when so much was read. */
  readonly budgetBytes: number
  /** The file gets no more: what stands behind its last line end is handed out too. */
  readonly final: boolean
}

/**
 * `end`: all was read. `until`: all was read that was asked for. `budget`: there is more of that.
 * `stopped`: reading was stopped; what was not delivered stays unread.
 */
export type TurnEnd = 'end' | 'until' | 'budget' | 'stopped'

export interface TurnReaderOptions {
  readonly limits: FrameLimits
  /** Hands on what the sinks have. @returns false when reading was stopped before that succeeded */
  readonly deliver: () => Promise<boolean>
  readonly stopped: () => boolean
  /** Called when the position has moved on by so many bytes of the file. */
  readonly advanced: (file: LineFile, bytes: number) => void
  readonly onEvent: OnFileEvent
  /** @default 1 MiB */
  readonly chunkBytes?: number
}

/** Reads one file at a time, from its position on, with one buffer for all of them. */
export class TurnReader {
  readonly #options: TurnReaderOptions
  readonly #chunk: Buffer
  readonly #head = Buffer.alloc(HEAD_BYTES)
  readonly #window: Window

  constructor(options: TurnReaderOptions) {
    this.#options = options
    this.#chunk = Buffer.alloc(options.chunkBytes ?? CHUNK_BYTES)
    this.#window = { bytes: this.#chunk, base: 0, length: 0 }
  }

  /** @throws when the file cannot be read, with a system error code */
  async read(file: LineFile, source: PlainSource, turn: Turn): Promise<TurnEnd> {
    file.observe(source.stat())
    const gzip = this.#isGzip(source)
    if (!gzip && file.sizeBytes < file.offset) this.#restart(file, 'truncated')
    this.#verify(file, source)
    try {
      const end = await (gzip ? this.#readGzip(file, source) : this.#readPlain(file, source, turn))
      if (end === 'end') file.examined()
      return end
    } finally {
      this.#window.bytes = this.#chunk
    }
  }

  async #readPlain(file: LineFile, source: PlainSource, turn: Turn): Promise<TurnEnd> {
    if (file.sizeBytes < file.scannedTo) file.scannedTo = 0
    for (;;) {
      const end = await this.#readLines(file, source, source, turn)
      if (end !== 'restart') return end
    }
  }

  // Always to its end: going on later would mean to decompress it again from its start.
  async #readGzip(file: LineFile, raw: PlainSource): Promise<TurnEnd> {
    while (file.gzipBytes !== file.sizeBytes) {
      const content = new GzipSource(raw)
      try {
        const end = await this.#readLines(file, content, raw, {
          untilBytes: Number.POSITIVE_INFINITY,
          budgetBytes: Number.POSITIVE_INFINITY,
          final: true,
        })
        if (end === 'restart') continue
        if (content.failure !== undefined) {
          this.#options.onEvent('corrupt_gzip', file.path, errorCode(content.failure))
        } else if (end === 'end') {
          file.gzipBytes = file.sizeBytes
          this.#advance(file, raw, file.offset)
        }
        return end
      } finally {
        content.close()
      }
    }
    return 'end'
  }

  async #readLines(
    file: LineFile,
    source: ByteSource,
    raw: PlainSource,
    { untilBytes, budgetBytes, final }: Turn,
  ): Promise<TurnEnd | 'restart'> {
    const window = this.#window
    const budgetEnd = file.offset + budgetBytes
    for (;;) {
      const overlap = Math.min(TAIL_BYTES, file.offset)
      await this.#fill(source, file.offset - overlap)
      if (overlap > 0 && (window.length < overlap || fingerprint(window.bytes.subarray(0, overlap)) !== file.tail)) {
        this.#restart(file, 'rewritten')
        return 'restart'
      }
      const before = file.offset
      if (!(await this.#handOn(file, raw, overlap + byteOrderMarkLength(window), untilBytes))) return 'stopped'
      const atEnd = window.length < window.bytes.length
      if (file.offset >= untilBytes) return atEnd && file.offset === window.base + window.length ? 'end' : 'until'
      if (atEnd) {
        const whole = !(source instanceof GzipSource) || source.failure === undefined
        return final && whole ? this.#finish(file, raw) : 'end'
      }
      if (file.offset === before && (file.scannedTo > 0 || !this.#grow())) {
        const end = await this.#skipLine(file, source, raw, final)
        if (end !== 'found') return end
      }
      if (file.offset >= budgetEnd) return 'budget'
      await setImmediate()
      if (this.#options.stopped()) return 'stopped'
    }
  }

  /** Delivers the complete lines of the window. @returns false when stopped */
  async #handOn(file: LineFile, raw: PlainSource, firstStart: number, untilBytes: number): Promise<boolean> {
    const { base } = this.#window
    for (let start = firstStart; ; ) {
      const end = frameLines(this.#window, start, untilBytes, this.#options.limits, file.sink)
      if (end === start) return true
      if (!(await this.#options.deliver())) return false
      this.#advance(file, raw, base + end)
      if (this.#options.stopped()) return false
      start = end
    }
  }

  /** Looks for the end of a line that is longer than allowed, in constant memory. */
  async #skipLine(
    file: LineFile,
    source: ByteSource,
    raw: PlainSource,
    final: boolean,
  ): Promise<'found' | 'end' | 'stopped'> {
    const window = this.#window
    file.scannedTo = Math.max(file.scannedTo, window.base + window.length)
    for (;;) {
      await this.#fill(source, file.scannedTo - TAIL_BYTES)
      const lineEnd = window.bytes.indexOf(LINE_FEED, TAIL_BYTES)
      const found = lineEnd !== -1 && lineEnd < window.length
      const atEnd = window.length < window.bytes.length
      if (found || (atEnd && final)) {
        const end = found ? lineEnd : window.length
        file.sink.tooLong(file.offset, window.base + end - file.offset)
        if (!(await this.#options.deliver())) return 'stopped'
        this.#advance(file, raw, window.base + (found ? end + 1 : end))
        return found ? 'found' : 'end'
      }
      file.scannedTo = Math.max(file.scannedTo, window.base + window.length)
      if (atEnd) return 'end'
      await setImmediate()
      if (this.#options.stopped()) return 'stopped'
    }
  }

  /** Hands out what stands in the window behind the last line end. */
  async #finish(file: LineFile, raw: PlainSource): Promise<TurnEnd> {
    const { base, length } = this.#window
    const start = file.offset - base + (file.offset === 0 ? byteOrderMarkLength(this.#window) : 0)
    const tooLong = length - start > this.#options.limits.maxLineBytes
    const text = tooLong ? '' : lineText(this.#window, start, length, file.sink)
    if (tooLong) file.sink.tooLong(file.offset, length - start)
    const used = tooLong || text === '' || file.sink.unterminated(text, file.offset)
    if (!(await this.#options.deliver())) return 'stopped'
    if (used) this.#advance(file, raw, base + length)
    return 'end'
  }

  #advance(file: LineFile, raw: PlainSource, offset: number): void {
    const { bytes, base } = this.#window
    const read = offset - file.offset
    const end = offset - base
    file.tail = fingerprint(bytes.subarray(end - Math.min(TAIL_BYTES, offset), end))
    file.offset = offset
    file.scannedTo = 0
    const headBytes = Math.min(HEAD_BYTES, offset, file.sizeBytes)
    if (headBytes > file.headBytes) {
      file.headBytes = raw.read(this.#head.subarray(0, headBytes), 0)
      file.head = fingerprint(this.#head.subarray(0, file.headBytes))
    }
    this.#options.advanced(file, read)
  }

  // The end of what was read is compared with every chunk; but lines of one kind often end alike. And a position that
  // was loaded may be that of another file: on some file systems an inode that is used again looks the same.
  #verify(file: LineFile, source: PlainSource): void {
    if (file.headBytes === 0) return
    const count = source.read(this.#head.subarray(0, file.headBytes), 0)
    if (fingerprint(this.#head.subarray(0, count)) !== file.head) this.#restart(file, 'rewritten')
  }

  #isGzip(source: PlainSource): boolean {
    return source.read(this.#head.subarray(0, 2), 0) === 2 && this.#head[0] === 0x1f && this.#head[1] === 0x8b
  }

  #restart(file: LineFile, event: 'truncated' | 'rewritten'): void {
    this.#options.onEvent(event, file.path, `${file.offset} bytes`)
    file.restart()
  }

  async #fill(source: ByteSource, position: number): Promise<void> {
    const count = source.read(this.#window.bytes, position)
    this.#window.base = position
    this.#window.length = typeof count === 'number' ? count : await count
  }

  /** Makes room for a line that is longer than the window. @returns false when it is longer than allowed */
  #grow(): boolean {
    const { bytes } = this.#window
    const enoughBytes = this.#options.limits.maxLineBytes + TAIL_BYTES + 8
    if (bytes.length >= enoughBytes) return false
    this.#window.bytes = Buffer.allocUnsafeSlow(Math.min(bytes.length * 2, enoughBytes))
    return true
  }
}
