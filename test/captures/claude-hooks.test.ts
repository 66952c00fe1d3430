import { afterAll, describe, expect, test } from 'vitest'
import type { LedgerLine } from '#src/model/assessment.ts'
import { runListening, type Sent } from '../pipelines/listening.ts'
import { capture, capturesIn, HAVE_CAPTURES, reportCaptures } from './captures.ts'

/** What hooks can know of a scenario. */
interface Known {
  readonly tools: Readonly<Record<string, number>>
  readonly failed: number
  readonly prompts: number
  /** Created and completed. */
  readonly tasks?: number
  readonly subagents: number
}

interface ExpectedLogs {
  readonly tokens: { readonly input: number; readonly output: number }
  readonly api_requests: number
  readonly api_errors: number
  readonly tools: Readonly<Record<string, number>>
  readonly tool_failed: number
  readonly prompts: number
  readonly created: number
  readonly subagents: number
}

/** 2.1.197 has no file of its own; counted by hand in its log records. */
const OLDER: ExpectedLogs = {
  tokens: { input: 397, output: 1477 },
  api_requests: 12,
  api_errors: 0,
  tools: { TaskCreate: 2, TaskUpdate: 3, Bash: 3, Read: 1, Agent: 1 },
  tool_failed: 2,
  prompts: 1,
  created: 2,
  subagents: 1,
}

const INTERLEAVINGS = 20
const SHARE_TWICE = 0.1
const SEED = Number(process.env.AGENTPERF_TEST_SEED ?? 20261121)

/** Scenarios with hooks; 03 has none. */
const SCENARIOS = capturesIn('.', /^claude-code-.*\/hooks-command-stdin\.jsonl$/).map((name) =>
  name.replace('/hooks-command-stdin.jsonl', ''),
)

afterAll(() => reportCaptures('Claude Code hooks'))

function expectedOf(scenario: string): ExpectedLogs {
  if (scenario === 'claude-code-2.1.197') return OLDER
  return JSON.parse(capture(`${scenario}/expected.json`)).logs
}

function knownOf(scenario: string): Known {
  const { tools, tool_failed, prompts, created, subagents } = expectedOf(scenario)
  return { tools, failed: tool_failed, prompts, subagents, ...(created > 0 ? { tasks: created } : {}) }
}

function hooksOf(scenario: string, file = 'hooks-command-stdin.jsonl'): Sent[] {
  return linesOf(`${scenario}/${file}`).map((line) => {
    const { t, in: stdin, body } = JSON.parse(line)
    return { to: 'hooks', body: JSON.stringify(stdin ?? body), timeMs: Date.parse(t) }
  })
}

function otlpOf(scenario: string): Sent[] {
  return (['logs', 'metrics', 'traces'] as const)
    .filter((to) => capturesIn(scenario, /otlp-/).includes(`${scenario}/otlp-${to}.jsonl`))
    .flatMap((to) => linesOf(`${scenario}/otlp-${to}.jsonl`).map((body) => ({ to, body })))
}

function linesOf(name: string): string[] {
  return capture(name).trim().split('\n')
}

function sessionOf(scenario: string): string {
  return JSON.parse(hooksOf(scenario)[0]?.body ?? '{}').session_id
}

/** The last revision of a session. */
function lastOf(ledger: readonly LedgerLine[], scenario: string): LedgerLine {
  const line = ledger.findLast(({ session_id }) => session_id === sessionOf(scenario))
  if (line === undefined) throw new Error(`${scenario} is not in the ledger`)
  return line
}

function expectKnown({ totals, tools, invocations }: LedgerLine, known: Known): void {
  const calls = Object.values(known.tools).reduce((sum, count) => sum + count, 0)
  expect(Object.fromEntries(Object.entries(tools).map(([tool, use]) => [tool, use.calls]))).toEqual(known.tools)
  expect(totals.tool_calls ?? 0).toBe(calls)
  expect(totals.tool_failures ?? 0).toBe(known.failed)
  expect(totals.prompts).toBe(known.prompts)
  expect([totals.tasks_created, totals.tasks_completed]).toEqual([known.tasks, known.tasks])
  expect(invocations).toHaveLength(known.subagents)
}

