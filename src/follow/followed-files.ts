import type { Context, Receiver } from '../component.ts'
import type { FileEvent, LineConsumer } from '../store/lines/line-consumer.ts'
import { LineReader } from '../store/lines/line-reader.ts'
import { filePositions } from '../store/lines/position.ts'

/** What a receiver of files lets its users choose. */
export interface FollowedFilesConfig {
  readonly include: readonly string[]
  readonly exclude: readonly string[]
  readonly follow: boolean
  readonly max_line_size: number
  readonly poll_interval: number
  readonly batch_lines: number
}

const EVENT_MESSAGES: Readonly<Record<FileEvent, string>> = {
  truncated: 'a file became shorter than what was read of it; it is read again from its start',
  rewritten: 'a file was written anew; it is read again from its start',
  unreadable: 'a file cannot be read; it is left out until it can be',
  corrupt_gzip: 'a gzip file is damaged or ends early; only what comes before was read',
  lost_unread: 'a file disappeared before it was read to its end',
  not_watched: 'a directory cannot be watched; its changes are found with the next look at it',
}

/** A receiver that reads files line by line, follows them, and keeps its positions in the store. */
export class FollowedFiles implements Receiver {
  readonly finished?: Promise<void>
  readonly #context: Context
  readonly #reader: LineReader
  readonly #done = Promise.withResolvers<void>()
  #running: Promise<void> | undefined

  constructor(config: FollowedFilesConfig, context: Context, consumer: LineConsumer) {
    this.#context = context
    this.#reader = new LineReader({
      include: config.include,
      exclude: config.exclude,
      follow: config.follow,
      pollIntervalMs: config.poll_interval,
      maxLineBytes: config.max_line_size,
      maxBatchLines: config.batch_lines,
      positions: filePositions(context.store.positions, context.id),
      consumer,
      onEvent: (event, path, detail) => this.#onEvent(event, path, detail),
      now: () => context.now(),
      scanned: (startedAtMs) => context.progress.scanned(startedAtMs),
      progress: (doneBytes, knownBytes, files) => context.progress.read(doneBytes, knownBytes, files),
    })
    context.items.observe('file_lag_bytes', () => this.#reader.lags())
    if (!config.follow) this.finished = this.#done.promise
    // Whoever waits for `finished` sees a failure; if nobody does, the log has it.
    this.#done.promise.catch(() => {})
  }

  async start(): Promise<void> {
    this.#context.progress.scanned(0)
    this.#running = this.#run()
  }

  async stop(): Promise<void> {
    this.#reader.stop()
    await this.#running
    this.#done.resolve()
  }

  async #run(): Promise<void> {
    try {
      await this.#reader.run()
      this.#done.resolve()
    } catch (error) {
      const stack = error instanceof Error ? error.stack : String(error)
      this.#context.log.error({ stack }, 'reading files has failed and ends here')
      this.#done.reject(error)
    }
  }

  #onEvent(event: FileEvent, path: string, detail: string): void {
    this.#context.items.noticed(`file_${event}`, 1)
    this.#context.log.warn({ file: path, event, detail }, EVENT_MESSAGES[event])
  }
}
