/** Takes the lines of one file. */
export interface LineSink {
  /**
   * Asked before `line`: sinks that need little of long lines can take a line as bytes, which stay as they
   * are until `deliver` has resolved.
   *
   * @returns whether it is done with; if not, `line` comes
   */
  bytes?(bytes: Buffer, start: number, end: number, byteOffset: number): boolean
  /** One complete line without its line end; never an empty one. */
  line(text: string, byteOffset: number): void
  /**
   * Bytes after the last line end of a file that gets no more.
   *
   * @returns whether they were a whole record; if not, they are read again should the file go on after all
   */
  unterminated(text: string, byteOffset: number): boolean
  /** A line longer than allowed was skipped. */
  tooLong(byteOffset: number, bytes: number): void
  /** The line that comes next has bytes that are not UTF-8: they were replaced by U+FFFD. */
  invalidUtf8(byteOffset: number): void
}

/** Takes the lines of many files, in batches. */
export interface LineConsumer {
  /** Asked once for each file, before its first line. */
  sinkFor(path: string): LineSink
  /**
   * Hands on what the sinks got since the last time. Only when it resolves does the position move on; when it rejects
   * it is called again, later, with nothing new in the sinks.
   */
  deliver(): Promise<void>
}

/** What can happen to a file; none of it stops the reading of the others. */
export type FileEvent =
  /** Became shorter than what was read: read again from its start. */
  | 'truncated'
  /** The bytes before the position changed: read again from its start. */
  | 'rewritten'
  /** Could not be opened or read; tried again with the next scan. */
  | 'unreadable'
  /** A gzip file that ends early or is damaged: what comes before was read. */
  | 'corrupt_gzip'
  /** Disappeared before it was read to its end. */
  | 'lost_unread'
  /** A directory whose changes the system does not report; they are found by looking. */
  | 'not_watched'

/** @param detail a system error code, or a number of bytes: never content */
export type OnFileEvent = (event: FileEvent, path: string, detail: string) => void
