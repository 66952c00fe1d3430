import { expect, test } from 'vitest'
import { InputProgress } from './input-progress.ts'

test('input is known up to the slowest receiver that scans; without any, up to any time', () => {
  const progress = new InputProgress()
  expect(progress.of('x').scannedUntilMs()).toBe(Number.POSITIVE_INFINITY)
  progress.of('files').scanned(0)
  progress.of('transcripts').scanned(500)
  expect(progress.of('x').scannedUntilMs()).toBe(0)
  progress.of('files').scanned(900)
  expect(progress.of('x').scannedUntilMs()).toBe(500)
})

test('listeners are told of each scan until they unsubscribe', () => {
  const progress = new InputProgress()
  let calls = 0
  const unsubscribe = progress.of('x').onScanned(() => calls++)
  progress.of('files').scanned(1)
  unsubscribe()
  progress.of('files').scanned(2)
  expect(calls).toBe(1)
})

test('what is read adds up over receivers', () => {
  const progress = new InputProgress()
  progress.of('a').read(5, 10, 1)
  progress.of('b').read(1, 2, 3)
  progress.of('a').read(6, 10, 1)
  expect(progress.total()).toEqual({ doneBytes: 7, knownBytes: 12, files: 4 })
})
