import { isUtf8 } from 'node:buffer'
import type { LineSink } from './line-consumer.ts'

declare global {
  interface Buffer<TArrayBuffer extends ArrayBufferLike = ArrayBufferLike> extends Uint8Array<TArrayBuffer> {
    /** As `toString('utf8', start, end)` without its checks, which cost 2 % of reading and parsing a line. */
    utf8Slice(start: number, end: number): string
    /** Likewise, of bytes that need not be UTF-8: one character each. */
    latin1Slice(start: number, end: number): string
  }
}

/** Part of a file in memory: the first `length` bytes of `bytes`, which stand at `base` in the file. */
export interface Window {
  bytes: Buffer
  base: number
  length: number
}

export interface FrameLimits {
  readonly maxLines: number
  readonly maxLineBytes: number
}

const LINE_FEED = 10
const CARRIAGE_RETURN = 13
const SPACE = 32
const NUL = 0
const REPLACEMENT = '\ufffd'

/**
 * Hands the complete lines of a window to a sink, at most `maxLines`, and none that starts at or after the file offset
 * `until`. Empty lines are passed over.
 *
 * @param start index in the window where a line starts
 * @returns index in the window after the last line
 */
export function frameLines(
  window: Window,
  start: number,
  until: number,
  { maxLines, maxLineBytes }: FrameLimits,
  sink: LineSink,
): number {
  const { bytes, base, length } = window
  let lineStart = start
  let lines = 0
  while (lines < maxLines && base + lineStart < until) {
    const lineEnd = bytes.indexOf(LINE_FEED, lineStart)
    if (lineEnd === -1 || lineEnd >= length) break
    if (lineEnd - lineStart > maxLineBytes) {
      sink.tooLong(base + lineStart, lineEnd - lineStart)
      lines++
    } else if (sink.bytes?.(bytes, lineStart, lineEnd, base + lineStart) === true) {
      lines++
    } else {
      const text = lineText(window, lineStart, lineEnd, sink)
      if (text !== '') {
        sink.line(text, base + lineStart)
        lines++
      }
    }
    lineStart = lineEnd + 1
  }
  return lineStart
}

/**
 * A line as text: without carriage return at its end and NUL bytes at its start, which writers leave behind that go on
 * at their old offset in a truncated file. Reports bytes that are not UTF-8.
 *
 * @returns '' for a line of nothing but white space
 */
export function lineText({ bytes, base }: Window, start: number, end: number, sink: LineSink): string {
  let from = start
  while (from < end && bytes[from] === NUL) from++
  const to = end > from && bytes[end - 1] === CARRIAGE_RETURN ? end - 1 : end
  if (from === to) return ''
  const text = bytes.utf8Slice(from, to)
  if ((bytes[from] ?? 0) <= SPACE && text.trim() === '') return ''
  if (text.includes(REPLACEMENT) && !isUtf8(bytes.subarray(from, to))) sink.invalidUtf8(base + start)
  return text
}

/** @returns how many bytes a byte order mark takes at the start of a file: 3 or 0 */
export function byteOrderMarkLength({ bytes, base, length }: Window): number {
  return base === 0 && length >= 3 && bytes[0] === 0xef && bytes[1] === 0xbb && bytes[2] === 0xbf ? 3 : 0
}
