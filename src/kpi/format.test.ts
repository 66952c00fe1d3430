import { expect, test } from 'vitest'
import { formatKpi } from './format.ts'

test.for<{ value: number; display: 'decimal' | 'percent'; decimals: number; text: string }>([
  { value: 0.8, display: 'decimal', decimals: 2, text: '0.80' },
  { value: 1.7333, display: 'decimal', decimals: 2, text: '1.73' },
  { value: 0.9827, display: 'percent', decimals: 1, text: '98.3 %' },
  { value: 0, display: 'percent', decimals: 1, text: '0.0 %' },
  { value: 3, display: 'decimal', decimals: 0, text: '3' },
  { value: 0.001016, display: 'decimal', decimals: 4, text: '0.0010' },
  { value: 0.0000123, display: 'decimal', decimals: 4, text: '0.000012' },
  { value: 0.00012, display: 'percent', decimals: 1, text: '0.012 %' },
])('$value reads $text', ({ value, display, decimals, text }) => {
  expect(formatKpi(value, { display, decimals })).toBe(text)
})
