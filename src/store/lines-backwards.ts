import { ByteFile } from './byte-file.ts'

const LINE_FEED = 10
const CHUNK_BYTES = 256 * 1024

/** Lines of a file that end in a line feed, from the last to the first; none of a file that is not there. */
export function* linesBackwards(path: string): Generator<{ text: string; offset: number }> {
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
