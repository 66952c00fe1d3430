import type { Context, Next } from '#src/component.ts'
import { PacedLog } from '#src/follow/paced-log.ts'
import type { Telemetry } from '#src/model/telemetry.ts'
import type { LineConsumer, LineSink } from '#src/store/lines/line-consumer.ts'
import { Origins } from './origins.ts'
import { RecordKeys } from './record-keys.ts'
import { TranscriptFile } from './transcript-file.ts'
import type { LineFault, TranscriptLine } from './transcript-line.ts'

/** Why a line is left out that should have been used. */
export type DropReason = LineFault | 'line_too_long' | 'partial_line'

/** Turns the lines of all transcripts into telemetry, and accounts for each line once that was handed on. */
export class TranscriptIntake implements LineConsumer {
  readonly #context: Context
  readonly #next: Next<'telemetry'>
  readonly #keys: RecordKeys
  readonly #origins = new Origins()
  readonly #refusals: PacedLog
  readonly #counts = new Map<string, number>()
  #items: Telemetry[] = []
  #received = 0
  #duplicates = 0

  constructor(context: Context, next: Next<'telemetry'>) {
    this.#context = context
    this.#next = next
    this.#keys = new RecordKeys(context.store, context.id)
    this.#refusals = new PacedLog(context)
  }

  sinkFor(path: string): LineSink {
    return new TranscriptLines(path, this, this.#context)
  }

  /** @returns why the line is not used, when it should have been */
  take(line: TranscriptLine): LineFault | undefined {
    if (line.kind === 'fault') return line.reason
    this.#received++
    if (line.kind === 'ignored') this.#count('ignored:record_not_used')
    else if (line.kind === 'unknown') this.#takeUnknown(line.type)
    else if (this.#isCopy(line)) this.#duplicates++
    else {
      const { event, timeMs, attributes } = line
      const { resource, scope } = this.#origins.of(line)
      this.#items.push({ kind: 'log', timeMs, eventName: event, attributes, resource, scope })
    }
    return undefined
  }

  drop(reason: DropReason): void {
    this.#received++
    this.#count(`dropped:${reason}`)
  }

  async deliver(): Promise<void> {
    if (this.#items.length > 0) await this.#handOn()
    const { items } = this.#context
    items.received(this.#received)
    if (this.#duplicates > 0) items.settled('duplicate', this.#duplicates)
    const used = this.#received - this.#duplicates - this.#counted()
    if (used > 0) items.settled('used', used)
    for (const [counted, count] of this.#counts) {
      const [outcome = '', reason] = counted.split(':')
      items.settled(outcome === 'ignored' ? 'ignored' : 'dropped', count, reason)
    }
    this.#received = 0
    this.#duplicates = 0
    this.#counts.clear()
  }

  async #handOn(): Promise<void> {
    try {
      await this.#next(this.#items)
    } catch (error) {
      // A message could quote what was refused.
      const name = error instanceof Error ? error.name : 'unknown'
      this.#refusals.warn({ error: name }, 'the next stage refused a batch; it is offered again')
      throw error
    }
    this.#items = []
  }

  #takeUnknown(type: string): void {
    this.#count('ignored:unknown_record_type')
    this.#context.items.unknownName(`transcript_line:${type}`)
  }

  #isCopy({ key, keyTimeMs }: Extract<TranscriptLine, { kind: 'event' }>): boolean {
    if (key === undefined) return false
    const remembered = this.#keys.add(key, keyTimeMs)
    if (remembered === 'full') this.#context.items.noticed('record_keys_full', 1)
    return remembered === 'known'
  }

  #count(what: string): void {
    this.#counts.set(what, (this.#counts.get(what) ?? 0) + 1)
  }

  #counted(): number {
    let sum = 0
    for (const count of this.#counts.values()) sum += count
    return sum
  }
}

/** The lines of one transcript on their way into the intake. */
class TranscriptLines implements LineSink {
  readonly #path: string
  readonly #file: TranscriptFile
  readonly #intake: TranscriptIntake
  readonly #context: Context
  readonly #log: PacedLog

  constructor(path: string, intake: TranscriptIntake, context: Context) {
    this.#path = path
    this.#file = new TranscriptFile(path)
    this.#intake = intake
    this.#context = context
    this.#log = new PacedLog(context)
  }

  bytes(bytes: Buffer, start: number, end: number, byteOffset: number): boolean {
    const line = this.#file.scan(bytes, start, end, this.#context.now())
    if (line === undefined) return false
    const reason = this.#intake.take(line)
    if (reason !== undefined) this.#drop(reason, byteOffset)
    return true
  }

  line(text: string, byteOffset: number): void {
    const reason = this.#take(text)
    if (reason !== undefined) this.#drop(reason, byteOffset)
  }

  unterminated(text: string, byteOffset: number): boolean {
    const reason = this.#take(text)
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

  #take(text: string): LineFault | undefined {
    return this.#intake.take(this.#file.read(text, this.#context.now()))
  }

  #drop(reason: DropReason, byteOffset: number): void {
    this.#intake.drop(reason)
    this.#log.warn({ file: this.#path, byteOffset, reason }, 'a line is left out')
  }
}
