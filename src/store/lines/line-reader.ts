import { setTimeout as delay, setImmediate } from 'node:timers/promises'
import { errorCode } from '#src/store/file-error.ts'
import { DirectoryWatch } from './directory-watch.ts'
import { identityOf } from './fingerprint.ts'
import { type FilePatterns, filePatterns, mayConcern } from './globs.ts'
import type { LineConsumer, OnFileEvent } from './line-consumer.ts'
import type { LineFile } from './line-file.ts'
import { OpenFiles } from './open-files.ts'
import { PlainSource } from './plain-source.ts'
import type { FilePositions } from './position.ts'
import { TrackedFiles } from './tracked-files.ts'
import { TurnReader } from './turn-reader.ts'
import { WakeUp } from './wake-up.ts'

/** While following, a file lets the others have their turn after so much. */
const TURN_BYTES = 1024 * 1024
/** A renamed or deleted file is read on for so many scans: its writer may still have it open. */
const GONE_SCANS = 3
const FIRST_RETRY_MS = 100
const LAST_RETRY_MS = 5000

export interface LineReaderOptions {
  readonly include: readonly string[]
  readonly exclude: readonly string[]
  /** Whether to wait for more when all was read. */
  readonly follow: boolean
  /** How long to rely on the system's notices alone, in milliseconds. */
  readonly pollIntervalMs: number
  readonly maxLineBytes: number
  readonly maxBatchLines: number
  readonly positions: FilePositions
  readonly consumer: LineConsumer
  readonly onEvent: OnFileEvent
  /** Epoch milliseconds. */
  readonly now: () => number
  /** Everything that was there at this time was delivered. */
  readonly scanned: (startedAtMs: number) => void
  /** Bytes read and bytes known in this run. */
  readonly progress: (doneBytes: number, knownBytes: number, files: number) => void
}

/**
 * Reads the lines of all files that match, from where it was the last time, and goes on as they grow.
 *
 * At least once: a position moves on when its lines were delivered. Exactly once for files that only grow, also over
 * renames and restarts. What becomes shorter, or is written anew, is read again from its start.
 */
export class LineReader {
  readonly #options: LineReaderOptions
  readonly #patterns: FilePatterns
  readonly #files: TrackedFiles
  readonly #open = new OpenFiles()
  readonly #turns: TurnReader
  readonly #watch: DirectoryWatch
  readonly #wakeUp = new WakeUp()
  readonly #abort = new AbortController()
  #due = new Set<LineFile>()
  #lookAgain = false
  #doneBytes = 0
  #knownBytes = 0