function expectAll(line: LedgerLine, scenario: string): void {
  const expected = expectedOf(scenario)
  expectKnown(line, knownOf(scenario))
  expect(line.totals).toMatchObject({
    fresh_input_tokens: expected.tokens.input,
    output_tokens: expected.tokens.output,
    model_calls: expected.api_requests,
    model_errors: expected.api_errors,
    tool_rejections: 0,
  })
}

function agentTypeOf(scenario: string, otherwise: string): string {
  return scenario.endsWith('10-agent-flag') ? 'my-reviewer' : otherwise
}

describe.runIf(HAVE_CAPTURES)('Claude Code hooks', () => {
  test('alone tell all but tokens and costs', async () => {
    const { ledger } = await runListening(SCENARIOS.flatMap((scenario) => hooksOf(scenario)))
    for (const scenario of SCENARIOS) {
      const line = lastOf(ledger, scenario)
      expectKnown(line, knownOf(scenario))
      expect(line.agent_type).toBe(agentTypeOf(scenario, 'claude-code'))
      expect(line.trigger).toBe(scenario.endsWith('KILL') ? 'end_of_input' : 'end_signal')
      expect(line.sources).toEqual(['claude_hooks'])
      for (const unknown of ['output_tokens', 'cost_usd', 'model_calls', 'tool_rejections']) {
        expect(line.totals, scenario).not.toHaveProperty(unknown)
      }
    }
  })

  test('that come over HTTP and from a command at once count once', async () => {
    const scenario = 'claude-code-2.1.328/01-print-default'
    const { ledger } = await runListening([...hooksOf(scenario), ...hooksOf(scenario, 'hooks-http-post.jsonl')])
    expectKnown(lastOf(ledger, scenario), knownOf(scenario))
  })

  test('leave nothing unknown', async () => {
    const { accounts } = await runListening(SCENARIOS.flatMap((scenario) => hooksOf(scenario)))
    for (const [component, { unknownNames, noticed, settled }] of accounts) {
      expect({ component, unknownNames, noticed }).toEqual({ component, unknownNames: {}, noticed: {} })
      expect(Object.keys(settled).filter((key) => key.startsWith('dropped'))).toEqual([])
    }
  })

  test(`with OTLP are never added, in ${INTERLEAVINGS} orders with duplicates (seed ${SEED})`, {
    timeout: 300_000,
  }, async () => {
    const requests = SCENARIOS.flatMap((scenario) => [...hooksOf(scenario), ...otlpOf(scenario)])
    for (let round = 0; round < INTERLEAVINGS; round++) {
      const { ledger } = await runListening(shuffled(requests, SEED + round))
      for (const scenario of SCENARIOS) {
        const line = lastOf(ledger, scenario)
        expectAll(line, scenario)
        expect(line.agent_type).toBe(agentTypeOf(scenario, 'lab-agent'))
      }
    }
  })
})

/** In a random order, some of them twice. */
function shuffled(requests: readonly Sent[], seed: number): Sent[] {
  const random = randomFrom(seed)
  const twice = requests.filter(() => random() < SHARE_TWICE).map((sent) => later(sent, random()))
  return [...requests, ...twice]
    .map((sent) => ({ sent, order: random() }))
    .toSorted((a, b) => a.order - b.order)
    .map(({ sent }) => sent)
}

/** A hook event that comes twice comes up to 2 s later. */
function later(sent: Sent, share: number): Sent {
  return sent.timeMs === undefined ? sent : { ...sent, timeMs: sent.timeMs + Math.floor(2000 * share) }
}

/** Numbers from 0 to 1, the same for the same seed (mulberry32). */
function randomFrom(seed: number): () => number {
  let state = seed
  return () => {
    state = (state + 0x6d2b79f5) | 0
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32
  }
}
