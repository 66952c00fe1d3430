import { afterAll, describe, expect, test } from 'vitest'
import type { Fact, SourceKind } from '#src/dialect/trust-order.ts'
import type { LedgerLine, Totals } from '#src/model/assessment.ts'
import type { Telemetry } from '#src/model/telemetry.ts'
import { contentOf, runInjected } from '../pipelines/injected.ts'
import { cut, interleaved, subsetsOf } from '../pipelines/interleave.ts'
import { winner as winnerOf } from '../pipelines/merging/known.ts'
import { capturesIn, HAVE_CAPTURES, reportCaptures } from './captures.ts'
import { type Expected, expectedOf } from './expected-totals.ts'
import { itemsOf } from './scenario-items.ts'

const INTERLEAVINGS = 20
const SEED = Number(process.env.AGENTPERF_TEST_SEED ?? 20261121)

/** All that have logs: one file, or one for each request. */
const SCENARIOS = [
  ...new Set(capturesIn('.', /^claude-code-.*\/otlp-logs/).map((name) => name.replace(/\/otlp-logs[^/]*$/, ''))),
]

/** Old clients have nothing that was counted without agentperf: their totals are only compared with each other. */
const COUNTED = SCENARIOS.filter((name) => capturesIn(name, /expected\.json$/).length > 0)

afterAll(() => reportCaptures('merging'))

/** The totals that a scenario's sources can know together, by the order of trust that the README states. */
function totalsOf({ logs, metrics, transcripts }: Expected, sources: readonly SourceKind[]): Partial<Totals> {
  const winner = (fact: Fact) => winnerOf(fact, sources)
  const calls = winner('model_calls')
  const tokens = calls === 'transcripts' ? transcripts?.tokens : calls === undefined ? undefined : logs.tokens
  const used = tokens ?? (winner('metered_use') === undefined ? undefined : (metrics ?? logs).tokens)
  // A source that would tell of rejections tells that there were no calls, too.
  const counted = winner('rejections') !== undefined
  // Only a transcript tells of tools that do not exist: facts with an id are merged.
  const tools =
    sources.includes('transcripts') && transcripts !== undefined
      ? { calls: transcripts.results, failures: transcripts.errors }
      : { calls: logs.tool_results, failures: logs.tool_failed }
  const tasks = winner('tasks')
  // Those of scenario 03 were not counted, but it did the same as 01.
  const { created = 2, completed: stated } = logs
  const completed = tasks === 'logs' ? stated : created
  const cost = sources.includes('logs') ? logs.cost : sources.includes('metrics') ? (metrics ?? logs).cost : undefined
  return {
    ...(used === undefined
      ? undefined
      : {
          fresh_input_tokens: used.input,
          output_tokens: used.output,
          cache_read_tokens: used.cacheRead,
          cache_creation_tokens: used.cacheCreation,
        }),
    ...(cost === undefined ? undefined : { cost_usd: cost }),
    ...(calls === undefined ? undefined : { model_calls: logs.api_requests, model_errors: logs.api_errors }),
    ...(counted || (winner('tools') !== undefined && tools.calls > 0)
      ? { tool_calls: tools.calls, tool_failures: tools.failures }
      : undefined),
    ...(!counted ? undefined : { tool_rejections: logs.rejected }),
    ...(tasks !== undefined && created > 0 ? { tasks_created: created } : undefined),
    ...(tasks !== undefined && completed !== undefined && completed > 0 ? { tasks_completed: completed } : undefined),
    ...(winner('prompts') === undefined ? undefined : { prompts: logs.prompts ?? 1 }),
  }
}

/** The revisions of the only session. */
async function revisionsOf(parts: readonly (readonly Telemetry[])[]): Promise<readonly LedgerLine[]> {
  const ledger = await runInjected(parts)
  expect(new Set(ledger.map(({ session_id }) => session_id)).size).toBe(1)
  expect(ledger.map(({ revision }) => revision)).toEqual(ledger.map((_, n) => n + 1))
  return ledger
}

async function onlyOf(items: readonly Telemetry[]): Promise<LedgerLine> {
  const [line, ...more] = await revisionsOf([items])
  if (line === undefined || more.length > 0) throw new Error(`expected one revision, got ${more.length + 1}`)
  return line
}

/** @param what stands in the message when they differ */
function expectTotals({ totals }: LedgerLine, expected: Partial<Totals>, what: string): void {
  const { cost_usd: cost, reasoning_tokens: _reasoning, compactions: _compactions, ...counts } = totals
  const { cost_usd: expectedCost, ...expectedCounts } = expected
  expect({ what, ...counts }).toEqual({ what, ...expectedCounts })
  if (expectedCost === undefined) expect(cost, what).toBeUndefined()
  else expect(cost, what).toBeCloseTo(expectedCost, 9)
}

describe.runIf(HAVE_CAPTURES)('every set of sources tells what the most trusted of them know', () => {
  test.for(COUNTED)('%s', async (scenario) => {
    const counted = expectedOf(scenario)
    const items = itemsOf(scenario)
    for (const sources of subsetsOf([...items.keys()])) {
      const line = await onlyOf(sources.flatMap((source) => items.get(source) ?? []))
      expectTotals(line, totalsOf(counted, sources), sources.join(', '))
    }
  })
})

describe.runIf(HAVE_CAPTURES)(`order, duplicates and lateness change nothing (seed ${SEED})`, () => {
  test.for(SCENARIOS)(`%s: all sources in ${INTERLEAVINGS} interleavings`, { timeout: 120_000 }, async (scenario) => {
    const items = [...itemsOf(scenario).values()].flat()
    const expected = contentOf(await onlyOf(items))
    for (let round = 0; round < INTERLEAVINGS; round++) {
      const mixed = interleaved(items, SEED + round)
      expect(contentOf(await onlyOf(mixed))).toEqual(expected)
      const revisions = await revisionsOf(cut(mixed, SEED + round))
      // A second part that only repeats the first makes no revision.
      expect(revisions.length).toBeLessThanOrEqual(2)
      expect(revisions.map(contentOf).at(-1)).toEqual(expected)
    }
  })

  test.for(SCENARIOS)('%s: each source in turn comes after the session was closed', async (scenario) => {
    const items = itemsOf(scenario)
    const expected = contentOf(await onlyOf([...items.values()].flat()))
    for (const late of items.keys()) {
      const before = [...items].flatMap(([source, each]) => (source === late ? [] : each))
      if (before.length === 0) continue
      const [, revised, ...more] = await revisionsOf([before, items.get(late) ?? []])
      expect(revised === undefined ? late : contentOf(revised), late).toEqual(expected)
      expect(more).toEqual([])
    }
  })

  test.for(SCENARIOS)('%s: all that comes a second time changes nothing, and makes no revision', async (scenario) => {
    const items = [...itemsOf(scenario).values()].flat()
    expect(await revisionsOf([items, items])).toHaveLength(1)
  })
})
