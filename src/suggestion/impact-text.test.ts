import { expect, test } from 'vitest'
import type { SuggestedImpact } from '../model/suggestion.ts'
import { impactText } from './impact-text.ts'

test.for<[magnitude: string, direction: SuggestedImpact['direction'], text: string]>([
  ['~50%', 'decrease', '~50% decrease in rate'],
  ['clear', 'decrease', 'clear decrease in rate'],
  ['to 0.95', 'increase', 'increase in rate to 0.95'],
  ['by half', 'decrease', 'decrease in rate by half'],
  ['10-20x', 'increase', 'increase in rate by 10-20x'],
  ['2 ×', 'increase', 'increase in rate by 2 ×'],
])('a magnitude of %s and %s is «%s»', ([magnitude, direction, text]) => {
  expect(impactText({ kpi: 'rate', direction, magnitude })).toBe(text)
})
