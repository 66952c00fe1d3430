import type { ByteFile } from './byte-file.ts'
import { HEADER_BYTES, headBytesOf, type RecordHead, readHead } from './session-record.ts'

const WINDOW_BYTES = 64 * 1024

/**
 * Goes through the records of a segment without reading their bodies, in large pieces while bodies are small.
 *
 * @param length the segment's valid length
 * @returns whether all of it is whole records
 */
export function scanRecords(
  file: ByteFile,
  length: number,
  onRecord: (head: RecordHead, offset: number) => void,
): boolean {
  const bytesAt = windowOn(file, length)
  for (let offset = 0; offset < length; ) {
    const header = bytesAt(offset, HEADER_BYTES)
    const headBytes = header === undefined ? 0 : headBytesOf(header)
    const names = header === undefined ? undefined : bytesAt(offset, headBytes)
    const head = names === undefined ? undefined : readHead(names)
    if (head === undefined || offset + headBytes + head.bodyBytes > length) return false
    onRecord(head, offset)
    offset += headBytes + head.bodyBytes
  }
  return true
}

/** Reads bytes up to a length through one reused window; `undefined` beyond it. */
function windowOn(file: ByteFile, length: number): (offset: number, count: number) => Buffer | undefined {
  let window = Buffer.allocUnsafe(WINDOW_BYTES)
  let start = 0
  let filled = 0
  return (offset, count) => {
    if (offset + count > length) return undefined
    if (offset < start || offset + count > start + filled) {
      if (count > window.length) window = Buffer.allocUnsafe(count)
      start = offset
      filled = file.readAt(window.subarray(0, length - offset), offset)
    }
    return count > filled - (offset - start) ? undefined : window.subarray(offset - start, offset - start + count)
  }
}
