import fc from 'fast-check'
import { expect, test } from 'vitest'
import { positionScale, UNKNOWN_SCALE } from './position-scale.ts'

const SEED = 20_261_123
const LOG = positionScale({ scale: 'log', minStdDev: 0.05 })
const LOGIT = positionScale({ scale: 'logit', minStdDev: 0.02 })

test('values come back from their positions', () => {
  const share = fc.double({ min: 0.01, max: 0.99, noNaN: true })
  const amount = fc.double({ min: 0, max: 1e6, noNaN: true })
  fc.assert(
    fc.property(share, amount, (part, number) => {
      expect(LOGIT.fromPosition(LOGIT.toPosition(part))).toBeCloseTo(part, 9)
      for (const scale of [LOG, UNKNOWN_SCALE]) {
        expect(scale.fromPosition(scale.toPosition(number)) / (number + 1e-12)).toBeLessThan(1.000001)
      }
    }),
    { seed: SEED },
  )
})

test('values at the ends of a scale have a place on it', () => {
  for (const value of [-1, 0, 1, 2]) {
    expect(Number.isFinite(LOGIT.toPosition(value))).toBe(true)
    expect(Number.isFinite(LOG.toPosition(value))).toBe(true)
  }
  expect(LOGIT.fromPosition(LOGIT.toPosition(1))).toBeCloseTo(0.99, 12)
  expect(LOG.fromPosition(LOG.toPosition(0))).toBe(0)
})

test('noise of the measurement is never less than its floor', () => {
  // One floor away from a share of 0.9, the position has moved by about the least standard deviation.
  const at = LOGIT.toPosition(0.9)
  expect(LOGIT.minStdDevAt(at)).toBeCloseTo((LOGIT.toPosition(0.901) - LOGIT.toPosition(0.899)) * 10, 3)
  expect(LOG.minStdDevAt(LOG.toPosition(100))).toBe(0.05)
  expect(UNKNOWN_SCALE.minStdDevAt(UNKNOWN_SCALE.toPosition(1000))).toBeCloseTo(0.05, 6)
})
