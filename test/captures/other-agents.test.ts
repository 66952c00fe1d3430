import { afterAll, describe, expect, test } from 'vitest'
import type { LedgerLine } from '#src/model/assessment.ts'
import { onlyLine, type Run, runPipeline } from '../pipelines/harness.ts'
import { capture, capturesIn, HAVE_CAPTURES, reportCaptures } from './captures.ts'
import { codexRollout, copilotMetrics, geminiChat, type LocalTotals, qwenChat, qwenUsageRecord } from './local-logs.ts'

afterAll(() => reportCaptures('other agents'))

type SignalName = 'logs' | 'traces' | 'metrics'

/** What a signal knows of a session, all by itself. */
interface Knows {
  readonly tokens: boolean
  readonly calls: boolean
  /** `some`: what never began is missing. */
  readonly tools: boolean | 'some'
}

const ALL: Knows = { tokens: true, calls: true, tools: true }

interface Agent {
  readonly folder: string
  readonly agentType: string
  readonly version: string | undefined
  readonly local: () => LocalTotals
  /** Signals from which alone a session comes about. */
  readonly alone: Readonly<Partial<Record<SignalName, Knows>>>
  /** Signals that name no session. */
  readonly sessionless: readonly SignalName[]
}

const AGENTS: readonly Agent[] = [
  {
    folder: 'codex-0.169.0',
    agentType: 'codex_exec',
    version: '0.169.0',
    local: () => codexRollout('codex-0.169.0/rollout.jsonl'),
    alone: { logs: ALL },
    sessionless: ['metrics'],
  },
  {
    folder: 'gemini-cli-0.61.0',
    agentType: 'gemini-cli',
    version: undefined,
    local: () => geminiChat('gemini-cli-0.61.0/chat.jsonl'),
    alone: {
      logs: ALL,
      traces: { tokens: false, calls: false, tools: false },
      metrics: { tokens: true, calls: false, tools: false },
    },
    sessionless: [],
  },
  {
    folder: 'qwen-code-0.24.4',
    agentType: 'qwen-code',
    version: '0.24.4',
    local: () => qwenChat('qwen-code-0.24.4/chat.jsonl'),
    alone: { logs: ALL, traces: { ...ALL, tools: 'some' } },
    sessionless: ['metrics'],
  },
  {
    folder: 'copilot-cli-1.0.102',
    agentType: 'github-copilot',
    version: '1.0.102',
    local: () => copilotMetrics('copilot-cli-1.0.102/otlp-metrics.jsonl'),
    alone: { traces: ALL },
    sessionless: ['metrics'],
  },
]

const signalsOf = ({ folder }: Agent): SignalName[] =>
  (['metrics', 'traces', 'logs'] as const).filter((signal) =>
    capturesIn(folder, /./).includes(`${folder}/otlp-${signal}.jsonl`),
  )

const textOf = ({ folder }: Agent, signal: SignalName): string => capture(`${folder}/otlp-${signal}.jsonl`)

function run(agent: Agent, signals: readonly SignalName[], times = 1): Promise<Run> {
  const files = signals.map((signal, n) => [`${n}.jsonl`, textOf(agent, signal).repeat(times)])
  return runPipeline({ files: Object.fromEntries(files) })
}

function expectTokens({ totals }: LedgerLine, local: LocalTotals): void {
  const { fresh_input_tokens = 0, cache_read_tokens = 0, cache_creation_tokens = 0 } = totals
  expect(fresh_input_tokens + cache_read_tokens + cache_creation_tokens).toBe(local.inputTokens)
  expect(totals.cache_read_tokens).toBe(local.cacheReadTokens)
  expect(totals.output_tokens).toBe(local.outputTokens)
  expect(totals.reasoning_tokens).toBe(local.reasoningTokens)
  expect(totals).not.toHaveProperty('cost_usd')
}

