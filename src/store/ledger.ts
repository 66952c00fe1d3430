import type { LedgerLine } from '#src/model/assessment.ts'
import { ByteFile } from './byte-file.ts'
import { type LedgerRecord, parseLedgerLine } from './ledger-line.ts'
import { endsWithLineFeed, lineStartBefore, textBetween } from './line-search.ts'

const LINE_FEED = 10
const CHUNK_BYTES = 256 * 1024
const LINE_GUESS_BYTES = 8 * 1024
/** Longer lines are no ledger lines: whatever wrote them, they are skipped without being held in memory. */
export const MAX_LINE_BYTES = 16 * 1024 * 1024
/** How much before a position its digest covers. */
const DIGEST_BYTES = 64

/** What a crash had left at the ledger's end. */
export interface TailRepair {
  /** Bytes of an unfinished last line that were cut off. */
  readonly tornBytes: number
  /** A whole last line lacked its line feed, and got it. */
  readonly lineFeedAdded: boolean
}

/** Lines of one piece of the ledger; `badLines` are no ledger lines and were skipped. */
export interface LedgerBatch {
  readonly records: readonly LedgerRecord[]
  readonly badLines: number
  readonly endOffset: number
}

/**
 * The ledger's file: lines are appended, never changed. Offsets are in bytes.
 *
 * A ledger that is only read keeps what is appended in a file without a name, which continues its offsets.
 */
export class Ledger {
  readonly path: string
  readonly repair: TailRepair
  /** The ledger on disk when it may not be written; `#file` then continues after `#baseLength`. */
  readonly #base: ByteFile | undefined
  readonly #baseLength: number
  /** What is appended is gone with the process: it need not survive a power failure. */
  readonly #isTemporary: boolean
  #file: ByteFile | undefined
  #length: number
  #hasTornWrite = false
  #hasUnsynced = false

  private constructor(path: string, base: ByteFile | undefined, file: ByteFile | undefined, tail: Tail) {
    this.path = path
    this.repair = { tornBytes: tail.tornBytes, lineFeedAdded: tail.lacksLineFeed }
    this.#base = base
    this.#baseLength = base === undefined ? 0 : tail.length
    this.#isTemporary = file === undefined
    this.#file = file
    this.#length = tail.length
  }

  /** Opens the ledger for writing and cuts off what a crash left unfinished at its end. */
  static openForWriting(path: string): Ledger {
    const file = ByteFile.open(path)
    try {
      const tail = findTail(file)
      if (tail.tornBytes > 0) file.truncate(tail.length)
      if (tail.lacksLineFeed) file.writeAt(Buffer.from('\n'), tail.length - 1)
      return new Ledger(path, undefined, file, tail)
    } catch (error) {
      file.close()
      throw error
    }
  }

  /** Opens the ledger, if there is one, without ever writing to it. */
  static openReadOnly(path: string): Ledger {
    const base = ByteFile.openReadOnly(path)
    if (base === undefined) return new Ledger(path, undefined, undefined, EMPTY_TAIL)
    try {
      const tail = findTail(base)
      // A line without a line feed may be one that is being written right now.
      const whole = tail.lacksLineFeed ? lineStartBefore(base, tail.length - 1) : tail.length
      return new Ledger(path, base, undefined, { ...EMPTY_TAIL, length: whole })
    } catch (error) {
      base.close()
      throw error
    }
  }

  /** Where the last line ends. */
  get length(): number {
    return this.#length
  }

