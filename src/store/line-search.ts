import type { ByteFile } from './byte-file.ts'

const LINE_FEED = 10
const CHUNK_BYTES = 64 * 1024

/** Where the line that holds the byte before `end` starts: after the nearest line feed before that byte, or at 0. */
export function lineStartBefore(file: ByteFile, end: number): number {
  const chunk = Buffer.allocUnsafe(CHUNK_BYTES)
  for (let to = end - 1; to > 0; to = Math.max(0, to - CHUNK_BYTES)) {
    const from = Math.max(0, to - CHUNK_BYTES)
    const read = file.readAt(chunk.subarray(0, to - from), from)
    const found = read === 0 ? -1 : chunk.lastIndexOf(LINE_FEED, read - 1)
    if (found !== -1) return from + found + 1
  }
  return 0
}

/** The text between two positions. */
export function textBetween(file: ByteFile, from: number, to: number): string {
  const bytes = Buffer.allocUnsafe(Math.max(0, to - from))
  return bytes.toString('utf8', 0, file.readAt(bytes, from))
}

/** Whether the byte before `end` ends a line. */
export function endsWithLineFeed(file: ByteFile, end: number): boolean {
  const last = Buffer.alloc(1)
  return end === 0 || (file.readAt(last, end - 1) === 1 && last[0] === LINE_FEED)
}