function expectAll(line: LedgerLine, local: LocalTotals, { tokens, calls, tools }: Knows): void {
  if (tokens) expectTokens(line, local)
  else expect(line.totals).not.toHaveProperty('output_tokens')
  if (calls) expect(line.totals).toMatchObject({ model_calls: local.modelCalls, model_errors: 0 })
  else expect(line.totals).not.toHaveProperty('model_calls')
  if (tools === false) return expect(line.tools).toEqual({})
  const counted = Object.entries(line.tools).map(([tool, use]) => [tool, { calls: use.calls, failures: use.failures }])
  if (tools === true) expect(Object.fromEntries(counted)).toEqual(local.tools)
  else expect(local.tools).toMatchObject(Object.fromEntries(counted))
}

describe.runIf(HAVE_CAPTURES).for(AGENTS)('$folder', (agent) => {
  const alone = Object.entries(agent.alone) as [SignalName, Knows][]

  test.for(alone)('%s alone agree with its own log, as far as they know', async ([signal, knows]) => {
    expectAll(onlyLine(await run(agent, [signal])), agent.local(), knows)
  })

  test.for(agent.sessionless)('%s alone make up no session, and are counted', async (signal) => {
    const { ledger, accounts } = await run(agent, [signal])
    expect(ledger).toEqual([])
    const { settled = {} } = accounts.get('processor/sessions/session_grouping') ?? {}
    expect(settled.unattributed).toBeGreaterThan(0)
    expect(settled.used).toBeUndefined()
  })

  test('all signals together count everything once', async () => {
    const line = onlyLine(await run(agent, signalsOf(agent)))
    expectAll(line, agent.local(), ALL)
    expect(line).toMatchObject({ agent_type: agent.agentType, totals: { prompts: 1 } })
    expect(line.agent_version ?? undefined).toBe(agent.version)
  })

  test('nothing is unknown, and nothing is left over', async () => {
    const { accounts } = await run(agent, signalsOf(agent))
    const account = accounts.get('processor/sessions/session_grouping')
    expect(account?.unknownNames).toEqual({})
    expect(account?.settled).not.toHaveProperty('unattributed')
  })

  test('whatever comes twice changes nothing', async () => {
    const once = onlyLine(await run(agent, signalsOf(agent)))
    const twice = onlyLine(await run(agent, signalsOf(agent), 2))
    expect({ ...twice, evidence: {} }).toEqual({ ...once, evidence: {} })
  })
})

describe.runIf(HAVE_CAPTURES)('what only one of them shows', () => {
  const [codex, gemini, qwen] = AGENTS

  test('Qwen’s own summary agrees with its chat', () => {
    expect(qwenUsageRecord('qwen-code-0.24.4/usage_record.jsonl')).toEqual(qwenChat('qwen-code-0.24.4/chat.jsonl'))
  })

  test('Qwen says when a session ends', async () => {
    if (qwen === undefined) throw new Error('no Qwen')
    expect(onlyLine(await run(qwen, ['logs'])).trigger).toBe('end_signal')
  })

  test('Codex’s time at work is in its metrics, which reach the session that they belong to', async () => {
    if (codex === undefined) throw new Error('no Codex')
    const kpiOf = async (signals: SignalName[]) => onlyLine(await run(codex, signals)).kpis.active_time_ratio
    const line = onlyLine(await run(codex, ['logs', 'metrics']))
    expect(line.sources).toEqual(['codex_logs', 'codex_metrics'])
    expect(await kpiOf(['logs', 'metrics'])).not.toBe(await kpiOf(['logs']))
  })

  test('Gemini’s cumulative metrics of a second process of the session add up', async () => {
    if (gemini === undefined) throw new Error('no Gemini')
    const first = textOf(gemini, 'metrics')
    const second = first.replace(/"((?:startT|t)imeUnixNano)":"(\d+)"/g, (_all, key: string, nanos: string) => {
      return `"${key}":"${BigInt(nanos) + 60_000_000_000n}"`
    })
    const { totals } = onlyLine(await runPipeline({ files: { '0.jsonl': second, '1.jsonl': first } }))
    const local = gemini.local()
    expect(second).not.toBe(first)
    expect(totals).toMatchObject({
      fresh_input_tokens: 2 * (local.inputTokens - local.cacheReadTokens),
      cache_read_tokens: 2 * local.cacheReadTokens,
      output_tokens: 2 * local.outputTokens,
      reasoning_tokens: 2 * local.reasoningTokens,
    })
  })
})
