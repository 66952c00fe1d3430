import type { Context, Next, Receiver, ReceiverFactory } from '#src/component.ts'
import type { FileEvent } from '#src/store/lines/line-consumer.ts'
import { LineReader } from '#src/store/lines/line-reader.ts'
import { filePositions } from '#src/store/lines/position.ts'
import { type Config, configSchema } from './config.ts'
import { LineIntake } from './line-intake.ts'

const EVENT_MESSAGES: Readonly<Record<FileEvent, string>> = {
  truncated: 'a file became shorter than what was read of it; it is read again from its start',
  rewritten: 'a file was written anew; it is read again from its start',
  unreadable: 'a file cannot be read; it is left out until it can be',
  corrupt_gzip: 'a gzip file is damaged or ends early; only what comes before was read',
  lost_unread: 'a file disappeared before it was read to its end',
  not_watched: 'a directory cannot be watched; its changes are found with the next look at it',
}

/** Reads telemetry files of hooks and OTLP JSON lines, and follows them. */
export const jsonlFile: ReceiverFactory<Config, 'telemetry'> = {
  kind: 'receiver',
  type: 'jsonl_file',
  stability: 'beta',
  description: 'Reads telemetry files of hooks and OTLP JSON lines, and follows them.',
  produces: 'telemetry',
  configSchema,
  create: (config, context, next) => new JsonlFile(config, context, next),
}

class JsonlFile implements Receiver {
  readonly finished?: Promise<void>
  readonly #context: Context
  readonly #reader: LineReader
  readonly #done = Promise.withResolvers<void>()
  #running: Promise<void> | undefined

  constructor(config: Config, context: Context, next: Next<'telemetry'>) {
    this.#context = context
    this.#reader = new LineReader({
      include: config.include,
      exclude: config.exclude,
      follow: config.follow,
      pollIntervalMs: config.poll_interval,
      maxLineBytes: config.max_line_size,
      maxBatchLines: config.batch_lines,
      positions: filePositions(context.store.positions, context.id),
      consumer: new LineIntake({ context, next, maxBatchItems: config.batch_lines }),
      onEvent: (event, path, detail) => this.#onEvent(event, path, detail),
      now: () => context.now(),
      scanned: (startedAtMs) => context.progress.scanned(startedAtMs),
      progress: (doneBytes, knownBytes, files) => context.progress.read(doneBytes, knownBytes, files),
    })
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
