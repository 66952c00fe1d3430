import { mean as oracleMean, sampleVariance } from 'simple-statistics'
import { expect, test } from 'vitest'
import { studentTUpperTail } from './student-t.ts'
import { welchUpperTail } from './welch.ts'

const A = [27.5, 21.0, 19.0, 23.6, 17.0, 17.9, 16.9, 20.1, 21.9, 22.6, 23.1, 19.6, 19.0, 21.7, 21.4]
const B = [27.1, 22.0, 20.8, 23.4, 23.4, 23.5, 25.8, 22.0, 24.8, 20.2, 21.9, 22.1, 22.9, 30.5, 24.2]

test('agrees with the formula on moments of simple-statistics, to 6 digits', () => {
  const [va, vb] = [sampleVariance(A) / A.length, sampleVariance(B) / B.length]
  const t = (oracleMean(B) - oracleMean(A)) / Math.sqrt(va + vb)
  const df = (va + vb) ** 2 / (va ** 2 / (A.length - 1) + vb ** 2 / (B.length - 1))
  expect(welchUpperTail(B, A, 0)).toBeCloseTo(studentTUpperTail(t, df), 6)
})

test.for<[name: string, above: number[], others: number[], minStdDev: number, p: number | undefined]>([
  ['one value is no sample', [1], [1, 2], 0, undefined],
  ['nothing scatters', [1, 1], [1, 1], 0, undefined],
  ['nothing scatters by itself, and the means are the same', [1, 1], [1, 1], 1, 0.5],
])('%s', ([, above, others, minStdDev, p]) => {
  expect(welchUpperTail(above, others, minStdDev)).toBe(p)
})
