import type { Context, Next } from '#src/component.ts'
import { PacedLog } from '#src/follow/paced-log.ts'
import type { Telemetry } from '#src/model/telemetry.ts'
import { decodeJsonRequest } from '#src/otlp/decode-json.ts'
import { hasPlausibleTime, latestPlausibleMs } from '#src/otlp/plausible-time.ts'
import type { LineConsumer, LineSink } from '#src/store/lines/line-consumer.ts'
import type { Json } from '#src/store/store.ts'
import { HookLineScanner } from './hook-line-scanner.ts'
import { isObject, type JsonObject } from './json.ts'
import type { LineContext, LineFault } from './line-context.ts'
import { Origins } from './origins.ts'
import { isOtlpLine, readRecord } from './read-record.ts'

/** Why a line does not become telemetry. */
export type DropReason = LineFault | 'invalid_json' | 'invalid_otlp' | 'line_too_long' | 'partial_line'

export interface LineIntakeOptions {
  readonly context: Context
  readonly next: Next<'telemetry'>
  readonly maxBatchItems: number
}

/** Turns the lines of all files into telemetry, and accounts for each line once that was handed on. */
export class LineIntake implements LineConsumer {
  readonly #options: LineIntakeOptions
  readonly #origins = new Origins()
  readonly #scanner = new HookLineScanner()
  readonly #refusals: PacedLog
  #lineContext: LineContext | undefined
  #items: Telemetry[] = []
  #handedOn = 0
  #used = 0
  #unknown = 0
  readonly #dropped = new Map<DropReason, number>()

  constructor(options: LineIntakeOptions) {
    this.#options = options
    this.#refusals = new PacedLog(options.context)
  }

  sinkFor(path: string): LineSink {
    return new FileLines(path, this, this.#options.context)
  }

  /** @returns whether it was a hook span as hooks write them; all other lines are taken as text */
  takeBytes(bytes: Buffer, start: number, end: number): boolean {
    const span = this.#scanner.scan(bytes, start, end, this.#contextOfBatch())
    if (span === undefined) return false
    this.#items.push(span)
    this.#used++
    return true
  }

  /** @returns why the line is not used, when it should have been */
  take(text: string): DropReason | undefined {
    const line = parse(text)
    if (line === undefined) return 'invalid_json'
    if (isOtlpLine(line)) return this.#takeRequest(line)
    const record = readRecord(line, this.#contextOfBatch())
    if (typeof record === 'string') return record
    if (record === undefined) this.#unknown++
    else {
      this.#items.push(record)
      this.#used++
    }
    return undefined
  }

  drop(reason: DropReason): void {
    this.#dropped.set(reason, (this.#dropped.get(reason) ?? 0) + 1)
  }

  async deliver(): Promise<void> {
    const { next, maxBatchItems } = this.#options
    try {
      while (this.#handedOn < this.#items.length) {
        const batch = this.#items.slice(this.#handedOn, this.#handedOn + maxBatchItems)
        await next(batch)
        this.#handedOn += batch.length
      }
    } catch (error) {
      this.#refusals.warn({ error: nameOf(error) }, 'the next stage refused a batch; it is offered again')
      throw error
    }
    this.#account()
  }

  #takeRequest(line: JsonObject): DropReason | undefined {
    const request = decodeJsonRequest(line)
    if (!request.ok) return 'invalid_otlp'
    const { latestMs } = this.#contextOfBatch()
    const plausible = request.items.filter((item) => hasPlausibleTime(item, latestMs))
    if (plausible.length === 0 && request.items.length > 0) return 'implausible_time'
    for (const item of plausible) this.#items.push(item)
    this.#used++
    const { items } = this.#options.context
    if (request.skipped > 0) items.noticed('points_without_value', request.skipped)
    const implausible = request.items.length - plausible.length
    if (implausible > 0) items.noticed('items_with_implausible_time', implausible)
    return undefined
  }

  #contextOfBatch(): LineContext {
    this.#lineContext ??= { origins: this.#origins, latestMs: latestPlausibleMs(this.#options.context.now()) }
    return this.#lineContext
  }

  #account(): void {
    const { items } = this.#options.context
    let received = this.#used + this.#unknown
    for (const count of this.#dropped.values()) received += count
    items.received(received)
    if (this.#used > 0) items.settled('used', this.#used)
    if (this.#unknown > 0) items.settled('ignored', this.#unknown, 'unknown_format')
    for (const [reason, count] of this.#dropped) items.settled('dropped', count, reason)
    this.#items = []
    this.#handedOn = 0
    this.#used = 0
    this.#unknown = 0
    this.#dropped.clear()
    this.#lineContext = undefined
  }
}

/** The lines of one file on their way into the intake. */
class FileLines implements LineSink {
  readonly #path: string
  readonly #intake: LineIntake
  readonly #context: Context
  readonly #log: PacedLog

  constructor(path: string, intake: LineIntake, context: Context) {
    this.#path = path
    this.#intake = intake
    this.#context = context
    this.#log = new PacedLog(context)
  }

  bytes(bytes: Buffer, start: number, end: number): boolean {
    return this.#intake.takeBytes(bytes, start, end)
  }

  line(text: string, byteOffset: number): void {
    const reason = this.#intake.take(text)
    if (reason !== undefined) this.#drop(reason, byteOffset)
  }

  unterminated(text: string, byteOffset: number): boolean {
    const reason = this.#intake.take(text)
    if (reason === undefined) return true
    this.#drop(reason === 'invalid_json' ? 'partial_line' : reason, byteOffset)
    return reason !== 'invalid_json'
  }

  tooLong(byteOffset: number): void {
    this.#drop('line_too_long', byteOffset)
  }

  invalidUtf8(byteOffset: number): void {
    this.#context.items.noticed('lines_with_invalid_utf8', 1)
    this.#log.warn({ file: this.#path, byteOffset }, 'a line has bytes that are not UTF-8; they are replaced')
  }

  #drop(reason: DropReason, byteOffset: number): void {
    this.#intake.drop(reason)
    this.#log.warn({ file: this.#path, byteOffset, reason }, 'a line is left out')
  }
}

function parse(text: string): JsonObject | undefined {
  try {
    const value: Json = JSON.parse(text)
    return isObject(value) ? value : undefined
  } catch {
    return undefined
  }
}

// A message could quote what was refused.
function nameOf(error: unknown): string {
  return error instanceof Error ? error.name : 'unknown'
}
