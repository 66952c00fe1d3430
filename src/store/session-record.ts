import { crc32 } from 'node:zlib'
import type { SessionMeta, SessionPhase } from './store.ts'

/** Bytes before the names: two checksums, lengths, kind, times. */
export const HEADER_BYTES = 36

const PHASES: readonly SessionPhase[] = ['open', 'closing', 'closed']
const TOMBSTONE = 255
const END_SIGNALLED = 16
const CLOSING = 32
// Header layout, little-endian: head CRC (4), body CRC or revision of a closing (4), body length (4), id length (4), set length
// (2), kind (1), 0 (1), start (8), end (8). The head CRC covers the rest of the header, the set's name and the id.
const CRC_BYTES = 4

/** One session's state as it is written; without `meta` it is a tombstone: the session was deleted. */
export interface SessionRecord {
  readonly set: string
  readonly id: string
  readonly meta: SessionMeta | undefined
  /** Makes the record a closing: its session was closed as this revision, and is otherwise what the record before says. */
  readonly closedAs?: number
  /** Empty in a closing. */
  readonly body: string
}

/** What a record says without its body. */
export interface RecordHead {
  readonly set: string
  readonly id: string
  readonly meta: SessionMeta | undefined
  readonly closedAs: number | undefined
  readonly headBytes: number
  readonly bodyBytes: number
}

/** Lengths that a header gives, before its names are read. */
export function headBytesOf(header: Buffer): number {
  return HEADER_BYTES + header.readUInt16LE(16) + header.readUInt32LE(12)
}

/** How many bytes a record takes. */
export function recordBytes({ set, id, body }: SessionRecord): number {
  return HEADER_BYTES + Buffer.byteLength(set) + Buffer.byteLength(id) + Buffer.byteLength(body)
}

/** Writes a record into a buffer that has room for it. @returns the offset after it */
export function writeRecord(buffer: Buffer, offset: number, { set, id, meta, closedAs, body }: SessionRecord): number {
  const setLength = buffer.write(set, offset + HEADER_BYTES)
  const idLength = buffer.write(id, offset + HEADER_BYTES + setLength)
  const bodyStart = offset + HEADER_BYTES + setLength + idLength
  const bodyLength = buffer.write(body, bodyStart)
  buffer.writeUInt32LE(closedAs ?? crc32(buffer.subarray(bodyStart, bodyStart + bodyLength)), offset + 4)
  buffer.writeUInt32LE(bodyLength, offset + 8)
  buffer.writeUInt32LE(idLength, offset + 12)
  buffer.writeUInt16LE(setLength, offset + 16)
  buffer.writeUInt16LE(kindOf(meta) + (closedAs === undefined ? 0 : CLOSING), offset + 18)
  buffer.writeDoubleLE(meta?.startMs ?? 0, offset + 20)
  buffer.writeDoubleLE(meta?.endMs ?? 0, offset + 28)
  buffer.writeUInt32LE(crc32(buffer.subarray(offset + CRC_BYTES, bodyStart)), offset)
  return bodyStart + bodyLength
}

/** @param head the header and the names @returns `undefined` when it is damaged */
export function readHead(head: Buffer): RecordHead | undefined {
  if (crc32(head.subarray(CRC_BYTES)) !== head.readUInt32LE(0)) return undefined
  const setEnd = HEADER_BYTES + head.readUInt16LE(16)
  const kind = head.readUInt16LE(18)
  const isClosing = kind !== TOMBSTONE && kind >= CLOSING
  return {
    set: head.toString('utf8', HEADER_BYTES, setEnd),
    id: head.toString('utf8', setEnd),
    meta: kind === TOMBSTONE ? undefined : metaOf(kind % CLOSING, head.readDoubleLE(20), head.readDoubleLE(28)),
    closedAs: isClosing ? head.readUInt32LE(4) : undefined,
    headBytes: head.length,
    bodyBytes: head.readUInt32LE(8),
  }
}

/** @param record a whole record @returns its body; `undefined` when it is damaged */
export function readBody(record: Buffer): string | undefined {
  if (record.length < HEADER_BYTES) return undefined
  const headBytes = headBytesOf(record)
  const body = record.subarray(headBytes)
  const isWhole = readHead(record.subarray(0, headBytes)) !== undefined && crc32(body) === record.readUInt32LE(4)
  return isWhole ? body.toString('utf8') : undefined
}

/** A phase and its end signal as one small number. */
export function packPhase({ phase, endSignalled }: SessionMeta): number {
  return PHASES.indexOf(phase) + (endSignalled ? END_SIGNALLED : 0)
}

export function metaOf(packedPhase: number, startMs: number, endMs: number): SessionMeta {
  const endSignalled = packedPhase >= END_SIGNALLED
  return { phase: PHASES[packedPhase % END_SIGNALLED] ?? 'closed', startMs, endMs, endSignalled }
}

function kindOf(meta: SessionMeta | undefined): number {
  return meta === undefined ? TOMBSTONE : packPhase(meta)
}
