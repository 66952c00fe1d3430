import { readdirSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { EnvironmentError } from '#src/errors.ts'
import { ByteFile } from './byte-file.ts'
import { errorCode } from './file-error.ts'
import { type RecordPlace, SessionIndex } from './session-index.ts'
import { readBody, recordBytes, type SessionRecord, writeRecord } from './session-record.ts'
import { scanRecords } from './session-scan.ts'
import type { SessionMeta } from './store.ts'

const SEGMENT_NAME = /^sessions-(\d+)\.log$/

/** Sizes in bytes; smaller ones than the default are for tests. */
export interface SessionLogSizes {
  /** Records are collected in memory up to this before they are written. */
  readonly flushBytes: number
  /** A segment with less garbage than this is left alone. */
  readonly minGarbageBytes: number
}

const DEFAULT_SIZES: SessionLogSizes = { flushBytes: 256 * 1024, minGarbageBytes: 16 * 1024 * 1024 }

/** How much live data moves out of an old segment whenever records are written: at least, and per byte written. */
const MIN_MOVED_BYTES = 1024 * 1024
const MOVED_PER_WRITTEN = 2

/** Room for a record of the usual size. */
const KEPT_RECORD_BYTES = 64 * 1024

/** What of a segment belongs to a checkpoint. */
export interface SegmentExtent {
  readonly segment: number
  readonly length: number
}

/** The log as of one moment, for the checkpoint. */
export interface LogCut {
  readonly segments: readonly SegmentExtent[]
  /** Segments that nothing refers to any more: to be dropped when the checkpoint is on disk. */
  readonly retired: readonly number[]
}

interface Segment {
  readonly number: number
  file: ByteFile | undefined
  length: number
  liveBytes: number
  hasUnsynced: boolean
}

/**
 * Session states on disk: records are appended to the active segment, the last one of a session counts, with the closing
 * behind it if there is one. When more than half of a segment is garbage a new one is begun, and what is live in the old one
 * moves over in small steps.
 */
export class SessionLog {
  readonly #directory: string | undefined
  readonly #sizes: SessionLogSizes
  readonly #indexes = new Map<string, SessionIndex>()
  readonly #segments = new Map<number, Segment>()
  #active: Segment
  #old: Segment | undefined
  #retired: number[] = []
  #moving: Iterator<readonly [set: string, id: string]> | undefined
  #pending: Buffer
  #pendingBytes = 0
  /** Room for the record that is read. */
  #record: Buffer | undefined

  /** @param directory absent: the log lies in files without names and is gone when the process is */
  private constructor(directory: string | undefined, sizes: SessionLogSizes, firstSegment: number) {
    this.#directory = directory
    this.#sizes = sizes
    this.#pending = Buffer.allocUnsafe(sizes.flushBytes)
    this.#active = this.#beginSegment(firstSegment)
  }

  /** An empty log that leaves nothing on disk. */
  static temporary(sizes = DEFAULT_SIZES): SessionLog {
    return new SessionLog(undefined, sizes, 1)
  }

  /** An empty log in a folder; segments that lie there are removed. */
  static empty(directory: string, sizes = DEFAULT_SIZES): SessionLog {
    removeSegments(directory, [])
    return new SessionLog(directory, sizes, 1)
  }

  /**
   * The log as it was at a checkpoint; what was written after it is cut off.
   *
   * @returns `undefined` when a part of it is missing or damaged
   */
  static restore(directory: string, extents: readonly SegmentExtent[], sizes = DEFAULT_SIZES): SessionLog | undefined {
    removeSegments(directory, extents)
    const log = new SessionLog(directory, sizes, extents.at(-1)?.segment ?? 1)
    try {
      if (extents.every((extent) => log.#restoreSegment(extent))) return log
      log.close()
      return undefined
    } catch (error) {
      log.close()
      throw error
    }
  }

  /** The sessions of a set. Only the log itself adds places to it. */
  indexOf(set: string): SessionIndex {
    const known = this.#indexes.get(set)
    if (known !== undefined) return known
    const index = new SessionIndex()
    this.#indexes.set(set, index)
    return index
  }

  /** Appends a session's state. */
  put(set: string, id: string, meta: SessionMeta, body: string): void {
    const bytes = this.#append({ set, id, meta, body })
    const index = this.indexOf(set)
    this.#place(index, id, { segment: this.#active.number, offset: this.#end() - bytes, bytes })
    index.setMeta(id, meta)
    this.#flushWhenLarge()
  }

  /** Notes that a session was closed; apart from its phase and revision it is as it was put last. */
  putClosing(set: string, id: string, revision: number): void {
    const index = this.indexOf(set)
    const meta = index.metaOf(id)
    if (meta === undefined) return
    index.setMeta(id, { ...meta, phase: 'closed' }, revision)
    this.#appendClosing(set, id)
    this.#flushWhenLarge()
  }

  /** Forgets a session. */
  delete(set: string, id: string): void {
    const place = this.indexOf(set).delete(id)
    if (place === undefined) return
    this.#release(place)
    this.#append({ set, id, meta: undefined, body: '' })
    this.#flushWhenLarge()
  }

  /** The last state put, without what {@link putClosing} noted since; `undefined` when there is none. @throws {EnvironmentError} when it is damaged */
  bodyOf(set: string, id: string): string | undefined {
    const place = this.indexOf(set).placeOf(id)
    if (place === undefined) return undefined
    const body = readBody(this.#read(place))
    if (body !== undefined) return body
    const file = this.#segments.get(place.segment)?.file
    throw new EnvironmentError(
      `${file?.path}, byte ${place.offset}: expected the saved state of a session, found damaged data. Check the disk; ` +
        'without the folder .agentperf agentperf starts anew and reads all input again.',
    )
  }

  /** Writes out what is collected, and what must be known for a checkpoint. */
  cut(): LogCut {
    this.flush()
    const segments = [this.#old, this.#active].flatMap((segment) =>
      segment === undefined || segment.length === 0 ? [] : [{ segment: segment.number, length: segment.length }],
    )
    return { segments, retired: [...this.#retired] }
  }

  flush(): void {
    const written = this.#writePending()
    if (written > 0) this.#moveLive(Math.max(MIN_MOVED_BYTES, MOVED_PER_WRITTEN * written))
  }

  /** Makes what was written survive a power failure. */
  async sync(): Promise<void> {
    if (this.#directory === undefined) return
    for (const segment of this.#segments.values()) {
      if (!segment.hasUnsynced) continue
      segment.hasUnsynced = false
      try {
        await segment.file?.sync()
      } catch (error) {
        segment.hasUnsynced = true
        throw error
      }
    }
  }

  /** Removes segments of a cut whose checkpoint is on disk. */
  drop(retired: readonly number[]): void {
    for (const number of retired) this.#removeSegment(number)
    this.#retired = this.#retired.filter((number) => !retired.includes(number))
  }

  close(): void {
    for (const { file } of this.#segments.values()) file?.close()
  }

  #restoreSegment({ segment: number, length }: SegmentExtent): boolean {
    const segment = this.#segments.get(number) ?? this.#beginSegment(number)
    if (segment !== this.#active) this.#startMoving(segment)
    const file = ByteFile.open(this.#pathOf(number))
    segment.file = file
    if (file.size() < length) return false
    file.truncate(length)
    segment.length = length
    return scanRecords(file, length, ({ set, id, meta, closedAs, headBytes, bodyBytes }, offset) => {
      const index = this.indexOf(set)
      if (meta === undefined) return this.#release(index.delete(id))
      if (closedAs === undefined) this.#place(index, id, { segment: number, offset, bytes: headBytes + bodyBytes })
      index.setMeta(id, meta, closedAs)
    })
  }

  /** @returns bytes appended */
  #append(record: SessionRecord): number {
    const bytes = recordBytes(record)
    this.#reserve(bytes)
    this.#pendingBytes = writeRecord(this.#pending, this.#pendingBytes, record)
    return bytes
  }

  #appendClosing(set: string, id: string): void {
    const index = this.indexOf(set)
    const closedAs = index.closedAsOf(id)
    if (closedAs !== undefined) this.#append({ set, id, meta: index.metaOf(id), closedAs, body: '' })
  }

  #reserve(bytes: number): void {
    if (this.#pendingBytes + bytes <= this.#pending.length) return
    const larger = Buffer.allocUnsafe(Math.max(2 * this.#pending.length, this.#pendingBytes + bytes))
    this.#pending.copy(larger, 0, 0, this.#pendingBytes)
    this.#pending = larger
  }

  #end(): number {
    return this.#active.length + this.#pendingBytes
  }

  #flushWhenLarge(): void {
    if (this.#pendingBytes >= this.#sizes.flushBytes) this.flush()
  }

  /** @returns bytes written */
  #writePending(): number {
    const bytes = this.#pendingBytes
    if (bytes === 0) return 0
    const segment = this.#active
    segment.file ??=
      this.#directory === undefined ? ByteFile.openTemporary() : ByteFile.open(this.#pathOf(segment.number))
    // What a failed write left behind is written over: the length counts, not the file's size.
    segment.file.writeAt(this.#pending.subarray(0, bytes), segment.length)
    segment.hasUnsynced = true
    segment.length += bytes
    this.#pendingBytes = 0
    if (this.#pending.length > 4 * this.#sizes.flushBytes) this.#pending = Buffer.allocUnsafe(this.#sizes.flushBytes)
    return bytes
  }

  /** For one record at a time, unless it is large. */
  #roomFor(bytes: number): Buffer {
    if (bytes > KEPT_RECORD_BYTES) return Buffer.allocUnsafe(bytes)
    this.#record ??= Buffer.allocUnsafeSlow(KEPT_RECORD_BYTES)
    return this.#record.subarray(0, bytes)
  }

  /** @returns the record as it is until the next one is read */
  #read({ segment: number, offset, bytes }: RecordPlace): Buffer {
    const segment = this.#segments.get(number)
    if (segment === this.#active && offset >= segment.length) {
      const start = offset - segment.length
      return this.#pending.subarray(start, start + bytes)
    }
    const record = this.#roomFor(bytes)
    return record.subarray(0, segment?.file?.readAt(record, offset) ?? 0)
  }

  #place(index: SessionIndex, id: string, place: RecordPlace): void {
    this.#release(index.placeOf(id))
    index.place(id, place)
    const segment = this.#segments.get(place.segment)
    if (segment !== undefined) segment.liveBytes += place.bytes
  }

  #release(place: RecordPlace | undefined): void {
    const segment = place === undefined ? undefined : this.#segments.get(place.segment)
    if (place !== undefined && segment !== undefined) segment.liveBytes -= place.bytes
  }

  /** Moves records out of the old segment; begins a new segment when the active one is mostly garbage. */
  #moveLive(budgetBytes: number): void {
    const { length, liveBytes } = this.#active
    if (this.#old === undefined && length - liveBytes > Math.max(liveBytes, this.#sizes.minGarbageBytes)) {
      this.#startMoving(this.#active)
      this.#active = this.#beginSegment(this.#active.number + 1)
    }
    for (let moved = 0; this.#old !== undefined && moved < budgetBytes; ) {
      moved += this.#moveNext(this.#old)
      if (this.#pendingBytes >= this.#sizes.flushBytes) this.#writePending()
    }
    this.#writePending()
  }

  /** @returns bytes moved */
  #moveNext(old: Segment): number {
    const next = this.#moving?.next()
    if (next === undefined || next.done === true) {
      this.#retire(old)
      return 0
    }
    const [set, id] = next.value
    const index = this.indexOf(set)
    const place = index.placeOf(id)
    if (place?.segment !== old.number) return 0
    const { bytes } = place
    this.#reserve(bytes)
    this.#read(place).copy(this.#pending, this.#pendingBytes)
    this.#place(index, id, { segment: this.#active.number, offset: this.#end(), bytes })
    this.#pendingBytes += bytes
    this.#appendClosing(set, id)
    return bytes
  }

  #startMoving(old: Segment): void {
    this.#old = old
    this.#moving = allIds(this.#indexes)
  }

  #retire(old: Segment): void {
    this.#old = undefined
    this.#moving = undefined
    if (this.#directory === undefined) this.#removeSegment(old.number)
    else this.#retired.push(old.number)
  }

  #beginSegment(number: number): Segment {
    const segment: Segment = { number, file: undefined, length: 0, liveBytes: 0, hasUnsynced: false }
    this.#segments.set(number, segment)
    return segment
  }

  #removeSegment(number: number): void {
    this.#segments.get(number)?.file?.close()
    this.#segments.delete(number)
    if (this.#directory !== undefined) rmSync(this.#pathOf(number), { force: true })
  }

  #pathOf(number: number): string {
    return segmentPath(this.#directory ?? '', number)
  }
}

function* allIds(indexes: ReadonlyMap<string, SessionIndex>): Generator<readonly [set: string, id: string]> {
  for (const [set, index] of indexes) for (const id of index.ids()) yield [set, id]
}

/** Where a segment of the log lies. */
export function segmentPath(directory: string, number: number): string {
  return join(directory, `sessions-${number}.log`)
}

/** Removes the segments that a checkpoint does not name. */
function removeSegments(directory: string, kept: readonly SegmentExtent[]): void {
  for (const name of namesIn(directory)) {
    const number = Number(SEGMENT_NAME.exec(name)?.[1] ?? 0)
    if (number > 0 && !kept.some(({ segment }) => segment === number)) rmSync(join(directory, name), { force: true })
  }
}

function namesIn(directory: string): string[] {
  try {
    return readdirSync(directory)
  } catch (error) {
    if (errorCode(error) === 'ENOENT') return []
    throw error
  }
}
