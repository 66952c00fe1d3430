import fc from 'fast-check'
import { expect, test } from 'vitest'
import { readDurationMs, readTimeMs } from './line-time.ts'

const NOON_MS = Date.UTC(2026, 1, 12, 12)

test.for<{ value: Parameters<typeof readTimeMs>[0]; ms: number | undefined }>([
  { value: [1770897600, 0], ms: NOON_MS },
  { value: [1770897600, 123456789], ms: NOON_MS + 123.456 },
  { value: [1770897599, 999999999], ms: NOON_MS - 0.001 },
  { value: [1770897600], ms: undefined },
  { value: [null, 0], ms: undefined },
  { value: ['1770897600', 0], ms: undefined },
  { value: 1770897600, ms: NOON_MS },
  { value: 1770897600.5, ms: NOON_MS + 500 },
  { value: 1770897600000, ms: NOON_MS },
  { value: 1770897600000000, ms: NOON_MS },
  { value: 1770897600000000000, ms: NOON_MS },
  { value: '1770897600', ms: NOON_MS },
  { value: '1770897600000', ms: NOON_MS },
  { value: '1770897600000123', ms: NOON_MS + 0.123 },
  { value: '1770897600000123456', ms: NOON_MS + 0.123 },
  { value: '1770897599999999999', ms: NOON_MS - 0.001 },
  { value: '2026-02-12T12:00:00.000Z', ms: NOON_MS },
  { value: '2026-02-12T12:00:00.250000+00:00', ms: NOON_MS + 250 },
  { value: '2026-02-12T14:00:00+02:00', ms: NOON_MS },
  { value: '2026-02-12T12:00:00', ms: NOON_MS },
  { value: '2026-02-12 12:00:00', ms: NOON_MS },
  { value: '2026-99-12T12:00:00Z', ms: undefined },
  { value: '2026-02-12', ms: undefined },
  { value: 'yesterday', ms: undefined },
  { value: '', ms: undefined },
  { value: true, ms: undefined },
  { value: null, ms: undefined },
  { value: {}, ms: undefined },
  { value: undefined, ms: undefined },
])('the time $value is $ms', ({ value, ms }) => {
  expect(readTimeMs(value)).toBe(ms)
})

test('pairs and texts of nanoseconds keep their microseconds, and never reach the next millisecond', () => {
  const seconds = fc.integer({ min: 1_577_836_800, max: 1_893_456_000 })
  const nanoseconds = fc.integer({ min: 0, max: 999_999_999 })
  const property = fc.property(seconds, nanoseconds, (s, ns) => {
    const micros = BigInt(s) * 1_000_000n + BigInt(Math.floor(ns / 1000))
    for (const ms of [readTimeMs([s, ns]), readTimeMs(`${BigInt(s) * 1_000_000_000n + BigInt(ns)}`)]) {
      expect(BigInt(Math.round((ms ?? 0) * 1000))).toBe(micros)
      expect(BigInt(Math.floor(ms ?? 0))).toBe(micros / 1000n)
    }
  })
  fc.assert(property, { seed: 20_260_212, numRuns: 1000 })
})

test.for<{ value: Parameters<typeof readDurationMs>[0]; ms: number | undefined }>([
  { value: [0, 1463666], ms: 1.463 },
  { value: [40, 634000000], ms: 40_634 },
  { value: 1000, ms: 1000 },
  { value: 0.5, ms: 0.5 },
  { value: -1, ms: undefined },
  { value: null, ms: undefined },
  { value: [null, 0], ms: undefined },
  { value: '1000', ms: undefined },
])('the duration $value is $ms', ({ value, ms }) => {
  expect(readDurationMs(value)).toBe(ms)
})
