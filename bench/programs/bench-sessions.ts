import type { LedgerLine } from '#src/model/assessment.ts'
import { LEDGER_SCHEMA } from '#src/model/assessment.ts'
import type { Session } from '#src/model/session.ts'
import type { Random } from '../../scripts/samples/random.ts'

/** Sessions and ledger lines of a year's size, for benchmarks of what comes after the reading. */

const AGENT_TYPES = 20
const MINUTE_MS = 60_000
const FIRST_MS = Date.UTC(2025, 0, 1)
const SOURCES = ['evaluations', 'hook_spans']
const TOOLS = ['Read', 'Edit', 'Write', 'Bash', 'Grep', 'Glob', 'TaskCreate', 'TaskUpdate']
const KPIS = [
  'token_efficiency',
  'fresh_token_efficiency',
  'task_completion_rate',
  'active_time_ratio',
  'tool_overhead_ratio',
  'cache_efficiency',
  'error_rate',
  'tool_failure_rate',
  'compactions',
  'quality_relevance',
  'quality_faithfulness',
  'quality_coherence',
  'quality_hallucination',
]

/** @param number tells when it was: one session each minute */
export function benchSession(number: number, random: Random): Session {
  const startedAtMs = FIRST_MS + number * MINUTE_MS
  const endedAtMs = startedAtMs + 40 * MINUTE_MS
  const calls = (): number => random.integer(1, 30)
  return {
    id: sessionId(number),
    revision: 1,
    trigger: 'idle',
    agentType: agentType(number),
    agentVersion: undefined,
    startedAtMs,
    endedAtMs,
    sources: SOURCES,
    activeIntervals: [
      [startedAtMs, startedAtMs + random.integer(1, 20) * MINUTE_MS],
      [startedAtMs + 30 * MINUTE_MS, endedAtMs],
    ],
    processStartsMs: [startedAtMs],
    processEndsMs: [endedAtMs],
    modelUse: undefined,
    meteredUse: { tokens: undefined, costUsd: undefined, activeSeconds: undefined },
    rejections: undefined,
    tokenCounters: [{ counter: 'transcript', model: 'claude-opus-4-6', snapshots: snapshots(startedAtMs, random) }],
    tools: Object.fromEntries(
      TOOLS.map((tool) => [tool, { calls: calls(), failures: random.integer(0, 1), unknown: 0 }]),
    ),
    tasks: {
      creates: 5,
      updates: 10,
      statuses: { 1: 'completed', 2: 'completed', 3: 'in_progress' },
      completedWithoutId: 0,
    },
    evaluations: { relevance: [score(random), 1], faithfulness: [score(random)], coherence: [score(random)] },
    prompts: 6,
    compactions: 0,
    spans: { count: 150, notOk: 2, longMs: 90_000 },
    invocations: [],
  }
}

/** The line that is in the ledger for such a session, as far as a reader can tell. */
export function benchLine(number: number, random: Random): LedgerLine {
  const startedAt = new Date(FIRST_MS + number * MINUTE_MS).toISOString()
  const values = Object.fromEntries(KPIS.map((kpi) => [kpi, random.next()]))
  return {
    schema: LEDGER_SCHEMA,
    session_id: sessionId(number),
    revision: 1,
    date: startedAt,
    started_at: startedAt,
    ended_at: new Date(FIRST_MS + (number + 40) * MINUTE_MS).toISOString(),
    agent_type: agentType(number),
    agent_version: null,
    model: 'claude-opus-4-6',
    duration_seconds: 2400,
    kpis: values,
    evidence: Object.fromEntries(KPIS.map((kpi) => [kpi, { n: 5, sources: SOURCES, estimated: false }])),
    absent: {},
    completeness: 1,
    baselines: values,
    std_devs: values,
    deviations: values,
    alert_level: 'PASS',
    alerts: [],
    notes: [],
    suggestions: [],
    optimizations_active: [],
    arm: null,
    totals: { fresh_input_tokens: 829, cache_read_tokens: 3_513_103, output_tokens: 19_410, tool_calls: 54 },
    tools: Object.fromEntries(TOOLS.map((tool) => [tool, { calls: 9, failures: 1 }])),
    invocations: [],
    sources: SOURCES,
    trigger: 'idle',
  }
}

function sessionId(number: number): string {
  return `${number.toString(16).padStart(8, '0')}-51f3-49d3-b283-c00093880453`
}

function agentType(number: number): string {
  return `agent-${number % AGENT_TYPES}`
}

function score(random: Random): number {
  return Math.round(100 * random.between(0.8, 1)) / 100
}

function snapshots(startMs: number, random: Random) {
  return Array.from({ length: 8 }, (_, n) => ({
    timeMs: startMs + n * 5 * MINUTE_MS,
    messages: 12 * (n + 1),
    tokens: {
      freshInput: 90 * (n + 1),
      cacheRead: 400_000 * (n + 1),
      cacheCreation: 9000 * (n + 1),
      output: random.integer(1000, 2000) * (n + 1),
      reasoning: 0,
    },
  }))
}
