import type { LedgerLine } from '#src/model/assessment.ts'
import { ByteFile } from './byte-file.ts'
import { KeySet } from './key-set.ts'
import { layoutOf } from './layout.ts'
import { parseLedgerLine } from './ledger-line.ts'

const LINE_FEED = 10
const CHUNK_BYTES = 256 * 1024

export interface LedgerQuery {
  readonly directory: string
  readonly agentType?: string
  /** At most so many sessions; all when absent. */
  readonly limit?: number
}

/**
 * The sessions of the ledger, newest first: the last revision of each. Reads backwards and only as far as needed, without a
 * lock, also while another process writes.
 *
 * @throws {EnvironmentError} when the ledger cannot be read, or a newer agentperf wrote a line of it
 */
export function readLedger(query: LedgerQuery): LedgerLine[] {
  const { agentType, limit = Number.POSITIVE_INFINITY } = query
  const lines: LedgerLine[] = []
  if (limit <= 0) return lines
  for (const line of latestLines(query.directory)) {
    if (agentType !== undefined && line.agent_type !== agentType) continue
    lines.push(line)
    if (lines.length >= limit) break
  }
  return lines
}

/** The last revision of each session, newest first, one by one: memory holds a line and the hashes of the ids seen. */
export function* latestLines(directory: string): Generator<LedgerLine> {
  const { ledger: path } = layoutOf(directory)
  const seen = new KeySet()
  for (const { text, offset } of linesBackwards(path)) {
    const line = parseLedgerLine(text, path, offset)
    if (line !== undefined && seen.add(line.session_id)) yield line
  }
}

/** Lines that end in a line feed, from the last to the first. */
function* linesBackwards(path: string): Generator<{ text: string; offset: number }> {
  const file = ByteFile.openReadOnly(path)
  if (file === undefined) return
  try {
    // What follows the last line feed is not a line yet: it may be being written.
    let rest: Buffer | undefined
    for (let end = file.size(); end > 0; end = Math.max(0, end - CHUNK_BYTES)) {
      const start = Math.max(0, end - CHUNK_BYTES)
      const chunk = Buffer.allocUnsafe(end - start)
      const read = chunk.subarray(0, file.readAt(chunk, start))
      let lineEnd = read.length
      for (let feed = read.lastIndexOf(LINE_FEED); feed !== -1; feed = read.lastIndexOf(LINE_FEED, lineEnd - 1)) {
        const piece = read.subarray(feed + 1, lineEnd)
        if (rest !== undefined) yield { text: textOf(piece, rest), offset: start + feed + 1 }
        rest = Buffer.alloc(0)
        lineEnd = feed
        if (lineEnd === 0) break
      }
      if (rest !== undefined) rest = Buffer.concat([read.subarray(0, lineEnd), rest])
    }
    if (rest !== undefined) yield { text: rest.toString('utf8'), offset: 0 }
  } finally {
    file.close()
  }
}

function textOf(piece: Buffer, rest: Buffer): string {
  return rest.length === 0 ? piece.toString('utf8') : Buffer.concat([piece, rest]).toString('utf8')
}