  constructor(options: LineReaderOptions) {
    const { positions, consumer, onEvent, maxBatchLines, maxLineBytes } = options
    this.#options = options
    this.#patterns = filePatterns(options.include, options.exclude)
    this.#files = new TrackedFiles({
      patterns: this.#patterns,
      positions,
      sinkFor: (path) => consumer.sinkFor(path),
      onEvent,
      pause: () => this.#readMeanwhile(),
    })
    this.#turns = new TurnReader({
      limits: { maxLines: maxBatchLines, maxLineBytes },
      deliver: () => this.#deliver(),
      stopped: () => this.#abort.signal.aborted,
      advanced: (file, bytes) => this.#advanced(file, bytes),
      onEvent,
    })
    this.#watch = new DirectoryWatch(
      (path, appeared) => this.#changed(path, appeared),
      (directory, code) => onEvent('not_watched', directory, code),
    )
  }

  /** Resolves when everything was read and nothing is followed, or after `stop`. */
  async run(): Promise<void> {
    try {
      await this.#scan(Number.POSITIVE_INFINITY)
      while (this.#options.follow && !this.#stopped) {
        await this.#waitForScan()
        if (!this.#stopped) await this.#scan(TURN_BYTES)
      }
      for (const file of this.#files.gone()) this.#reportUnread(file)
    } finally {
      this.#watch.close()
      this.#open.closeAll()
    }
  }

  /** Bytes that are not read yet, by path, of files that have some. */
  lags(): ReadonlyMap<string, number> {
    return this.#files.lags()
  }

  /** Ends `run` after the batch that is under way. */
  stop(): void {
    this.#abort.abort()
    this.#wakeUp.wake()
  }

  get #stopped(): boolean {
    return this.#abort.signal.aborted
  }

  async #scan(budgetBytes: number): Promise<void> {
    const startedAtMs = this.#options.now()
    this.#lookAgain = false
    await this.#files.look(startedAtMs)
    if (this.#options.follow) this.#watch.watchOnly(this.#files.directories())
    await this.#readAll(this.#files.changed(), budgetBytes)
    if (!this.#stopped) this.#options.scanned(startedAtMs)
  }

  /** Until the next scan is due, reads what the system says has changed. */
  async #waitForScan(): Promise<void> {
    const dueAt = performance.now() + this.#options.pollIntervalMs
    while (!this.#stopped && !this.#lookAgain) {
      const remainingMs = dueAt - performance.now()
      if (remainingMs <= 0) return
      if (this.#due.size === 0) await this.#wakeUp.sleep(remainingMs)
      await this.#readDue()
    }
  }

  /** What has changed does not wait until all files were looked at. */
  async #readMeanwhile(): Promise<void> {
    await setImmediate()
    await this.#readDue()
  }

  async #readDue(): Promise<void> {
    const due = this.#due
    this.#due = new Set()
    for (const file of due) {
      if (this.#stopped) return
      const more = await this.#turn(file, Number.POSITIVE_INFINITY, TURN_BYTES)
      if (!more) continue
      // It may have been noticed meanwhile: the others come first all the same.
      this.#due.delete(file)
      this.#due.add(file)
    }
  }

  /** Reads files up to the sizes that are known now, taking turns. */
  async #readAll(files: readonly LineFile[], budgetBytes: number): Promise<void> {
    this.#knownBytes = this.#doneBytes + files.reduce((sum, file) => sum + file.unreadBytes, 0)
    this.#options.progress(this.#doneBytes, this.#knownBytes, this.#files.size)
    const queue = files.map((file) => ({ file, untilBytes: file.gone ? Number.POSITIVE_INFINITY : file.sizeBytes }))
    for (let turn = queue.shift(); turn !== undefined && !this.#stopped; turn = queue.shift()) {
      if (await this.#turn(turn.file, turn.untilBytes, budgetBytes)) queue.push(turn)
    }
  }

  /** @returns whether there is more to read */
  async #turn(file: LineFile, untilBytes: number, budgetBytes: number): Promise<boolean> {
    const source = this.#sourceOf(file)
    if (source === undefined) return false
    const before = file.offset
    file.quietScans++
    const final = !this.#options.follow || (file.gone && file.quietScans > GONE_SCANS)
    try {
      const end = await this.#turns.read(file, source, { untilBytes, budgetBytes, final })
      if (end === 'until') this.#due.add(file)
      if (file.offset > before) file.quietScans = 0
      else if (final && file.gone && end === 'end') this.#drop(file)
      return end === 'budget'
    } catch (error) {
      const code = errorCode(error)
      if (code === '') throw error
      this.#open.close(file.identity)
      this.#files.unreadable(file.path, code)
      return false
    }
  }

  #sourceOf(file: LineFile): PlainSource | undefined {
    const known = this.#open.get(file.identity)
    if (known !== undefined) return known
    if (!file.gone) return this.#openFile(file)
    this.#reportUnread(file)
    this.#drop(file)
    return undefined
  }

  #openFile(file: LineFile): PlainSource | undefined {
    try {
      const source = new PlainSource(file.path)
      // Between listing and opening the name may have gone to another file.
      if (identityOf(source.stat()) !== file.identity) {
        source.close()
        this.#lookSoon()
        return undefined
      }
      this.#open.add(file.identity, source)
      this.#files.readable(file.path)
      return source
    } catch (error) {
      this.#files.unreadable(file.path, errorCode(error))
      return undefined
    }
  }

  #reportUnread(file: LineFile): void {
    if (file.unreadBytes > 0) this.#options.onEvent('lost_unread', file.path, `${file.unreadBytes} bytes`)
  }

  #drop(file: LineFile): void {
    this.#open.close(file.identity)
    this.#files.forget(file)
  }

  async #deliver(): Promise<boolean> {
    for (let retryMs = FIRST_RETRY_MS; ; retryMs = Math.min(retryMs * 2, LAST_RETRY_MS)) {
      try {
        await this.#options.consumer.deliver()
        return true
      } catch {
        // What went wrong is the consumer's to report; what it got stays with it.
        await delay(retryMs, undefined, { signal: this.#abort.signal }).catch(() => {})
        if (this.#stopped) return false
      }
    }
  }

  #advanced(file: LineFile, bytes: number): void {
    this.#options.positions.set(file.identity, file.position())
    this.#doneBytes += bytes
    this.#knownBytes = Math.max(this.#knownBytes, this.#doneBytes)
    this.#options.progress(this.#doneBytes, this.#knownBytes, this.#files.size)
  }

  #changed(path: string | undefined, appeared: boolean): void {
    const file = path === undefined ? undefined : this.#files.at(path)
    if (file !== undefined) this.#due.add(file)
    if (path === undefined || ((appeared || file === undefined) && mayConcern(path, this.#patterns))) this.#lookSoon()
    else if (file !== undefined) this.#wakeUp.wake()
  }

  #lookSoon(): void {
    this.#files.expire()
    this.#lookAgain = true
    this.#wakeUp.wake()
  }
}