  /**
   * Appends whole lines with one write; `sync` makes them durable.
   *
   * @throws {EnvironmentError} when they cannot be written; the ledger is as before then
   */
  append(lines: Uint8Array): void {
    this.#file ??= ByteFile.openTemporary()
    const position = this.#length - this.#baseLength
    if (this.#hasTornWrite) this.#file.truncate(position)
    this.#hasTornWrite = false
    try {
      this.#file.writeAt(lines, position)
    } catch (error) {
      this.#hasTornWrite = true
      this.#cutTornWrite()
      throw error
    }
    this.#hasUnsynced = true
    this.#length += lines.length
  }

  async sync(): Promise<void> {
    if (!this.#hasUnsynced || this.#isTemporary) return
    this.#hasUnsynced = false
    try {
      await this.#file?.sync()
    } catch (error) {
      this.#hasUnsynced = true
      throw error
    }
  }

  /** The line at an offset; `undefined` when there is none. */
  lineAt(offset: number): LedgerLine | undefined {
    for (let bytes = LINE_GUESS_BYTES; bytes <= 2 * MAX_LINE_BYTES; bytes *= 4) {
      const buffer = Buffer.allocUnsafe(Math.min(bytes, Math.max(0, this.#length - offset)))
      const found = buffer.subarray(0, this.#readAt(buffer, offset)).indexOf(LINE_FEED)
      if (found !== -1) return parseLedgerLine(buffer.toString('utf8', 0, found), this.path, offset)
      if (buffer.length < bytes) return undefined
    }
    return undefined
  }

  /** Lines from an offset, where a line starts, to the end, also those appended meanwhile. */
  async *batches(fromOffset: number): AsyncGenerator<LedgerBatch> {
    let buffer = Buffer.allocUnsafe(CHUNK_BYTES)
    let offset = fromOffset
    let filled = 0
    let skipping = false
    while (offset + filled < this.#length) {
      filled += await this.#readSome(buffer.subarray(filled), offset + filled)
      const { records, badLines, used } = parseLines(buffer.subarray(0, filled), this.path, offset, skipping)
      if (used > 0) skipping = false
      buffer.copyWithin(0, used, filled)
      offset += used
      filled -= used
      if (filled === buffer.length) {
        if (filled < MAX_LINE_BYTES) {
          buffer = Buffer.concat([buffer, Buffer.allocUnsafe(filled)])
        } else {
          skipping = true
          offset += filled
          filled = 0
        }
      }
      if (used > 0) yield { records, badLines, endOffset: offset }
    }
  }

  /** The last bytes before an offset: whether a ledger is still the one that a snapshot was made of. */
  bytesBefore(offset: number): Buffer {
    const buffer = Buffer.alloc(Math.min(DIGEST_BYTES, offset))
    return buffer.subarray(0, this.#readAt(buffer, offset - buffer.length))
  }

  close(): void {
    this.#base?.close()
    this.#file?.close()
  }

  #cutTornWrite(): void {
    try {
      this.#file?.truncate(this.#length - this.#baseLength)
      this.#hasTornWrite = false
    } catch {
      // A disk that fails even at this is tried again before the next line is appended.
    }
  }

  #readAt(buffer: Uint8Array, offset: number): number {
    const { file, position, readable } = this.#locate(offset)
    return file?.readAt(buffer.subarray(0, readable), position) ?? 0
  }

  async #readSome(buffer: Uint8Array, offset: number): Promise<number> {
    const { file, position, readable } = this.#locate(offset)
    const count = (await file?.readSome(buffer.subarray(0, readable), position)) ?? 0
    if (count === 0) throw new Error(`${this.path} became shorter than ${offset} bytes while agentperf was using it.`)
    return count
  }

  #locate(offset: number): { file: ByteFile | undefined; position: number; readable: number } {
    return offset < this.#baseLength
      ? { file: this.#base, position: offset, readable: this.#baseLength - offset }
      : { file: this.#file, position: offset - this.#baseLength, readable: this.#length - offset }
  }
}

interface Tail {
  /** Where the last good line ends, with the line feed that it may lack. */
  readonly length: number
  readonly tornBytes: number
  readonly lacksLineFeed: boolean
}

const EMPTY_TAIL: Tail = { length: 0, tornBytes: 0, lacksLineFeed: false }

function findTail(file: ByteFile): Tail {
  const size = file.size()
  if (size === 0) return EMPTY_TAIL
  const start = lineStartBefore(file, size)
  const isWhole = endsWithLineFeed(file, size)
  // A whole line that is not JSON was edited by hand; readers skip it.
  if (!isWhole && !isJsonBetween(file, start, size)) {
    return { length: start, tornBytes: size - start, lacksLineFeed: false }
  }
  return { length: isWhole ? size : size + 1, tornBytes: 0, lacksLineFeed: !isWhole }
}

function isJsonBetween(file: ByteFile, start: number, end: number): boolean {
  if (end - start > MAX_LINE_BYTES) return false
  try {
    JSON.parse(textBetween(file, start, end))
    return true
  } catch {
    return false
  }
}

function parseLines(bytes: Buffer, path: string, offset: number, skipFirst: boolean) {
  const records: LedgerRecord[] = []
  let badLines = 0
  let used = 0
  for (let end = bytes.indexOf(LINE_FEED); end !== -1; end = bytes.indexOf(LINE_FEED, used)) {
    const skipped = skipFirst && used === 0
    const line = skipped ? undefined : parseLedgerLine(bytes.toString('utf8', used, end), path, offset + used)
    if (line === undefined) badLines += 1
    else records.push({ line, offset: offset + used, endOffset: offset + end + 1 })
    used = end + 1
  }
  return { records, badLines, used }
}
