import { expect, test } from 'vitest'
import type { Output } from './io.ts'
import { progressLine, progressText, type ReadProgress } from './progress.ts'

const HALF: ReadProgress = { doneBytes: 500e6, knownBytes: 1e9, files: 12 }

function terminal(columns: number): { output: Output; written: string[] } {
  const written: string[] = []
  return { output: { write: (text) => written.push(text), isTTY: true, columns }, written }
}

test('nothing is shown in the first second', () => {
  const { output, written } = terminal(80)
  let nowMs = 0
  const line = progressLine(output, () => nowMs)
  nowMs = 999
  line.update(HALF)
  line.clear()
  expect(written).toEqual([])
})

test('a long run shows one line, at most ten times a second, and removes it', () => {
  const { output, written } = terminal(80)
  let nowMs = 5000
  const line = progressLine(output, () => nowMs)
  for (nowMs = 7000; nowMs < 7200; nowMs += 10) line.update(HALF)
  line.clear()
  line.clear()
  expect(written).toEqual([
    '\r\u001b[K50 %  500 MB of 1.0 GB  12 files  250 MB/s  2 s left',
    '\r\u001b[K50 %  500 MB of 1.0 GB  12 files  238 MB/s  3 s left',
    '\r\u001b[K',
  ])
})

test('the line never fills the terminal', () => {
  const { output, written } = terminal(20)
  let nowMs = 0
  const line = progressLine(output, () => nowMs)
  nowMs = 2000
  line.update(HALF)
  expect(written).toEqual(['\r\u001b[K50 %  500 MB of 1.…'])
})

test('nothing is written where there is no terminal', () => {
  const written: string[] = []
  let nowMs = 0
  const line = progressLine({ write: (text) => written.push(text) }, () => nowMs)
  nowMs = 60_000
  line.update(HALF)
  line.clear()
  expect(written).toEqual([])
})

test.for<{ progress: ReadProgress; elapsedMs: number; text: string }>([
  {
    progress: { doneBytes: 0, knownBytes: 2e6, files: 1 },
    elapsedMs: 1000,
    text: '0 %  0 kB of 2 MB  1 file  0 kB/s',
  },
  {
    progress: { doneBytes: 1e9, knownBytes: 100e9, files: 2 },
    elapsedMs: 10_000,
    text: '1 %  1.0 GB of 100.0 GB  2 files  100 MB/s  17 min left',
  },
  {
    progress: { doneBytes: 3e6, knownBytes: 2e6, files: 2 },
    elapsedMs: 1000,
    text: '100 %  3 MB of 2 MB  2 files  3 MB/s',
  },
  {
    progress: { doneBytes: 0, knownBytes: 0, files: 0 },
    elapsedMs: 1000,
    text: '100 %  0 kB of 0 kB  0 files  0 kB/s',
  },
])('$progress.doneBytes of $progress.knownBytes bytes: $text', ({ progress, elapsedMs, text }) => {
  expect(progressText(progress, elapsedMs)).toBe(text)
})
