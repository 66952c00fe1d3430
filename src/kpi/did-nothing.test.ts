import { expect, test } from 'vitest'
import type { LedgerLine } from '#src/model/assessment.ts'
import { didNothing } from './did-nothing.ts'

test.for<[name: string, totals: LedgerLine['totals'], nothing: boolean]>([
  ['a prompt alone', { prompts: 1 }, true],
  ['a prompt that no model was asked', { prompts: 1, model_calls: 0, tool_calls: 0, cost_usd: 0 }, true],
  ['an answer', { prompts: 1, model_calls: 1 }, false],
  ['a tool', { tool_calls: 1 }, false],
  ['a tool that was rejected', { prompts: 1, tool_calls: 0, tool_rejections: 1 }, false],
  ['tokens and their cost', { output_tokens: 5000, cost_usd: 1 }, false],
  ['a model that only failed', { model_calls: 0, model_errors: 5, prompts: 2 }, false],
  ['nothing that is known', {}, false],
])('of %s it is known that it did nothing: %o', ([, totals, nothing]) => {
  expect(didNothing({ totals })).toBe(nothing)
})
