import { truncateToWidth } from '#src/report/display-width.ts'
import type { Output } from './io.ts'

const SHOW_AFTER_MS = 1000
const REFRESH_MS = 100
const DEFAULT_COLUMNS = 80
const ERASE_LINE = '\r\u001b[K'

/** What was read of what is known. */
export interface ReadProgress {
  readonly doneBytes: number
  readonly knownBytes: number
  readonly files: number
}

/** A line on a terminal that says how far reading has come. */
export interface ProgressLine {
  update(progress: ReadProgress): void
  /** Removes the line. */
  clear(): void
}

/**
 * One line that is rewritten in place, shown only on a terminal and only when reading takes longer than a second.
 *
 * @param nowMs a clock in milliseconds that does not jump
 */
export function progressLine(output: Output, nowMs: () => number): ProgressLine {
  if (output.isTTY !== true) return { update() {}, clear() {} }
  const startedMs = nowMs()
  let shownMs: number | undefined
  return {
    update(progress) {
      const timeMs = nowMs()
      if (timeMs - startedMs < SHOW_AFTER_MS) return
      if (shownMs !== undefined && timeMs - shownMs < REFRESH_MS) return
      shownMs = timeMs
      // A full line would wrap, and the next one would not overwrite it.
      const room = Math.max(1, (output.columns ?? DEFAULT_COLUMNS) - 1)
      output.write(ERASE_LINE + truncateToWidth(progressText(progress, timeMs - startedMs), room))
    },
    clear() {
      if (shownMs !== undefined) output.write(ERASE_LINE)
      shownMs = undefined
    },
  }
}

/**
 * `35 %  120 MB of 340 MB  12 files  118 MB/s  2 s left`.
 *
 * @param elapsedMs since reading began; more than 0
 */
export function progressText({ doneBytes, knownBytes, files }: ReadProgress, elapsedMs: number): string {
  const share = knownBytes > 0 ? Math.min(1, doneBytes / knownBytes) : 1
  const bytesPerSecond = doneBytes / (elapsedMs / 1000)
  const secondsLeft = Math.ceil((knownBytes - doneBytes) / bytesPerSecond)
  return [
    `${Math.floor(share * 100)} %`,
    `${sizeText(doneBytes)} of ${sizeText(knownBytes)}`,
    files === 1 ? '1 file' : `${files} files`,
    `${sizeText(bytesPerSecond)}/s`,
    ...(Number.isFinite(secondsLeft) && secondsLeft > 0 ? [`${timeText(secondsLeft)} left`] : []),
  ].join('  ')
}

function sizeText(bytes: number): string {
  if (bytes < 1e6) return `${Math.round(bytes / 1e3)} kB`
  return bytes < 1e9 ? `${Math.round(bytes / 1e6)} MB` : `${(bytes / 1e9).toFixed(1)} GB`
}

function timeText(seconds: number): string {
  return seconds < 60 ? `${seconds} s` : `${Math.ceil(seconds / 60)} min`
}
