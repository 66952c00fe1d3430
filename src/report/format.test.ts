import { expect, test } from 'vitest'
import { formatCount, formatDuration, formatNumber, formatTime } from './format.ts'

test.for<[value: number, text: string]>([
  [0, '0'],
  [-0, '0'],
  [0.001016, '0.00102'],
  [0.0000058, '0.0000058'],
  [1e-9, '1.00e-9'],
  [0.95, '0.95'],
  [0.9, '0.90'],
  [0.9827, '0.983'],
  [-0.0465, '-0.0465'],
  [26 / 15, '1.73'],
  [41, '41.0'],
  [311.9, '312'],
  [-123_456, '-123456'],
  [1e12, '1.00e+12'],
])('number %d reads %s', ([value, text]) => {
  expect(formatNumber(value)).toBe(text)
})

test.for<[value: number, text: string]>([
  [0, '0'],
  [1_722_424, '1,722,424'],
  [3.28, '3.28'],
])('count %d reads %s', ([value, text]) => {
  expect(formatCount(value)).toBe(text)
})

test.for<[seconds: number, text: string]>([
  [0, '0 s'],
  [59.4, '59 s'],
  [59.6, '1 min'],
  [181, '3 min 1 s'],
  [3599.7, '1 h'],
  [31_019, '8 h 37 min'],
  [86_399, '1 d'],
  [97_200, '1 d 3 h'],
])('duration of %d seconds reads %s', ([seconds, text]) => {
  expect(formatDuration(seconds)).toBe(text)
})

test('a time is shown in UTC, an unreadable one as it is', () => {
  expect(formatTime('2026-02-12T18:28:59.123Z')).toBe('2026-02-12 18:28 UTC')
  expect(formatTime('yesterday')).toBe('yesterday')
})
