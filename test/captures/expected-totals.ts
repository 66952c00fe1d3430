import { expect } from 'vitest'
import type { LedgerLine, Totals } from '#src/model/assessment.ts'
import { capture } from './captures.ts'

interface Tokens {
  readonly input: number
  readonly output: number
  readonly cacheRead: number
  readonly cacheCreation: number
}

/** What was counted in a scenario's captures without agentperf. */
export interface Expected {
  readonly logs: {
    readonly tokens: Tokens
    readonly cost: number
    readonly api_requests: number
    readonly api_errors: number
    readonly tools?: Readonly<Record<string, number>>
    readonly tool_results: number
    readonly tool_failed: number
    readonly rejected: number
    readonly created?: number
    readonly completed?: number
    readonly prompts?: number
  }
  readonly metrics?: { readonly tokens: Tokens; readonly cost: number; readonly active: { readonly cli?: number } }
  readonly transcripts?: {
    readonly tokens: Tokens
    readonly api_messages: number
    readonly results: number
    readonly errors: number
    readonly created: number
    readonly completed: number
  }
}

export function expectedOf(scenario: string): Expected {
  return JSON.parse(capture(`${scenario}/expected.json`))
}

export function expectTokens(totals: Totals, tokens: Tokens, cost: number): void {
  expect(totals.fresh_input_tokens).toBe(tokens.input)
  expect(totals.output_tokens).toBe(tokens.output)
  expect(totals.cache_read_tokens).toBe(tokens.cacheRead)
  expect(totals.cache_creation_tokens).toBe(tokens.cacheCreation)
  expect(Math.abs((totals.cost_usd ?? Number.NaN) - cost)).toBeLessThan(1e-9)
}

export function expectLogs({ totals, tools }: LedgerLine, { logs }: Expected): void {
  expectTokens(totals, logs.tokens, logs.cost)
  expect(totals.model_calls).toBe(logs.api_requests)
  expect(totals.model_errors).toBe(logs.api_errors)
  expect(totals.tool_calls).toBe(logs.tool_results)
  expect(totals.tool_failures).toBe(logs.tool_failed)
  expect(totals.tool_rejections).toBe(logs.rejected)
  if (logs.prompts !== undefined) expect(totals.prompts).toBe(logs.prompts)
  if (logs.tools !== undefined) {
    const calls = Object.entries(tools).map(([tool, use]) => [tool, use.calls])
    expect(Object.fromEntries(calls)).toEqual(logs.tools)
  }
  if (logs.completed === 0) expect(totals).not.toHaveProperty('tasks_completed')
  else if (logs.completed !== undefined) expect(totals.tasks_completed).toBe(logs.completed)
}
