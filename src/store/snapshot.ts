import { readFile } from 'node:fs/promises'
import { endianness } from 'node:os'
import { crc32 } from 'node:zlib'
import * as z from 'zod'
import { LEDGER_SCHEMA } from '#src/model/assessment.ts'
import { replaceFileAtomic } from './atomic-file.ts'
import { errorCode } from './file-error.ts'
import { KpiRanks } from './kpi-ranks.ts'
import type { Ledger } from './ledger.ts'
import type { LedgerHistory } from './ledger-history.ts'
import { LineIndex } from './line-index.ts'
import type { SketchBuckets } from './rank-sketch.ts'

/** Rises with every change of what a snapshot holds: the columns, the hash of ids, the buckets of the ranks. */
const SNAPSHOT_VERSION = 2
/** The columns are in this machine's byte order. */
const FORMAT = `${SNAPSHOT_VERSION}.${LEDGER_SCHEMA}-${endianness()}`
const LENGTH_BYTES = 4

const headerSchema = z.strictObject({
  format: z.string(),
  ledger_offset: z.int().nonnegative(),
  ledger_digest: z.string(),
  agent_types: z.array(z.string()),
  column_bytes: z.array(z.int().nonnegative()),
  rank_kpis: z.array(z.string()),
})

type Header = z.infer<typeof headerSchema>

/** A history up to a place in the ledger. */
export interface Snapshot {
  readonly index: LineIndex
  readonly ranks: KpiRanks
  readonly ledgerOffset: number
}

/** Why a snapshot cannot be used; the history is made from the whole ledger then. */
export type SnapshotProblem = 'missing' | 'damaged' | 'other_version' | 'other_ledger'

/**
 * Writes a snapshot of a history that stands at the ledger's end: a header (JSON), columns of numbers, a CRC-32. What is
 * written is captured before the first `await`.
 */
export async function writeSnapshot(path: string, history: LedgerHistory, ledger: Ledger): Promise<void> {
  const { agentTypes, columns: indexColumns } = history.index.toBytes()
  const ranks = history.ranks.buckets()
  const columns = [...indexColumns, ...ranks.map(([, buckets]) => bytesOfBuckets(buckets))]
  const header = {
    format: FORMAT,
    ledger_offset: ledger.length,
    ledger_digest: digestOf(ledger, ledger.length),
    agent_types: [...agentTypes],
    column_bytes: columns.map(({ length }) => length),
    rank_kpis: ranks.map(([kpi]) => kpi),
  }
  const headerBytes = Buffer.from(JSON.stringify(header))
  const pieces = [uint32(headerBytes.length), headerBytes, ...columns]
  await replaceFileAtomic(path, [...pieces, uint32(pieces.reduce((crc, piece) => crc32(piece, crc), 0))])
}

/** Reads a snapshot if it fits the ledger. It never fails: what cannot be used is a reason to do without. */
export async function readSnapshot(path: string, ledger: Ledger): Promise<Snapshot | SnapshotProblem> {
  const bytes = await readIfThere(path)
  if (typeof bytes === 'string') return bytes
  const found = parse(bytes)
  if (found === undefined) return 'damaged'
  const { header, columns } = found
  if (header.format !== FORMAT) return 'other_version'
  const { ledger_offset, ledger_digest, agent_types, rank_kpis } = header
  if (ledger_offset > ledger.length || ledger_digest !== digestOf(ledger, ledger_offset)) return 'other_ledger'
  const indexColumns = columns.slice(0, columns.length - rank_kpis.length)
  const rankColumns = columns.slice(indexColumns.length)
  return {
    index: LineIndex.fromBytes({ agentTypes: agent_types, columns: indexColumns }),
    ranks: KpiRanks.fromBuckets(rankColumns.map((bytes, place) => [rank_kpis[place] ?? '', bucketsOfBytes(bytes)])),
    ledgerOffset: ledger_offset,
  }
}

async function readIfThere(path: string): Promise<Buffer | SnapshotProblem> {
  try {
    return await readFile(path)
  } catch (error) {
    return errorCode(error) === 'ENOENT' ? 'missing' : 'damaged'
  }
}

function parse(bytes: Buffer): { header: Header; columns: Buffer[] } | undefined {
  const end = bytes.length - LENGTH_BYTES
  if (end < LENGTH_BYTES || crc32(bytes.subarray(0, end)) !== bytes.readUInt32LE(end)) return undefined
  let offset = LENGTH_BYTES + bytes.readUInt32LE(0)
  const header = headerSchema.safeParse(JSON.parse(bytes.toString('utf8', LENGTH_BYTES, offset))).data
  if (header === undefined) return undefined
  const columns = header.column_bytes.map((length) => {
    offset += length
    return bytes.subarray(offset - length, offset)
  })
  return { header, columns }
}

function bytesOfBuckets(buckets: SketchBuckets): Uint8Array {
  return new Uint8Array(Float64Array.from(buckets.flat()).buffer)
}

function bucketsOfBytes(bytes: Uint8Array): SketchBuckets {
  // A copy: a column may begin at any byte.
  const numbers = new Float64Array(Uint8Array.from(bytes).buffer)
  return Array.from({ length: numbers.length / 2 }, (_, pair) => [numbers[2 * pair] ?? 0, numbers[2 * pair + 1] ?? 0])
}

function digestOf(ledger: Ledger, offset: number): string {
  return ledger.bytesBefore(offset).toString('base64')
}

function uint32(value: number): Buffer {
  const bytes = Buffer.alloc(LENGTH_BYTES)
  bytes.writeUInt32LE(value)
  return bytes
}
