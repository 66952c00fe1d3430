import { afterAll, describe, expect, test } from 'vitest'
import type { LedgerLine } from '#src/model/assessment.ts'
import { onlyLine, runPipeline } from '../pipelines/harness.ts'
import { capture, capturesIn, HAVE_CAPTURES, reportCaptures } from './captures.ts'
import { type Expected, expectedOf, expectLogs, expectTokens } from './expected-totals.ts'

afterAll(() => reportCaptures('Claude Code'))

const SCENARIOS = capturesIn('claude-code-2.1.328', /otlp-logs\.jsonl$/).map((name) =>
  name.replace('/otlp-logs.jsonl', ''),
)

async function assessed(scenario: string, signals: readonly string[]): Promise<LedgerLine> {
  const names = signals.map((signal) => `${scenario}/otlp-${signal}.jsonl`)
  const there = names.filter((name) => capturesIn(scenario, /otlp-/).includes(name))
  return onlyLine(
    await runPipeline({ files: Object.fromEntries(there.map((name, n) => [`${n}.jsonl`, capture(name)])) }),
  )
}

describe.runIf(HAVE_CAPTURES)('Claude Code 2.1.328', () => {
  test.for(SCENARIOS)('%s, from logs alone', async (scenario) => {
    expectLogs(await assessed(scenario, ['logs']), expectedOf(scenario))
  })

  test.for(SCENARIOS)('%s, from logs, metrics and traces together', async (scenario) => {
    const line = await assessed(scenario, ['traces', 'metrics', 'logs'])
    expectLogs(line, expectedOf(scenario))
  })

  const metered = SCENARIOS.filter((scenario) => HAVE_CAPTURES && expectedOf(scenario).metrics !== undefined)

  test.for(metered)('%s, from metrics alone', async (scenario) => {
    const { totals } = await assessed(scenario, ['metrics'])
    const { metrics } = expectedOf(scenario)
    if (metrics !== undefined) expectTokens(totals, metrics.tokens, metrics.cost)
    expect(totals).not.toHaveProperty('model_calls')
    expect(totals).not.toHaveProperty('tool_calls')
  })

  const traced = SCENARIOS.filter((scenario) => capturesIn(scenario, /otlp-traces/).length > 0)

  test.for(traced)('%s, from traces alone: all but the cost', async (scenario) => {
    const { totals } = await assessed(scenario, ['traces'])
    const { logs } = expectedOf(scenario)
    expect(totals.output_tokens).toBe(logs.tokens.output)
    expect(totals.model_calls).toBe(logs.api_requests)
    expect(totals.tool_calls).toBe(logs.tool_results)
    expect(totals.tool_failures).toBe(logs.tool_failed)
    expect(totals).not.toHaveProperty('cost_usd')
  })
})

/** Counted by hand in the captures' log records. */
const OLDER: readonly { readonly version: string; readonly expected: Expected['logs'] }[] = [
  {
    version: '2.1.197',
    expected: {
      tokens: { input: 397, output: 1477, cacheRead: 60_000, cacheCreation: 2400 },
      cost: 0.08391,
      api_requests: 12,
      api_errors: 0,
      tool_results: 10,
      tool_failed: 2,
      rejected: 0,
      completed: 0,
      prompts: 1,
    },
  },
  {
    version: '2.0.76',
    expected: {
      tokens: { input: 418, output: 2128, cacheRead: 95_000, cacheCreation: 3800 },
      cost: 0.060144,
      api_requests: 19,
      api_errors: 0,
      tool_results: 8,
      tool_failed: 1,
      rejected: 0,
      completed: 0,
      prompts: 1,
    },
  },
]

describe.runIf(HAVE_CAPTURES)('older clients', () => {
  test.for(OLDER)('$version, from logs alone and together', async ({ version, expected }) => {
    const scenario = `claude-code-${version}`
    expectLogs(await assessed(scenario, ['logs']), { logs: expected })
    expectLogs(await assessed(scenario, ['metrics', 'traces', 'logs']), { logs: expected })
  })
})
